"""A node's metadata service while the API moves addresses."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from vipswitch.testing.aws import AwsCloud, LiveInstance, MetadataServer, NodeSeed, build, live

from .lan import VIP, Lan

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def lan(cloud: AwsCloud, ec2: EC2Client) -> Lan:
    return Lan(cloud, ec2, build(cloud, clients=0, together=True))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def view(lan: Lan, clock: Clock) -> LiveInstance:
    """The first node, followed."""
    return live(lan.cloud, lan.topology, lan.nodes[0], now=clock)


@pytest.fixture
def imds(view: LiveInstance) -> Iterator[MetadataServer]:
    with MetadataServer(view) as server:
        yield server


def told(imds: MetadataServer, path: str) -> list[str] | None:
    """The lines of a document below `meta-data`; None if there is none."""
    ttl = {"X-aws-ec2-metadata-token-ttl-seconds": "60"}
    ask = urllib.request.Request(f"{imds.url}/latest/api/token", method="PUT", headers=ttl)
    with urllib.request.urlopen(ask, timeout=5) as answer:
        token = {"X-aws-ec2-metadata-token": answer.read().decode()}
    try:
        with urllib.request.urlopen(
            urllib.request.Request(f"{imds.url}/latest/meta-data/{path}", headers=token), timeout=5
        ) as answer:
            return answer.read().decode().splitlines()  # type: ignore[no-any-return]
    except urllib.error.HTTPError as refused:
        refused.close()
        if refused.code != 404:
            raise
        return None


def below(node: NodeSeed, name: str) -> str:
    return f"network/interfaces/macs/{node.mac}/{name}"


def test_shows_private_addresses_with_the_primary_first(lan: Lan, imds: MetadataServer) -> None:
    """An address that is assigned appears after the primary one, and goes when it moves away."""
    first, second = lan.nodes
    lan.assign(first, VIP)
    assert told(imds, below(first, "local-ipv4s")) == [str(first.private_ip), VIP]
    assert told(imds, "local-ipv4") == [str(first.private_ip)]
    lan.assign(second, VIP, move=True)
    assert told(imds, below(first, "local-ipv4s")) == [str(first.private_ip)]


def test_shows_ipv6_addresses(lan: Lan, imds: MetadataServer) -> None:
    """An IPv6 address that is assigned appears."""
    first = lan.nodes[0]
    vip = str(first.subnet.ipv6_cidr[0x50])
    lan.ec2.assign_ipv6_addresses(NetworkInterfaceId=first.interface_id, Ipv6Addresses=[vip])
    assert told(imds, below(first, "ipv6s")) == [str(first.ipv6), vip]


def test_shows_which_private_address_is_public(lan: Lan, imds: MetadataServer) -> None:
    """An Elastic IP appears with its private address; that of the primary one is the instance's."""
    first, second = lan.nodes
    lan.assign(first, VIP)
    of_vip, of_primary = lan.allocate(), lan.allocate()
    vip_public, primary_public = (lan.elastic(one)["PublicIp"] for one in (of_vip, of_primary))
    lan.associate(of_vip, first, VIP)
    assert told(imds, below(first, "public-ipv4s")) == [vip_public]
    assert told(imds, below(first, f"ipv4-associations/{vip_public}")) == [VIP]
    assert told(imds, "public-ipv4") is None
    lan.associate(of_primary, first)
    assert told(imds, below(first, "ipv4-associations/")) == [vip_public, primary_public]
    assert told(imds, "public-ipv4") == [primary_public]
    lan.associate(of_vip, second)
    assert told(imds, below(first, "public-ipv4s")) == [primary_public]


def test_node_hears_of_a_move_after_the_lag(lan: Lan, view: LiveInstance, clock: Clock) -> None:
    """Each write becomes visible that long after it was made, however often one looks."""
    first = lan.nodes[0]
    view.lag_s = 3.0
    lan.assign(first, VIP)
    clock.at += 2.0
    lan.assign(first, "10.0.1.51")
    counts = []
    for step in (0.5, 0.5, 1.5, 0.5):
        clock.at += step
        counts.append(len(view().interfaces[0].local_ipv4s))
    assert counts == [1, 2, 2, 3]


def test_node_without_an_interface_shows_the_last_one(lan: Lan, view: LiveInstance) -> None:
    """What is gone from the cloud does not change any more."""
    first, second = lan.nodes
    lan.assign(first, VIP)
    lan.ec2.terminate_instances(InstanceIds=[first.instance_id])
    lan.assign(second, VIP)
    assert [str(address) for address in view().interfaces[0].local_ipv4s] == [str(first.private_ip), VIP]


def test_stale_reads_do_not_touch_the_metadata(lan: Lan, view: LiveInstance) -> None:
    """Old answers of the API are one thing, the addresses of the node another."""
    first = lan.nodes[0]
    lan.cloud.faults.stale_reads(1)
    lan.assign(first, VIP)
    assert str(view().interfaces[0].local_ipv4s[-1]) == VIP
    assert lan.secondaries(first) == []
