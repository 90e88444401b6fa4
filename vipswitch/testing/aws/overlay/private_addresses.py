"""Secondary private IPv4 addresses: who may have them, and that they leave the interface they move from.

An address is on one interface of its subnet. One held elsewhere as a secondary moves if the caller allows it,
else the call is refused; one that is a primary never moves. An Elastic IP goes along with its private
address, under the same association id, and is disassociated when that address is unassigned. How many
addresses an interface may have is up to the type of its instance. A refused call changes nothing.
Not known of EC2 and chosen here: that the association id stays, that one's own primary is refused like
another's, the text for unassigning a primary; an interface without an instance has no limit.
Sources: EC2 API Reference, AssignPrivateIpAddresses, UnassignPrivateIpAddresses; texts as quoted in the
Ansible module ec2_eni, in aws-sdk-go issue 2864 and fog-aws issue 115 (a primary) and in amazon-vpc-cni-k8s
issue 989 (the limit).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from ipaddress import IPv4Address, IPv4Network
from itertools import islice
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.elastic_network_interfaces import NetworkInterfaceBackend
from moto.ec2.models.instance_types import INSTANCE_TYPES
from moto.ec2.responses.elastic_network_interfaces import ElasticNetworkInterfaces

from . import addresses, bindings
from .correction import Correction


def corrections() -> Iterator[Correction]:
    yield Correction(ElasticNetworkInterfaces, "assign_private_ip_addresses", _assign)
    yield Correction(NetworkInterfaceBackend, "unassign_private_ip_addresses", _unassign)


def _assign(_: Callable[..., Any]) -> Callable[..., Any]:
    """Of the response, because moto does not hand AllowReassignment on."""

    def assign_private_ip_addresses(response: Any) -> ActionResult:
        interface = response.ec2_backend.get_network_interface(response._get_param("NetworkInterfaceId"))
        asked = dict.fromkeys(response._get_param("PrivateIpAddresses", []))
        count = response._get_int_param("SecondaryPrivateIpAddressCount", 0)
        wanted = list(asked) or list(islice(_free(interface), count))
        _refuse_taken(interface, wanted, may_move=response._get_param("AllowReassignment", False))
        _refuse_too_many(interface, wanted)
        for address in wanted:
            _give(interface, address)
        assigned = [{"PrivateIpAddress": address} for address in wanted]
        return ActionResult({"NetworkInterfaceId": interface.id, "AssignedPrivateIpAddresses": assigned})

    return assign_private_ip_addresses


def _unassign(_: Callable[..., Any]) -> Callable[..., Any]:
    def unassign_private_ip_addresses(
        backend: Any, eni_id: str, private_ip_address: Sequence[str] = ()
    ) -> Any:
        interface = backend.get_network_interface(eni_id)
        if not set(private_ip_address) <= set(addresses.of(interface)):
            text = f"Some of the specified addresses are not assigned to interface {eni_id}"
            raise addresses.refused(text)
        if interface.private_ip_address in private_ip_address:
            text = f"{interface.private_ip_address} is the primary address of interface {eni_id}"
            raise addresses.refused(f"{text} and cannot be unassigned")
        for address in private_ip_address:
            if eip := bindings.at(interface, address):
                bindings.end(eip)
            _take(interface, address)
        return interface

    return unassign_private_ip_addresses


def _refuse_taken(interface: Any, wanted: Sequence[str], *, may_move: bool) -> None:
    taken = []
    for address in wanted:
        addresses.admit(addresses.parsed(address, IPv4Address), [IPv4Network(interface.subnet.cidr_block)])
        holder = addresses.holder(interface, address)
        if holder and holder.private_ip_address == address:
            raise addresses.refused("secondary-addresses")
        if holder not in (None, interface):
            taken.append(address)
    if taken and not may_move:
        raise addresses.refused(f"[{', '.join(taken)}] assigned, but move is not allowed.")


def _refuse_too_many(interface: Any, wanted: Sequence[str]) -> None:
    if interface.instance is None:
        return
    limit = INSTANCE_TYPES[interface.instance.instance_type]["NetworkInfo"]["Ipv4AddressesPerInterface"]
    if len({*addresses.of(interface), *wanted}) > limit:
        raise EC2ClientError(
            "PrivateIpAddressLimitExceeded", "Number of private addresses will exceed limit."
        )


def _give(interface: Any, address: str) -> None:
    old = addresses.holder(interface, address)
    if old is interface:
        return
    if old:
        if eip := bindings.at(old, address):
            eip.eni = interface
        _take(old, address)
    interface.private_ip_addresses.append({"Primary": False, "PrivateIpAddress": address})


def _take(interface: Any, address: str) -> None:
    kept = [entry for entry in interface.private_ip_addresses if entry["PrivateIpAddress"] != address]
    interface.private_ip_addresses = kept


def _free(interface: Any) -> Iterator[str]:
    """The addresses of the subnet that nobody has."""
    usable = islice(IPv4Network(interface.subnet.cidr_block).hosts(), addresses.FIRST_USABLE - 1, None)
    return (str(address) for address in usable if addresses.holder(interface, str(address)) is None)
