"""IPv6 addresses of an interface: one that another has is refused, because IPv6 has no reassignment.

Assigning one's own address again succeeds and assigns nothing. A refused call changes nothing.
Sources: EC2 API Reference, AssignIpv6Addresses, UnassignIpv6Addresses. How EC2 words the refusals is not
documented; these are the codes and texts of the IPv4 actions, which is a guess.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from ipaddress import IPv6Address, IPv6Network
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models.elastic_network_interfaces import NetworkInterfaceBackend
from moto.ec2.responses.elastic_network_interfaces import ElasticNetworkInterfaces

from . import addresses
from .correction import Correction


def corrections() -> Iterator[Correction]:
    yield Correction(ElasticNetworkInterfaces, "assign_ipv6_addresses", _assign)
    yield Correction(NetworkInterfaceBackend, "unassign_ipv6_addresses", _unassign)


def _assign(_: Callable[..., Any]) -> Callable[..., Any]:
    """Of the response, because it lists only what is new."""

    def assign_ipv6_addresses(response: Any) -> ActionResult:
        backend = response.ec2_backend
        interface = backend.get_network_interface(response._get_param("NetworkInterfaceId"))
        before = set(interface.ipv6_addresses)
        wanted = _canonical(response._get_param("Ipv6Addresses", []))
        _refuse_taken(interface, wanted)
        backend.assign_ipv6_addresses(interface.id, wanted, response._get_int_param("Ipv6AddressCount", 0))
        new = [address for address in interface.ipv6_addresses if address not in before]
        return ActionResult({"NetworkInterfaceId": interface.id, "AssignedIpv6Addresses": new})

    return assign_ipv6_addresses


def _unassign(original: Callable[..., Any]) -> Callable[..., Any]:
    def unassign_ipv6_addresses(backend: Any, eni_id: str, ips: Sequence[str] = ()) -> Any:
        unwanted = _canonical(ips)
        if not set(unwanted) <= set(backend.get_network_interface(eni_id).ipv6_addresses):
            text = f"Some of the specified addresses are not assigned to interface {eni_id}"
            raise addresses.refused(text)
        return original(backend, eni_id, unwanted)

    return unassign_ipv6_addresses


def _refuse_taken(interface: Any, wanted: Sequence[str]) -> None:
    blocks = interface.subnet.ipv6_cidr_block_associations.values()
    for address in wanted:
        addresses.admit(IPv6Address(address), [IPv6Network(block["ipv6CidrBlock"]) for block in blocks])
    others = [one for one in interface.ec2_backend.enis.values() if one is not interface]
    held = {address for one in others for address in one.ipv6_addresses}
    if taken := [address for address in wanted if address in held]:
        raise addresses.refused(f"[{', '.join(taken)}] assigned, but move is not allowed.")


def _canonical(texts: Sequence[str]) -> list[str]:
    return [str(addresses.parsed(text, IPv6Address)) for text in dict.fromkeys(texts)]
