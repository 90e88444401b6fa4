"""Nodes in one subnet, and secondary private addresses that packets follow from node to node."""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address

import pytest

from tests.e2e.aws import Aws, serve
from tests.e2e.pings import answers, ping
from vipswitch.testing.fabric.host import Host
from vipswitch.testing.fabric.vpc import Vpc, build

VIP = IPv4Address("10.0.1.50")


@dataclass
class Net:
    """Two nodes that both have the VIP, so that only the cloud decides who answers."""

    vpc: Vpc
    cloud: Aws

    def assign(self, node: Host) -> None:
        self.cloud.ask(
            lambda aws: aws.ec2().assign_private_ip_addresses(
                NetworkInterfaceId=self.interface(node), PrivateIpAddresses=[str(VIP)], AllowReassignment=True
            )
        )

    def unassign(self, node: Host) -> None:
        self.cloud.ask(
            lambda aws: aws.ec2().unassign_private_ip_addresses(
                NetworkInterfaceId=self.interface(node), PrivateIpAddresses=[str(VIP)]
            )
        )

    def interface(self, node: Host) -> str:
        return next(name for name, host in self.cloud.interfaces().items() if host == node)


@pytest.fixture
def net(root: None) -> Iterator[Net]:
    with build(nodes=2, together=True) as vpc, serve(vpc) as cloud:
        for node in vpc.nodes:
            node.namespace.ip("address", "add", f"{VIP}/32", "dev", "eth0")
        yield Net(vpc, cloud)


def heard(node: Host) -> int:
    """How many IPv4 packets have come to a node: `InReceives` of "Ip" in /proc/net/snmp."""
    names, values = node.namespace.run(["cat", "/proc/net/snmp"]).splitlines()[:2]
    return int(dict(zip(names.split(), values.split(), strict=True))["InReceives"])


def test_nodes_of_one_subnet_reach_each_other_through_the_router(net: Net) -> None:
    """One hop lies between them, and an announcement of the one does not reach the other."""
    one, two = net.vpc.nodes
    assert one.network == two.network
    assert answers(one, two.address)
    assert not answers(one, two.address, "-c1", "-t1")
    one.namespace.run(["arping", "-c1", "-U", "-I", "eth0", str(one.address)])
    neighbours = {line.split()[0] for line in two.namespace.ip("-4", "neighbour").splitlines()}
    assert neighbours == {str(two.gateway)}


def test_packets_follow_a_secondary_address(net: Net) -> None:
    """In place, and the history says who had it when."""
    one, two = net.vpc.nodes
    for holder, other in ((one, two), (two, one)):
        net.assign(holder)
        idle = heard(other)
        assert answers(net.vpc.client, VIP)
        assert heard(other) == idle
    holders = [change.holder for change in net.cloud.addresses.history if change.address == VIP]
    assert holders == [net.interface(one), net.interface(two)]


def test_an_address_that_nobody_has_is_silent(net: Net) -> None:
    """Neither an answer nor an error, before it is assigned and after it is not any more."""
    for node in net.vpc.nodes:
        assert "100% packet loss" in (summary := ping(net.vpc.client, VIP))
        assert "errors" not in summary
        net.assign(node)
        assert answers(net.vpc.client, VIP)
        net.unassign(node)
    assert net.cloud.addresses.history[-1].holder is None


def test_a_node_without_the_address_gets_its_packets_all_the_same(net: Net) -> None:
    """The cloud asks no host what it has; an unready holder is as silent as nobody."""
    node = net.vpc.nodes[0]
    node.namespace.ip("address", "del", f"{VIP}/32", "dev", "eth0")
    net.assign(node)
    before = heard(node)
    assert "errors" not in ping(net.vpc.client, VIP)
    assert heard(node) > before


def test_a_node_sends_only_from_addresses_that_its_interface_has(net: Net) -> None:
    """Until its source/destination check is turned off."""
    one, two = net.vpc.nodes
    source = f"-I{VIP}"
    net.assign(one)
    before = heard(net.vpc.api)
    assert answers(one, net.vpc.client.address, "-c1", source)
    assert "100% packet loss" in ping(two, net.vpc.api.address, "-c1", source)
    assert heard(net.vpc.api) == before
    net.cloud.turn_checks_off()
    ping(two, net.vpc.api.address, "-c1", source)
    assert heard(net.vpc.api) > before


def test_cut_and_split_hold_within_a_subnet(net: Net) -> None:
    """A node that is cut off is reached at none of its addresses."""
    one, two = net.vpc.nodes
    net.assign(one)
    net.vpc.router.split(one, two)
    assert not answers(two, one.address)
    assert answers(net.vpc.client, VIP)
    net.vpc.router.join(one, two)
    net.vpc.router.cut(one)
    client = net.vpc.client
    assert not any((answers(two, one.address), answers(client, VIP), answers(one, net.vpc.api.address)))
    net.vpc.router.heal(one)
    assert answers(two, one.address)
    assert answers(client, VIP)
