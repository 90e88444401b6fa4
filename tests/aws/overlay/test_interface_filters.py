"""DescribeNetworkInterfaces filters: each pair shows bare moto failing and the corrected one not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from vipswitch.testing.aws import NodeSeed

from ..lan import VIP, Lan, refusal


def test_bare_filter_sees_the_primary_address_only(bare: Lan) -> None:
    """moto does not find an interface by its secondary address."""
    bare.assign(bare.nodes[0], VIP)
    assert bare.where(addresses__private_ip_address=VIP) == []


def test_filters_by_any_address(corrected: Lan) -> None:
    """Primary and secondary addresses count, under either name of the filter."""
    first = corrected.nodes[0]
    corrected.assign(first, VIP)
    for address in (VIP, str(first.private_ip)):
        assert corrected.where(addresses__private_ip_address=address) == [first.interface_id]
        assert corrected.where(private_ip_address=address) == [first.interface_id]


def test_filters_by_any_of_several_addresses(corrected: Lan) -> None:
    """One of the values is enough."""
    first, second = corrected.nodes
    corrected.assign(first, VIP)
    either = [VIP, str(second.private_ip), "10.0.1.99"]
    assert corrected.where(addresses__private_ip_address=either) == [first.interface_id, second.interface_id]


def test_bare_lacks_the_filter_on_ipv6_addresses(bare: Lan) -> None:
    """moto fails inside on a documented filter."""
    code, _ = refusal(lambda: bare.where(ipv6_addresses__ipv6_address=str(bare.nodes[0].ipv6)))
    assert code == "InternalFailure"


def test_filters_by_ipv6_address(corrected: Lan) -> None:
    """An interface is found by its IPv6 address."""
    first = corrected.nodes[0]
    assert corrected.where(ipv6_addresses__ipv6_address=str(first.ipv6)) == [first.interface_id]


def test_filters_by_elastic_ip(corrected: Lan) -> None:
    """An interface is found by what is associated with it."""
    first = corrected.nodes[0]
    allocation = corrected.allocate()
    association = corrected.associate(allocation, first)
    public = corrected.elastic(allocation)["PublicIp"]
    assert corrected.where(association__allocation_id=allocation) == [first.interface_id]
    assert corrected.where(association__association_id=association) == [first.interface_id]
    assert corrected.where(association__public_ip=public) == [first.interface_id]


def test_refuses_an_unknown_filter(corrected: Lan) -> None:
    """There is no filter of that name; EC2 says so."""
    refused = refusal(lambda: corrected.where(colour="green"))
    assert refused == ("InvalidParameterValue", "The filter 'colour' is invalid")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("subnet_id", lambda node: node.subnet_id),
        ("attachment__instance_id", lambda node: node.instance_id),
        ("network_interface_id", lambda node: node.interface_id),
        ("mac_address", lambda node: node.mac),
        ("tag:role", lambda _: "primary"),
    ],
)
def test_filters_by_what_an_interface_is(corrected: Lan, name: str, value: Callable[[NodeSeed], str]) -> None:
    """The filters that moto has go on working."""
    first, second = corrected.nodes
    corrected.ec2.create_tags(Resources=[first.interface_id], Tags=[{"Key": "role", "Value": "primary"}])
    found = corrected.where(**{name: value(first)})
    both = [first.interface_id, second.interface_id]
    assert found == (both if name == "subnet_id" else [first.interface_id])
    assert corrected.where(**{name: "none"}) == []
