"""The virtual network drops, routes and holds its tongue as a cloud network does."""

import subprocess
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network

import pytest

from tests.e2e.pings import answers, ping
from vipswitch.testing.fabric import namespaces, vpc
from vipswitch.testing.fabric.host import Host
from vipswitch.testing.fabric.namespaces import Namespace
from vipswitch.testing.fabric.router import InterfaceId, Network, TableId
from vipswitch.testing.fabric.source_check import Allowed

VIP = IPv4Address("10.99.0.50")
NODES, CLIENT = TableId("rtb-nodes"), TableId("rtb-client")


@dataclass
class Table:
    """Routes that a test changes by hand: one holder in both tables."""

    holder: InterfaceId | None = None
    allowed: dict[InterfaceId, Allowed] = field(default_factory=dict)

    def tables(self) -> Mapping[TableId, Mapping[Network, InterfaceId | None]]:
        return dict.fromkeys((NODES, CLIENT), {IPv4Network(VIP): self.holder} if self.holder else {})

    def sources(self, interface: InterfaceId) -> Allowed:
        return self.allowed.get(interface)


@dataclass
class Net:
    """Two nodes that both have the VIP's address, so that only the routes decide who answers."""

    vpc: vpc.Vpc
    table: Table

    def give(self, node: Host | None, *, checked: bool = False) -> None:
        self.table.holder = InterfaceId(node.name) if node else None
        own = {InterfaceId(node.name): frozenset([node.address])} if node and checked else {}
        self.table.allowed = {**own}
        self.vpc.router.refresh(self.table)


@pytest.fixture
def net(root: None) -> Iterator[Net]:
    with vpc.build(nodes=2) as built:
        net = Net(built, Table())
        interfaces = {InterfaceId(node.name): node for node in built.nodes}
        built.router.follow(net.table, interfaces, {NODES: built.nodes, CLIENT: [built.client]})
        for node in built.nodes:
            node.namespace.ip("address", "add", f"{VIP}/32", "dev", "eth0")
        yield net


def test_packets_follow_the_route_and_nothing_else(net: Net) -> None:
    """Without a route nobody is reached, although both nodes have the address."""
    assert not answers(net.vpc.client, VIP)
    net.give(net.vpc.nodes[0])
    assert answers(net.vpc.client, VIP)
    net.give(None)
    assert not answers(net.vpc.client, VIP)


def test_what_is_dropped_is_dropped_in_silence(net: Net) -> None:
    """A cloud sends no ICMP error where there is no route."""
    assert "errors" not in ping(net.vpc.client, VIP)


def test_a_move_loses_no_packet(net: Net) -> None:
    """The route is replaced in place, fifty times under a stream of packets."""
    one, two = net.vpc.nodes
    net.give(one)

    def move() -> None:
        for node in (two, one) * 25:
            net.give(node)

    mover = threading.Thread(target=move)
    mover.start()
    assert answers(net.vpc.client, VIP, "-c200", "-i0.002")
    mover.join()
    assert len(net.vpc.router.history) == 2 * 51


def test_a_checked_interface_gets_nothing_for_a_foreign_address(net: Net) -> None:
    """And the history says that nobody was reached."""
    node = net.vpc.nodes[0]
    net.give(node, checked=True)
    assert not answers(net.vpc.client, VIP)
    assert answers(net.vpc.client, node.address)
    assert net.vpc.router.history[-1].holder is None


def test_a_checked_interface_sends_nothing_from_a_foreign_address(net: Net) -> None:
    """The check drops both ways."""
    node = net.vpc.nodes[1]
    source = f"-I{VIP}"
    net.give(node)
    assert answers(node, net.vpc.client.address, "-c1", source)
    net.give(node, checked=True)
    assert not answers(node, net.vpc.client.address, "-c1", source)


def test_a_node_that_is_cut_off_hears_and_reaches_nobody_until_healed(net: Net) -> None:
    """Both ways, its path to the API included, while its link stays up."""
    one, two = net.vpc.nodes
    net.give(one)
    assert answers(net.vpc.client, VIP)
    net.vpc.router.cut(one)
    assert not any(
        (answers(net.vpc.client, VIP), answers(two, one.address), answers(one, net.vpc.api.address))
    )
    assert "LOWER_UP" in one.namespace.ip("link", "show", "eth0")
    net.vpc.router.heal(one)
    assert answers(net.vpc.client, VIP)


def test_split_nodes_still_reach_the_api(net: Net) -> None:
    """Only what they send each other is lost."""
    one, two = net.vpc.nodes
    net.vpc.router.split(one, two)
    assert not answers(one, two.address)
    assert answers(one, net.vpc.api.address)
    net.vpc.router.join(one, two)
    assert answers(one, two.address)


def test_what_a_dead_process_left_is_swept_with_the_programs_inside(root: None) -> None:
    """A namespace of a living process stays."""
    dead = subprocess.Popen(["true"])
    dead.wait()
    left, ours = Namespace(f"vs{dead.pid}-left"), Namespace.create("ours")
    try:
        subprocess.run(["ip", "netns", "add", left.name], check=True)
        inside = left.popen(["sleep", "600"])
        while inside.pid not in left.pids():
            assert inside.poll() is None
        namespaces.sweep()
        assert inside.wait() != 0
        assert not (namespaces.NETNS / left.name).exists()
        assert (namespaces.NETNS / ours.name).exists()
    finally:
        ours.delete()
