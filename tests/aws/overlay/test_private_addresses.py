"""Secondary private IPv4 addresses: each pair shows bare moto doing it and the corrected one not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ..lan import NOBODY, VIP, Lan, refusal


def test_bare_assign_leaves_the_address_on_both(bare: Lan) -> None:
    """moto looks at no other interface, with the flag or without."""
    first, second = bare.nodes
    bare.assign(first, VIP)
    bare.assign(second, VIP)
    bare.assign(second, VIP, move=True)
    assert bare.secondaries(first) == bare.secondaries(second) == [VIP]


def test_assign_refuses_an_address_held_elsewhere(corrected: Lan) -> None:
    """Without AllowReassignment an address stays where it is, and nothing else of the call is done."""
    first, second = corrected.nodes
    corrected.assign(first, VIP)
    for move in (None, False):
        refused = refusal(lambda move=move: corrected.assign(second, "10.0.1.51", VIP, move=move))  # type: ignore[misc]
        assert refused == ("InvalidParameterValue", f"[{VIP}] assigned, but move is not allowed.")
    assert corrected.secondaries(first) == [VIP]
    assert corrected.secondaries(second) == []


def test_assign_moves_an_address_if_allowed(corrected: Lan) -> None:
    """With AllowReassignment the old interface loses the address."""
    first, second = corrected.nodes
    corrected.assign(first, VIP, "10.0.1.51")
    assert corrected.assign(second, VIP, move=True) == [VIP]
    assert corrected.secondaries(first) == ["10.0.1.51"]
    assert corrected.secondaries(second) == [VIP]


def test_bare_assign_answers_with_every_address(bare: Lan) -> None:
    """moto lists what the interface had before, the primary too."""
    first = bare.nodes[0]
    assert bare.assign(first, VIP) == [str(first.private_ip), VIP]


def test_assign_answers_with_what_was_assigned(corrected: Lan) -> None:
    """The answer lists the addresses of the call, also when they were there already."""
    first = corrected.nodes[0]
    assert corrected.assign(first, VIP) == [VIP]
    assert corrected.assign(first, VIP) == [VIP]
    assert corrected.secondaries(first) == [VIP]


def test_bare_assign_takes_what_no_subnet_gives(bare: Lan) -> None:
    """moto takes addresses outside the subnet, and the reserved ones."""
    first = bare.nodes[0]
    bare.assign(first, "10.0.2.50", "10.0.1.3")
    assert bare.secondaries(first) == ["10.0.2.50", "10.0.1.3"]


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ("10.0.2.50", "Address does not fall within the subnet's address range"),
        ("10.0.1.0", "Address 10.0.1.0 is in subnet's reserved address range"),
        ("10.0.1.3", "Address 10.0.1.3 is in subnet's reserved address range"),
        ("10.0.1.255", "Address 10.0.1.255 is in subnet's reserved address range"),
        ("10.0.1.500", "invalid value for parameter address: 10.0.1.500"),
    ],
)
def test_assign_refuses_what_no_subnet_gives(corrected: Lan, address: str, text: str) -> None:
    """An address has to be a usable one of the interface's own subnet."""
    refused = refusal(lambda: corrected.assign(corrected.nodes[0], address))
    assert refused == ("InvalidParameterValue", text)


def test_bare_assign_takes_a_primary_address(bare: Lan) -> None:
    """moto makes the primary address of another interface a secondary one."""
    first, second = bare.nodes
    bare.assign(first, str(second.private_ip), move=True)
    assert bare.secondaries(first) == [str(second.private_ip)]


@pytest.mark.parametrize("number", [0, 1])
def test_assign_refuses_a_primary_address(corrected: Lan, number: int) -> None:
    """A primary address never moves, nor does it become a secondary one."""
    primary = str(corrected.nodes[number].private_ip)
    refused = refusal(lambda: corrected.assign(corrected.nodes[0], primary, move=True))
    assert refused == ("InvalidParameterValue", "secondary-addresses")


def test_bare_assign_knows_no_limit(bare: Lan) -> None:
    """moto lets an interface have as many addresses as one likes."""
    first = bare.nodes[0]
    bare.assign(first, *(f"10.0.1.{50 + number}" for number in range(20)))
    assert len(bare.secondaries(first)) == 20


def test_assign_refuses_more_than_the_instance_type_has(corrected: Lan) -> None:
    """An interface of a t3.medium has six addresses; asking again for one it has is no seventh."""
    first = corrected.nodes[0]
    five = [f"10.0.1.{50 + number}" for number in range(5)]
    corrected.assign(first, *five)
    assert corrected.assign(first, *five) == five
    refused = refusal(lambda: corrected.assign(first, "10.0.1.60"))
    assert refused == ("PrivateIpAddressLimitExceeded", "Number of private addresses will exceed limit.")
    assert corrected.secondaries(first) == five


def test_assign_chooses_free_addresses(corrected: Lan) -> None:
    """With a count EC2 chooses; what is taken is not chosen."""
    first, second = corrected.nodes
    corrected.assign(second, "10.0.1.4")
    answer = corrected.ec2.assign_private_ip_addresses(
        NetworkInterfaceId=first.interface_id, SecondaryPrivateIpAddressCount=2
    )
    chosen = [one["PrivateIpAddress"] for one in answer["AssignedPrivateIpAddresses"]]
    assert chosen == corrected.secondaries(first) == ["10.0.1.5", "10.0.1.6"]


def test_refuses_an_unknown_interface(corrected: Lan) -> None:
    """There is nothing to assign to, or to unassign from."""
    nobody = replace(corrected.nodes[0], interface_id=NOBODY)
    for call in (corrected.assign, corrected.unassign):
        code, _ = refusal(lambda call=call: call(nobody, VIP))  # type: ignore[misc]
        assert code == "InvalidNetworkInterfaceID.NotFound"


def test_bare_unassign_takes_anything(bare: Lan) -> None:
    """moto unassigns what is not there, and the primary address."""
    first = bare.nodes[0]
    bare.unassign(first, VIP)
    bare.unassign(first, str(first.private_ip))
    assert bare.shown(first)["PrivateIpAddresses"] == []


def test_unassign_refuses_an_address_held_elsewhere(corrected: Lan) -> None:
    """A late release of an address that has moved ends in an error and changes nothing."""
    first, second = corrected.nodes
    corrected.assign(second, VIP)
    corrected.assign(first, "10.0.1.51")
    refused = refusal(lambda: corrected.unassign(first, "10.0.1.51", VIP))
    text = f"Some of the specified addresses are not assigned to interface {first.interface_id}"
    assert refused == ("InvalidParameterValue", text)
    assert corrected.secondaries(first) == ["10.0.1.51"]
    assert corrected.secondaries(second) == [VIP]


def test_unassign_refuses_the_primary_address(corrected: Lan) -> None:
    """An interface keeps its primary address for life."""
    first = corrected.nodes[0]
    code, text = refusal(lambda: corrected.unassign(first, str(first.private_ip)))
    assert code == "InvalidParameterValue"
    assert "primary" in text


def test_unassigned_address_is_free_for_others(corrected: Lan) -> None:
    """Unassign and assign without the flag is the careful way to move an address."""
    first, second = corrected.nodes
    corrected.assign(first, VIP)
    corrected.unassign(first, VIP)
    assert corrected.assign(second, VIP) == [VIP]
    assert corrected.secondaries(first) == []


def test_addresses_are_free_after_their_instance(corrected: Lan) -> None:
    """A terminated node holds nothing."""
    first, second = corrected.nodes
    corrected.assign(first, VIP)
    corrected.ec2.terminate_instances(InstanceIds=[first.instance_id])
    assert corrected.assign(second, VIP) == [VIP]


def test_an_elastic_ip_moves_with_its_private_address(corrected: Lan) -> None:
    """After a reassignment the Elastic IP is at the new interface, under the association id it had."""
    first, second = corrected.nodes
    corrected.assign(first, VIP)
    allocation = corrected.allocate()
    before = corrected.associate(allocation, first, VIP)
    corrected.assign(second, VIP, move=True)
    shown = corrected.elastic(allocation)
    assert (shown["NetworkInterfaceId"], shown["InstanceId"]) == (second.interface_id, second.instance_id)
    assert (shown["PrivateIpAddress"], shown["AssociationId"]) == (VIP, before)
    assert corrected.associations(first) == {}
    assert corrected.associations(second) == {VIP: allocation}


def test_unassign_ends_the_association_of_an_elastic_ip(corrected: Lan) -> None:
    """The Elastic IP of an unassigned address is free; that of another address is not touched."""
    first = corrected.nodes[0]
    corrected.assign(first, VIP, "10.0.1.51")
    allocation, other = corrected.allocate(), corrected.allocate()
    corrected.associate(allocation, first, VIP)
    corrected.associate(other, first, "10.0.1.51")
    corrected.unassign(first, VIP)
    assert "AssociationId" not in corrected.elastic(allocation)
    assert corrected.associations(first) == {"10.0.1.51": other}
