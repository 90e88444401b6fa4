"""A PG-REX pair in a local AWS: two nodes with three NICs, three VIPs, PostgreSQL, Pacemaker, applications.

    service LAN 10.0.1.0/24 eth0    replication LAN 10.0.2.0/24 eth1    interconnect LAN 10.0.3.0/24 eth2

Rules: the configuration is that of examples/pg-rex-aws, by `servers.here`. Pacemaker talks on the
interconnect LAN. Who has a VIP is what the network did. The load of this machine, which all labs share, is
nothing for Pacemaker to go slowly for.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from ipaddress import IPv4Address
from itertools import chain, repeat
from pathlib import Path

from tests.e2e import aws, records
from tests.e2e.aws import Aws
from tests.e2e.evidence import Route
from tests.e2e.pacemaker import servers
from tests.e2e.pacemaker.cluster import TOKEN_MS, Cluster, boot
from tests.e2e.pacemaker.node import Node, corosync_conf
from tests.e2e.pacemaker.pgrex_evidence import Standby, Statement
from vipswitch.testing.aws import AwsCloud
from vipswitch.testing.fabric.host import Host
from vipswitch.testing.fabric.vpc import Vpc, build

_BETWEEN_LOOKS_S = 0.8
VIPS = {
    "primary": IPv4Address("10.0.1.100"),
    "standby": IPv4Address("10.0.1.101"),
    "replication": IPv4Address("10.0.2.100"),
}


class Pair:
    """The running pair, as a scenario sees it."""

    def __init__(self, cloud: Aws, cluster: Cluster, folder: Path) -> None:
        self.cloud = cloud
        self.cluster = cluster
        self.folder = folder
        self.marks: dict[str, float] = {}
        self._former_lives: dict[str, str] = {}

    def mark(self, moment: str) -> None:
        """Note that this happens now."""
        self.marks[moment] = time.monotonic()
        print(f"{self.marks[moment]:.1f} {moment}", file=sys.stderr)

    def node(self, name: str) -> Node:
        return self.cluster.nodes[name]

    def other(self, name: str) -> str:
        """The node that is not this one."""
        return next(each for each in self.cluster.nodes if each != name)

    def primary(self) -> str | None:
        """The node whose server takes writes, if there is exactly one."""
        found = [node.name for node in self.cluster.nodes.values() if _in_recovery(node) == "f"]
        return found[0] if len(found) == 1 else None

    def in_sync(self) -> bool:
        """Whether the primary waits for the standby with each commit, over the replication LAN."""
        name = self.primary()
        if name is None:
            return False
        found = servers.sql(self.node(name), "select client_addr, sync_state from pg_stat_replication")
        port = self._replication(self.other(name))
        return found == f"{port}|sync"

    def standby(self) -> Standby:
        """What the standby's walreceiver is connected to."""
        primary = self.primary()
        assert primary is not None
        name = self.other(primary)
        sender = servers.sql(self.node(name), "select sender_host from pg_stat_wal_receiver") or "nobody"
        source = servers.sql(self.node(primary), "select host(client_addr) from pg_stat_replication") or ""
        return Standby(time.monotonic(), name, sender, source)

    def holders(self) -> dict[str, str | None]:
        """Which node packets to each VIP now reach."""
        return {vip: (moves[-1].holder if moves else None) for vip, moves in self.moves().items()}

    def moves(self) -> Mapping[str, list[Route]]:
        """The history of each VIP; a node is named for all its NICs."""
        found = {vip: records.holders(self.cloud, self.cloud.addresses.history, a) for vip, a in VIPS.items()}
        return {
            vip: [replace(move, holder=move.holder and move.holder.split("-")[0]) for move in moves]
            for vip, moves in found.items()
        }

    def unassign(self, vip: str, name: str) -> None:
        """Take a VIP off a node's interface in AWS, past everybody."""
        address = str(VIPS[vip])
        interfaces = [each for each, port in self.cloud.interfaces().items() if port in self._nics(name)]

        def delete(cloud: AwsCloud) -> None:
            wanted = [{"Name": "addresses.private-ip-address", "Values": [address]}]
            (found,) = cloud.ec2().describe_network_interfaces(Filters=wanted)["NetworkInterfaces"]  # type: ignore[arg-type]
            assert found["NetworkInterfaceId"] in interfaces
            cloud.ec2().unassign_private_ip_addresses(
                NetworkInterfaceId=found["NetworkInterfaceId"], PrivateIpAddresses=[address]
            )

        self.cloud.ask(delete)

    def power_off(self, name: str) -> None:
        """The machine is gone at once."""
        self._former_lives[name] = self.logs()[name]
        self.node(name).crash()
        for port in self._ports(name):
            port.namespace.ip("address", "flush", "dev", port.nic)
            port.configure()

    def power_on(self, name: str) -> None:
        """The machine is there again, its cluster not yet."""
        boot(self.node(name))
        servers.furnish(self.node(name))

    def wait_for(self, happened: Callable[[], bool], within_s: float) -> None:
        """Until it has happened, asked once a second; TimeoutError with what the cluster shows."""
        self.cluster.wait_for(_seldom(happened), within_s)

    def has(self, vip: str, name: str) -> bool:
        """Whether a VIP's address is on a node."""
        return any(str(VIPS[vip]) in found for found in self.addresses()[name].values())

    def addresses(self) -> dict[str, dict[str, list[str]]]:
        """The VIPs on each NIC of each node."""
        return {name: {nic.nic: _vips(nic) for nic in self._nics(name)} for name in self.cluster.nodes}

    def statements(self, what: str) -> list[Statement]:
        """All that an application has said so far."""
        path = self.folder / f"{what}.jsonl"
        complete, _, _ = path.read_text().rpartition("\n") if path.exists() else ("", "", "")
        return [Statement(**json.loads(line)) for line in complete.splitlines()]

    def fenced(self) -> list[str]:
        """Who was fenced, each time."""
        noted = [node.folder / "disk" / "fenced" for node in self.cluster.nodes.values()]
        return [line for path in noted if path.exists() for line in path.read_text().splitlines()]

    def logs(self) -> dict[str, str]:
        """What the machines have logged in all their lives."""
        return {
            name: self._former_lives.get(name, "") + node.logs for name, node in self.cluster.nodes.items()
        }

    def _nics(self, name: str) -> list[Host]:
        return [self.node(name).host, *self._ports(name)]

    def _ports(self, name: str) -> list[Host]:
        number = list(self.cluster.nodes).index(name)
        return [lan[number] for lan in self.cloud.vpc.lans]

    def _replication(self, name: str) -> IPv4Address:
        return self._ports(name)[0].address


@contextmanager
def pair(folder: Path, adapt: Callable[[str], str] = str) -> Iterator[Pair]:
    """The pair, started and configured; `adapt` changes what is loaded into the cluster."""
    with ExitStack() as stack:
        vpc = stack.enter_context(build(nodes=2, together=True, lans=2))
        cloud = stack.enter_context(aws.serve(vpc))
        cluster = Cluster(list(_nodes(vpc, cloud, folder)))
        made = Pair(cloud, cluster, folder)
        for name in cluster.nodes:
            stack.callback(made.power_off, name)
            made.power_on(name)
        servers.create(*cluster.nodes.values())
        cluster.start()
        cluster.configure("property load-threshold=10000%\n")
        cluster.configure(servers.example("fencing.crm"))
        cluster.configure(adapt(servers.example("pg-rex.crm")))
        yield made


@contextmanager
def application(made: Pair, what: str, vip: str) -> Iterator[None]:
    """A program on the client's host that writes or reads by way of a VIP."""
    program = Path(__file__).with_name("sessions.py")
    host = made.cloud.vpc.client
    command = [sys.executable, str(program), what, str(VIPS[vip]), str(made.folder / f"{what}.jsonl")]
    running = host.namespace.popen(command)
    try:
        yield
    finally:
        running.terminate()
        running.wait()


def _nodes(vpc: Vpc, cloud: Aws, folder: Path) -> Iterator[Node]:
    env = {
        **cloud.environment(),
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(servers.ROOT),
        "VIPSWITCH_CONFIG": "/run/vipswitch.toml",
    }
    interconnect = [replace(port, name=node.name) for node, port in zip(vpc.nodes, vpc.lans[1], strict=True)]
    corosync = corosync_conf(interconnect, token_ms=TOKEN_MS, transport="udpu")
    for host in vpc.nodes:
        yield Node(host, folder / host.name, corosync, env)


def _seldom(happened: Callable[[], bool]) -> Callable[[], bool]:
    """The same with a pause before each look that is not the first: looking costs processes."""
    pauses = chain([0.0], repeat(_BETWEEN_LOOKS_S))

    def looked() -> bool:
        time.sleep(next(pauses))
        return happened()

    return looked


def _vips(port: Host) -> list[str]:
    shown = port.namespace.ip("-o", "address", "show", "dev", port.nic)
    return [str(address) for address in VIPS.values() if f" {address}/" in shown]


def _in_recovery(node: Node) -> str | None:
    return servers.sql(node, "select pg_is_in_recovery()") if node.running else None
