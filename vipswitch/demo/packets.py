"""Builds the scene with packets: namespaces, a router, a local AWS, a metadata service on every node."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from vipswitch.demo import pgpool, probe
from vipswitch.demo.network import Network
from vipswitch.demo.probes import Probes
from vipswitch.demo.sandbox import FOLDER
from vipswitch.demo.vip import PORT, VIP
from vipswitch.testing.aws import AwsCloud, MetadataServer, Topology, topology
from vipswitch.testing.fabric import aws_routes
from vipswitch.testing.fabric.router import InterfaceId, TableId
from vipswitch.testing.fabric.vpc import METADATA, Vpc, build


@contextmanager
def scene(version: str | None, because: str) -> Iterator[Network]:
    """The scene, all of it running; without a version of Pgpool-II it is played, `because` of that."""
    FOLDER.mkdir()
    with ExitStack() as stack:
        vpc = stack.enter_context(build(nodes=pgpool.NODES if version else 2))
        aws = stack.enter_context(AwsCloud(listener=vpc.api.namespace.listener(str(vpc.api.address), 80)))
        seed = vpc.api.namespace.inside(lambda: topology.build(aws, nodes=len(vpc.nodes)))
        _serve_metadata(stack, vpc, seed)
        _follow(vpc, aws, seed)
        network = Network(vpc, aws, seed, version, because)
        for node in network.nodes:
            stack.callback(node.kill)
            node.respond()
        stack.callback(network.caller.end)
        _ask(stack, vpc, network.probes)
        yield network


def _serve_metadata(stack: ExitStack, vpc: Vpc, seed: Topology) -> None:
    for node, host in zip(seed.nodes, vpc.nodes, strict=True):
        host.set_mac(node.mac)
        listener = host.namespace.listener(str(METADATA), 80)
        stack.enter_context(MetadataServer(seed.instance(node), listener=listener))


def _follow(vpc: Vpc, aws: AwsCloud, seed: Topology) -> None:
    """Let the router follow the cloud's tables; the journal begins after the set-up."""
    pairs = zip(seed.nodes, vpc.nodes, strict=True)
    interfaces = {InterfaceId(node.interface_id): host for node, host in pairs}
    clients, nodes = (TableId(table) for table in seed.tables)
    aws_routes.follow(vpc.router, aws, interfaces, {clients: [vpc.client], nodes: vpc.nodes})
    aws.journal.clear()


def _ask(stack: ExitStack, vpc: Vpc, probes: Probes) -> None:
    program = [sys.executable, "-I", "-S", str(Path(probe.__file__)), f"{VIP}:{PORT}"]
    theirs, ours = os.pipe()
    client = vpc.client.namespace.popen(program, output=ours)
    os.close(ours)
    stack.callback(client.wait)
    stack.callback(client.kill)
    probes.read(theirs)
