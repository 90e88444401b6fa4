"""IPv6 addresses of an interface: each pair shows bare moto doing it and the corrected one not."""

from __future__ import annotations

from vipswitch.testing.aws import NodeSeed

from ..lan import Lan, refusal


def vip(lan: Lan, host: int = 0x50) -> str:
    return str(lan.nodes[0].subnet.ipv6_cidr[host])


def assign(lan: Lan, node: NodeSeed, *addresses: str) -> list[str]:
    answer = lan.ec2.assign_ipv6_addresses(NetworkInterfaceId=node.interface_id, Ipv6Addresses=addresses)
    return answer["AssignedIpv6Addresses"]


def unassign(lan: Lan, node: NodeSeed, *addresses: str) -> list[str]:
    answer = lan.ec2.unassign_ipv6_addresses(NetworkInterfaceId=node.interface_id, Ipv6Addresses=addresses)
    return answer["UnassignedIpv6Addresses"]


def had(lan: Lan, node: NodeSeed) -> list[str]:
    """The node's addresses beside the one that it was made with."""
    shown = [one["Ipv6Address"] for one in lan.shown(node)["Ipv6Addresses"]]
    return [address for address in shown if address != str(node.ipv6)]


def test_bare_assign_leaves_the_address_on_both(bare: Lan) -> None:
    """moto looks at no other interface."""
    for node in bare.nodes:
        assign(bare, node, vip(bare))
    assert [had(bare, node) for node in bare.nodes] == [[vip(bare)], [vip(bare)]]


def test_assign_refuses_an_address_held_elsewhere(corrected: Lan) -> None:
    """IPv6 addresses are not reassigned, however they are spelt."""
    first, second = corrected.nodes
    assign(corrected, first, vip(corrected))
    spelt = corrected.nodes[0].subnet.ipv6_cidr[0x50].exploded.upper()
    refused = refusal(lambda: assign(corrected, second, spelt))
    assert refused == ("InvalidParameterValue", f"[{vip(corrected)}] assigned, but move is not allowed.")
    assert had(corrected, second) == []


def test_bare_assign_answers_with_every_address(bare: Lan) -> None:
    """moto lists what the interface had before."""
    first = bare.nodes[0]
    assert assign(bare, first, vip(bare)) == [str(first.ipv6), vip(bare)]


def test_assign_answers_with_what_is_new(corrected: Lan) -> None:
    """The answer has no address that the interface had before; asking for one of those succeeds."""
    first = corrected.nodes[0]
    assert assign(corrected, first, vip(corrected)) == [vip(corrected)]
    assert assign(corrected, first, vip(corrected)) == []
    assert had(corrected, first) == [vip(corrected)]


def test_bare_assign_takes_what_no_subnet_gives(bare: Lan) -> None:
    """moto takes an address of anywhere."""
    assign(bare, bare.nodes[0], "fd00:99::50")
    assert had(bare, bare.nodes[0]) == ["fd00:99::50"]


def test_assign_refuses_what_no_subnet_gives(corrected: Lan) -> None:
    """An address has to be a usable one of the interface's own subnet."""
    first = corrected.nodes[0]
    outside, reserved = "fd00:99::50", vip(corrected, 3)
    assert "does not fall within" in refusal(lambda: assign(corrected, first, outside))[1]
    assert "reserved" in refusal(lambda: assign(corrected, first, reserved))[1]
    assert refusal(lambda: assign(corrected, first, "10.0.1.50"))[0] == "InvalidParameterValue"
    assert had(corrected, first) == []


def test_bare_unassign_takes_anything(bare: Lan) -> None:
    """moto unassigns what is not there."""
    assert unassign(bare, bare.nodes[0], vip(bare)) == []


def test_unassign_refuses_an_address_held_elsewhere(corrected: Lan) -> None:
    """A late release of an address that has moved ends in an error and changes nothing."""
    first, second = corrected.nodes
    assign(corrected, second, vip(corrected))
    refused = refusal(lambda: unassign(corrected, first, vip(corrected)))
    text = f"Some of the specified addresses are not assigned to interface {first.interface_id}"
    assert refused == ("InvalidParameterValue", text)
    assert had(corrected, second) == [vip(corrected)]


def test_unassigned_address_is_free_for_others(corrected: Lan) -> None:
    """Unassign and assign is the way to move an address."""
    first, second = corrected.nodes
    assign(corrected, first, vip(corrected))
    assert unassign(corrected, first, vip(corrected)) == [vip(corrected)]
    assert assign(corrected, second, vip(corrected)) == [vip(corrected)]
