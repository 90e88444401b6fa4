"""How a network interface shows its addresses: all of them, each with the Elastic IP associated with it.

moto keeps one public address for the interface, shows no association at the private addresses, and goes on
showing one after the Elastic IP has moved.
Source: EC2 API Reference, NetworkInterfacePrivateIpAddress, NetworkInterfaceAssociation.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moto.ec2.models.elastic_network_interfaces import NetworkInterface

from . import bindings
from .correction import Correction


def corrections() -> Iterator[Correction]:
    """The two lists have the names under which moto's serializer looks for them."""
    yield Correction(NetworkInterface, "public_ip", lambda _: property(_public_ip, _set_automatic))
    yield Correction(NetworkInterface, "association", lambda _: property(_of_primary))
    for name in ("network_interface_private_ip_address_list", "instance_private_ip_address_list"):
        yield Correction(NetworkInterface, name, lambda _: property(_all_addresses))


def _public_ip(interface: Any) -> str | None:
    """The public address of the primary private one."""
    eip = bindings.at(interface, interface.private_ip_address)
    return eip.public_ip if eip else vars(interface).get("public_ip")


def _set_automatic(interface: Any, public_ip: str | None) -> None:
    """The address that EC2 lends a starting instance, which an Elastic IP takes precedence of."""
    vars(interface)["public_ip"] = public_ip


def _of_primary(interface: Any) -> dict[str, str] | None:
    return _association(interface, interface.private_ip_address)


def _all_addresses(interface: Any) -> list[dict[str, Any]]:
    return [_shown(interface, entry) for entry in interface.private_ip_addresses]


def _shown(interface: Any, entry: dict[str, Any]) -> dict[str, Any]:
    address = entry["PrivateIpAddress"]
    association = _association(interface, address)
    shown = {**entry, "Primary": address == interface.private_ip_address}
    return {**shown, "Association": association} if association else shown


def _association(interface: Any, address: str) -> dict[str, str] | None:
    if eip := bindings.at(interface, address):
        ids = {"AllocationId": eip.allocation_id, "AssociationId": eip.association_id}
        return ids | _public(interface, eip.public_ip, owner=interface.owner_id)
    lent = vars(interface).get("public_ip") if address == interface.private_ip_address else None
    return _public(interface, lent, owner="amazon") if lent else None


def _public(interface: Any, address: str, *, owner: str) -> dict[str, str]:
    name = f"ec2-{address.replace('.', '-')}.{interface.ec2_backend.region_name}.compute.amazonaws.com"
    return {"PublicIp": address, "PublicDnsName": name, "IpOwnerId": owner}
