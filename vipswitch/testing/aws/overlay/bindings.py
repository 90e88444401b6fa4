"""What an Elastic IP is associated with: one private address of one network interface.

moto knows only the interface; the private address is kept beside it, as `bound_address`, and is the primary
one where nothing is kept. Everything else that is shown of an association follows from these two.
Source: EC2 API Reference, AssociateAddress.
"""

from __future__ import annotations

from typing import Any

from moto.ec2.utils import random_eip_association_id


def private_address(eip: Any) -> str | None:
    """The private address that an Elastic IP is associated with."""
    return (getattr(eip, "bound_address", None) or eip.eni.private_ip_address) if eip.eni else None


def instance(eip: Any) -> Any:
    """The instance that the interface is attached to; None if there is none."""
    found = eip.eni.instance if eip.eni else None
    return found if found and found.state != "terminated" else None


def on(interface: Any) -> list[Any]:
    """The Elastic IPs associated with an interface."""
    return [eip for eip in interface.ec2_backend.addresses if eip.eni is interface]


def at(interface: Any, address: str) -> Any:
    """The Elastic IP associated with this private address of an interface, or None."""
    return next((eip for eip in on(interface) if private_address(eip) == address), None)


def bind(eip: Any, interface: Any, address: str) -> None:
    """Associates under a new id, whatever there was before."""
    eip.eni, eip.bound_address = interface, address
    eip.association_id = random_eip_association_id()


def end(eip: Any) -> None:
    """Ends the association; the address stays allocated."""
    eip.eni = eip.instance = eip.bound_address = eip.association_id = None
