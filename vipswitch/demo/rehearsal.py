"""AWS without packets: what `vipswitch` would ask of a local AWS, and what it reads there.

Rules: changes nothing on this host, whose addresses are not the demo's to change.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from ipaddress import ip_network
from pathlib import Path

from vipswitch.demo import onefile
from vipswitch.demo.given import NO_OTHER_CLOUD, as_file
from vipswitch.demo.node import Node
from vipswitch.demo.screen import Screen
from vipswitch.demo.vip import VIP
from vipswitch.testing.aws import REGION, AwsCloud, MetadataServer, Topology, build

_COMMANDS = (("up", "--dry-run"), ("status",))


def show(screen: Screen) -> list[str]:
    """Two commands on node n2 while n1 holds the VIP; what went wrong."""
    with ExitStack() as stack:
        with screen.working("starting a local AWS"):
            aws = stack.enter_context(AwsCloud())
            seed = build(aws, nodes=2)
            _give(aws, seed)
            metadata = stack.enter_context(MetadataServer(seed.instance(seed.nodes[1])))
            node = _node(stack.enter_context(onefile.own_folder()), seed, _environment(aws, metadata))
        aws.journal.clear()
        problems = [problem for words in _COMMANDS for problem in _run(screen, node, *words)]
        writes = [call.action for call in aws.journal.calls() if call.mutating]
    return [*problems, *(f"--dry-run asked AWS to {action}" for action in writes)]


def _run(screen: Screen, node: Node, verb: str, *options: str) -> list[str]:
    line = " ".join(["vipswitch", verb, str(VIP), *options])
    code, text = node.command(verb, str(VIP), *options)
    screen.output(f"n2$ {line}", text)
    return [f"`{line}` ended with exit code {code}"] if code else []


def _give(aws: AwsCloud, seed: Topology) -> None:
    """Let the first node have the VIP."""
    for table in seed.tables:
        aws.ec2().create_route(
            RouteTableId=table,
            DestinationCidrBlock=str(ip_network(VIP)),
            NetworkInterfaceId=seed.nodes[0].interface_id,
        )


def _environment(aws: AwsCloud, metadata: MetadataServer) -> Mapping[str, str]:
    """The region is given, because the metadata service tells it by an interface that is not here."""
    return {
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL_EC2": aws.url,
        "AWS_EC2_METADATA_SERVICE_ENDPOINT": metadata.url,
        **NO_OTHER_CLOUD,
    }


def _node(folder: Path, seed: Topology, env: Mapping[str, str]) -> Node:
    """`lo`, because every machine has it; the node is given, because no metadata service knows `lo`."""
    node = Node("n2", folder / "n2", serves="", start=onefile.start, tell=lambda _: None)
    keys = {"provider": "aws-route-table", "interface": "lo", "node": seed.nodes[1].interface_id}
    node.tell(as_file(node.folder, {**keys, "route_tables": [*seed.tables]}), env)
    return node
