"""Addresses as a holder, and as the config gives them."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from vipswitch.errors import ConfigError
from vipswitch.model import NodeId
from vipswitch.providers.published import given, parts, together, whole


def test_a_holder_is_written_in_one_way() -> None:
    """IPv4 first, IPv6 as everybody writes it."""
    assert together([ip_address("FD00:0::1"), ip_address("10.0.1.10")]) == "10.0.1.10,fd00::1"
    assert given(" FD00:0::1 ,10.0.1.10", ("A", "AAAA"), on="a VM") == "10.0.1.10,fd00::1"


def test_the_parts_of_a_holder_go_by_their_records() -> None:
    """One address for each type."""
    found = parts(NodeId("10.0.1.10,fd00::1"))
    assert found == {"A": ip_address("10.0.1.10"), "AAAA": ip_address("fd00::1")}


@pytest.mark.parametrize(
    ("node", "types"),
    [
        ("10.0.1.10", ("A", "AAAA")),
        ("10.0.1.10,fd00::1", ("A",)),
        ("10.0.1.10,10.0.1.11", ("A", "AAAA")),
        ("fd00::1", ("A",)),
        ("nic-a", ("A",)),
        ("", ("A",)),
    ],
)
def test_a_node_has_one_address_for_each_type(node: str, types: tuple[str, ...]) -> None:
    """Neither more nor fewer; the hint shows what would be right."""
    with pytest.raises(ConfigError) as caught:
        given(node, types, on="a VM")
    assert "on a VM" in caught.value.hint


def test_a_single_address_belongs_to_the_node_that_has_it() -> None:
    """A record names a node only in part; ids of other methods are no addresses; a stranger stays one."""
    known = [NodeId("eni-0123456789abcdef0"), NodeId("10.0.1.10, FD00:0::1"), NodeId("10.0.1.11,fd00::2")]
    assert whole(NodeId("10.0.1.10"), known) == known[1]
    assert whole(NodeId("fd00::1"), known) == known[1]
    assert whole(NodeId("fd00::2"), known) == known[2]
    assert whole(NodeId("10.0.1.1"), known) == "10.0.1.1"
