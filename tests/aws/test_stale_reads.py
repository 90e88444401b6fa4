"""Eventual consistency: reads that do not see the last write yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from vipswitch.testing.aws import AwsCloud, build

from .lan import Lan

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

    from .conftest import Playground

VIP = "10.99.0.50/32"
ADDRESS = "10.0.1.50"


@pytest.fixture
def lan(cloud: AwsCloud, ec2: EC2Client) -> Lan:
    """A new subnet, whose first node has a secondary address."""
    lan = Lan(cloud, ec2, build(cloud, clients=0, together=True))
    lan.assign(lan.nodes[0], ADDRESS)
    return lan


def test_reads_show_the_old_holder_so_many_times(aws: Playground) -> None:
    """After a ReplaceRoute the next reads show its old target, then the new one."""
    first, second = aws.nodes
    aws.create(VIP, first)
    aws.cloud.faults.stale_reads(2)
    aws.replace(VIP, second)
    assert [aws.holder(VIP) for _ in range(3)] == [
        first.interface_id,
        first.interface_id,
        second.interface_id,
    ]


def test_a_new_route_is_missing_at_first(aws: Playground) -> None:
    """After a CreateRoute the next read does not show it."""
    aws.cloud.faults.stale_reads(1)
    aws.create(VIP, aws.nodes[0])
    assert aws.routes() == {}
    assert VIP in aws.routes()


def test_a_deleted_route_is_still_there_at_first(aws: Playground) -> None:
    """After a DeleteRoute the next read still shows it."""
    aws.create(VIP, aws.nodes[0])
    aws.cloud.faults.stale_reads(1)
    aws.delete(VIP)
    assert VIP in aws.routes()
    assert aws.routes() == {}


def test_tags_of_a_table_are_old_at_first(aws: Playground) -> None:
    """After a CreateTags the next read does not show the tag; a DeleteTags acts on what is there."""
    tag = {"Key": "vipswitch:10.99.0.50", "Value": "released eni-1 1"}
    aws.cloud.faults.stale_reads(1)
    aws.tag(tag)
    assert [aws.tags() for _ in range(2)] == [{}, {tag["Key"]: tag["Value"]}]
    aws.cloud.faults.stale_reads(1)
    aws.untag(tag)
    assert [aws.tags() for _ in range(2)] == [{tag["Key"]: tag["Value"]}, {}]


def test_writes_are_not_stale(aws: Playground) -> None:
    """A write acts on the routes as they are, also while reads show old ones."""
    aws.cloud.faults.stale_reads(2)
    aws.create(VIP, aws.nodes[0])
    aws.replace(VIP, aws.nodes[1])
    assert aws.routes() == {}
    assert aws.routes() == {}
    assert aws.holder(VIP) == aws.nodes[1].interface_id


def test_a_refused_write_leaves_reads_fresh(aws: Playground) -> None:
    """Only a write that took effect makes the next reads stale."""
    first, second = aws.nodes
    aws.create(VIP, first)
    aws.cloud.faults.stale_reads(1)
    with pytest.raises(ClientError):
        aws.create(VIP, second)
    assert aws.holder(VIP) == first.interface_id
    aws.replace(VIP, second)
    assert aws.holder(VIP) == first.interface_id
    assert aws.holder(VIP) == second.interface_id


def test_interfaces_show_the_old_addresses_so_many_times(lan: Lan) -> None:
    """After an address has moved the next reads find it where it was, by filter too."""
    first, second = lan.nodes
    lan.cloud.faults.stale_reads(3)
    lan.assign(second, ADDRESS, move=True)
    assert lan.where(addresses__private_ip_address=ADDRESS) == [first.interface_id]
    assert lan.secondaries(first) == [ADDRESS]
    assert lan.secondaries(second) == []
    assert lan.where(addresses__private_ip_address=ADDRESS) == [second.interface_id]


def test_an_unassigned_address_is_still_there_at_first(lan: Lan) -> None:
    """After an UnassignPrivateIpAddresses the next read still shows the address."""
    first = lan.nodes[0]
    lan.cloud.faults.stale_reads(1)
    lan.unassign(first, ADDRESS)
    assert lan.secondaries(first) == [ADDRESS]
    assert lan.secondaries(first) == []


def test_ipv6_addresses_are_old_at_first(lan: Lan) -> None:
    """After an AssignIpv6Addresses the next read does not show the address."""
    first = lan.nodes[0]
    vip = str(first.subnet.ipv6_cidr[0x50])
    lan.cloud.faults.stale_reads(1)
    lan.ec2.assign_ipv6_addresses(NetworkInterfaceId=first.interface_id, Ipv6Addresses=[vip])
    shown = [[one["Ipv6Address"] for one in lan.shown(first)["Ipv6Addresses"]] for _ in range(2)]
    assert shown == [[str(first.ipv6)], [str(first.ipv6), vip]]


def test_elastic_ips_show_the_old_association_so_many_times(lan: Lan) -> None:
    """After an Elastic IP has moved the next reads show it where it was, at the interfaces too."""
    first, second = lan.nodes
    allocation = lan.allocate()
    old = lan.associate(allocation, first, ADDRESS)
    lan.cloud.faults.stale_reads(2)
    new = lan.associate(allocation, second)
    shown = lan.elastic(allocation)
    assert (shown["AssociationId"], shown["PrivateIpAddress"]) == (old, ADDRESS)
    assert lan.associations(first) == {ADDRESS: allocation}
    assert lan.elastic(allocation)["AssociationId"] == new
    assert lan.associations(first) == {}


def test_a_write_to_an_address_leaves_route_tables_fresh(lan: Lan, aws: Playground) -> None:
    """What is stale is what the write was about."""
    first, second = lan.nodes
    lan.cloud.faults.stale_reads(1)
    lan.assign(second, ADDRESS, move=True)
    aws.create(VIP, aws.nodes[0])
    assert VIP in aws.routes()
    assert lan.secondaries(first) == [ADDRESS]
    assert lan.secondaries(first) == []


def test_writes_to_addresses_are_not_stale(lan: Lan) -> None:
    """A careful move acts on the addresses as they are, also while reads show old ones."""
    first, second = lan.nodes
    lan.cloud.faults.stale_reads(1)
    lan.unassign(first, ADDRESS)
    assert lan.assign(second, ADDRESS) == [ADDRESS]
    lan.cloud.faults.clear()
    assert lan.secondaries(second) == [ADDRESS]
