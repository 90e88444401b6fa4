"""Nodes with several NICs, one for each LAN, as a local AWS describes them."""

import json
from collections.abc import Iterator
from functools import partial
from ipaddress import IPv4Address
from urllib.request import Request, urlopen

import pytest

from tests.e2e.aws import Aws, serve
from tests.e2e.pings import answers
from vipswitch.testing.aws.server import AwsCloud
from vipswitch.testing.aws.topology import InterfaceSeed
from vipswitch.testing.fabric.host import Host
from vipswitch.testing.fabric.vpc import METADATA, build

VIP = IPv4Address("10.0.2.100")
MANY = 60
"""More packets than a NIC hears of its own accord meanwhile."""


@pytest.fixture
def cloud(root: None) -> Iterator[Aws]:
    with build(nodes=2, together=True, lans=2) as vpc, serve(vpc) as cloud:
        yield cloud


def heard(port: Host) -> int:
    """How many packets have come in by this NIC."""
    (link,) = json.loads(port.namespace.ip("-json", "-stats", "link", "show", port.nic))
    return int(link["stats64"]["rx"]["packets"])


def told(node: Host, path: str) -> str:
    """What the node's metadata service says."""

    def ask() -> str:
        base = f"http://{METADATA}/latest"
        ttl = {"X-aws-ec2-metadata-token-ttl-seconds": "60"}
        token = urlopen(Request(f"{base}/api/token", method="PUT", headers=ttl)).read().decode()
        asked = Request(f"{base}/{path}", headers={"X-aws-ec2-metadata-token": token})
        return str(urlopen(asked).read().decode())

    return node.namespace.inside(ask)


def move(aws: AwsCloud, interface: str) -> None:
    """Give the VIP to this interface, whoever has it."""
    aws.ec2().assign_private_ip_addresses(
        NetworkInterfaceId=interface, PrivateIpAddresses=[str(VIP)], AllowReassignment=True
    )


def test_each_lan_is_reached_by_its_own_nic(cloud: Aws) -> None:
    """On both ways: the other NICs of both nodes hear nothing of it."""
    for mine, theirs in cloud.vpc.lans:
        ports = [port for lan in (cloud.vpc.nodes, *cloud.vpc.lans) for port in lan]
        before = {port: heard(port) for port in ports}
        assert answers(mine, theirs.address, f"-c{MANY}", "-i0.01")
        busy = {port for port in ports if heard(port) - before[port] >= MANY}
        assert busy == {mine, theirs}


def test_a_lan_is_cut_without_the_others(cloud: Aws) -> None:
    """And healed."""
    (one, two), (_, other) = cloud.vpc.lans
    cloud.vpc.router.cut(two)
    assert not answers(one, two.address)
    assert answers(one, other.address)
    cloud.vpc.router.heal(two)
    assert answers(one, two.address)


def test_an_address_moves_between_the_interfaces_of_its_lan(cloud: Aws) -> None:
    """Packets follow, and the metadata service of each node tells it at the interface that has it."""
    ids = {port: name for name, port in cloud.interfaces().items()}
    for holder, other in ((0, 1), (1, 0)):
        port, idle = cloud.vpc.lans[0][holder], cloud.vpc.lans[0][other]
        port.namespace.ip("address", "add", f"{VIP}/32", "dev", port.nic)
        cloud.ask(partial(move, interface=ids[port]))
        assert answers(idle, VIP)
        shown = {
            each: told(each, f"meta-data/network/interfaces/macs/{lan.mac}/local-ipv4s")
            for each, lan in zip((port, idle), _seeds(cloud, holder, other), strict=True)
        }
        assert {each: str(VIP) in text for each, text in shown.items()} == {port: True, idle: False}
        port.namespace.ip("address", "del", f"{VIP}/32", "dev", port.nic)


def _seeds(cloud: Aws, *numbers: int) -> list[InterfaceSeed]:
    return [cloud.seed.nodes[number].lans[0] for number in numbers]
