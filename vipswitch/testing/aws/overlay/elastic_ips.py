"""Elastic IPs: to which private address they are associated, when they move, and when that is refused.

AssociateAddress takes the address from whoever has it, and disassociates another Elastic IP of the same
private address, unless AllowReassociation is false: then both are refused. The same association again changes
nothing and keeps its id, with either value; a new target has a new id, so that the old one ends nothing any
more. The VPC needs an attached internet gateway. An interface that is deleted, also with its instance, takes
its associations with it. Allocated addresses are from 203.0.113.0/24 (RFC 5737); moto's are loopback ones.
Not known of EC2 and chosen here: that a repeated association keeps its id, and the text for a private address
that the interface does not have.
Sources: EC2 API Reference, AssociateAddress, DisassociateAddress, "Error codes"; texts as quoted in ansible
issue 27385, quickstart-linux-bastion issue 21 and cfn101-workshop issue 165.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from ipaddress import IPv4Network
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import ec2_backends
from moto.ec2.models.elastic_ip_addresses import ElasticAddressBackend
from moto.ec2.models.elastic_network_interfaces import NetworkInterfaceBackend
from moto.ec2.responses.elastic_ip_addresses import ElasticIPAddresses

from . import addresses, bindings
from .correction import Correction

_POOL = IPv4Network("203.0.113.0/24")


def corrections() -> Iterator[Correction]:
    yield Correction(ElasticAddressBackend, "allocate_address", _allocate)
    yield Correction(ElasticIPAddresses, "associate_address", _associate)
    yield Correction(ElasticAddressBackend, "disassociate_address", _disassociate)
    yield Correction(NetworkInterfaceBackend, "delete_network_interface", _delete_interface)


def _allocate(original: Callable[..., Any]) -> Callable[..., Any]:
    def allocate_address(backend: Any, domain: str, address: str | None = None, **tagged: Any) -> Any:
        return original(backend, domain, address=address or _unallocated(), **tagged)

    return allocate_address


def _associate(_: Callable[..., Any]) -> Callable[..., Any]:
    """Of the response, because moto does not hand PrivateIpAddress on."""

    def associate_address(response: Any) -> ActionResult:
        interface = _target(response)
        response.error_on_dryrun()
        eip = _elastic_ip(response)
        address = response._get_param("PrivateIpAddress") or interface.private_ip_address
        _refuse_unreachable(interface, address)
        occupant = bindings.at(interface, address)
        if occupant is not eip:
            if not response._get_param("AllowReassociation", True):
                _refuse_associated(eip, occupant, interface.id, address)
            _move(eip, occupant, interface, address)
        return ActionResult({"AssociationId": eip.association_id})

    return associate_address


def _disassociate(_: Callable[..., Any]) -> Callable[..., Any]:
    def disassociate_address(
        backend: Any, address: str | None = None, association_id: str | None = None
    ) -> None:
        known = backend.address_by_ip([address]) if address else backend.addresses
        found = [eip for eip in known if address or eip.association_id == association_id]
        if not found:
            raise _not_found("association", association_id)
        bindings.end(found[0])

    return disassociate_address


def _delete_interface(original: Callable[..., Any]) -> Callable[..., Any]:
    def delete_network_interface(backend: Any, eni_id: str) -> None:
        interface = backend.get_network_interface(eni_id)
        original(backend, eni_id)
        for eip in bindings.on(interface):
            bindings.end(eip)

    return delete_network_interface


def _unallocated() -> str:
    """The first address that no region has."""
    backends = [backend for regions in ec2_backends.values() for backend in regions.values()]
    allocated = {eip.public_ip for backend in backends for eip in backend.addresses}
    for address in _POOL.hosts():
        if str(address) not in allocated:
            return str(address)
    raise EC2ClientError("AddressLimitExceeded", "The maximum number of addresses has been reached.")


def _target(response: Any) -> Any:
    """The interface that is named, or the only one of the instance that is."""
    backend, asked = response.ec2_backend, response._get_params()
    if "InstanceId" not in asked and "NetworkInterfaceId" not in asked:
        raise EC2ClientError("MissingParameter", "Either instance ID or network interface ID is required")
    if "InstanceId" not in asked:
        return backend.get_network_interface(asked["NetworkInterfaceId"])
    instance = backend.get_instance(asked["InstanceId"])
    interfaces = [one for one in instance.nics.values() if one.id in backend.enis]
    if len(interfaces) == 1:
        return interfaces[0]
    raise EC2ClientError("InvalidInstanceID", _not_one_interface(instance.id, len(interfaces)))


def _not_one_interface(instance_id: str, count: int) -> str:
    if not count:
        return f"The instance '{instance_id}' is not in a valid state for this operation."
    text = f"There are multiple interfaces attached to instance '{instance_id}'."
    return f"{text} Please specify an interface ID for the operation instead."


def _elastic_ip(response: Any) -> Any:
    backend, asked = response.ec2_backend, response._get_params()
    if "PublicIp" in asked:
        return backend.address_by_ip([asked["PublicIp"]])[0]
    wanted = asked.get("AllocationId")
    if wanted is None:
        raise EC2ClientError("MissingParameter", "Either public IP or allocation ID must be specified")
    found = next((eip for eip in backend.addresses if eip.allocation_id == wanted), None)
    if found is None:
        raise _not_found("allocation", wanted)
    return found


def _refuse_unreachable(interface: Any, address: str) -> None:
    if address not in addresses.of(interface):
        text = f"The private IP address {address} is not assigned to network interface {interface.id}"
        raise addresses.refused(text)
    gateways = interface.ec2_backend.internet_gateways.values()
    if interface.vpc_id not in {gateway.vpc.id for gateway in gateways if gateway.vpc}:
        text = f"Network {interface.vpc_id} is not attached to any internet gateway"
        raise EC2ClientError("Gateway.NotAttached", text)


def _refuse_associated(eip: Any, occupant: Any, interface_id: str, address: str) -> None:
    if eip.eni:
        text = f"resource {eip.allocation_id} is already associated with associate-id {eip.association_id}"
        raise EC2ClientError("Resource.AlreadyAssociated", text)
    if occupant:
        text = f"resource {interface_id} and {address} is already associated with public address"
        raise EC2ClientError("Resource.AlreadyAssociated", f"{text} {occupant.public_ip}")


def _move(eip: Any, occupant: Any, interface: Any, address: str) -> None:
    if occupant:
        bindings.end(occupant)
    bindings.bind(eip, interface, address)


def _not_found(what: str, id_: str | None) -> EC2ClientError:
    code = f"Invalid{what.capitalize()}ID.NotFound"
    return EC2ClientError(code, f"The {what} ID '{id_}' does not exist")
