"""What the corrections of private addresses share: the addresses of an interface, and which a subnet admits.

A subnet keeps its first four addresses and its last, of IPv4 and of IPv6 alike.
Sources: VPC User Guide, "Subnet CIDR blocks"; the refusals' texts as users quote them (terraform-provider-aws
issue 23114, terraform-aws-cassandra issue 18). For IPv6 addresses the texts are those of IPv4, which is a
guess.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Any

from moto.ec2.exceptions import EC2ClientError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

FIRST_USABLE = 4


def refused(text: str) -> EC2ClientError:
    """InvalidParameterValue, which EC2 answers for nearly everything that is wrong with an address."""
    return EC2ClientError("InvalidParameterValue", text)


def of(interface: Any) -> list[str]:
    """The private IPv4 addresses of an interface."""
    return [entry["PrivateIpAddress"] for entry in interface.private_ip_addresses]


def holder(interface: Any, address: str) -> Any:
    """The interface in the same subnet that has an IPv4 address, or None."""
    subnet = interface.subnet.id
    others = (one for one in interface.ec2_backend.enis.values() if one.subnet.id == subnet)
    return next((one for one in others if address in of(one)), None)


def parsed(text: str, family: type[IPv4Address] | type[IPv6Address]) -> Address:
    """The address that a parameter names. Raises what EC2 answers if it names none."""
    try:
        return family(text)
    except ValueError:
        raise refused(f"invalid value for parameter address: {text}") from None


def admit(address: Address, blocks: Iterable[Network]) -> None:
    """Raises what EC2 answers unless the address is a usable one of a subnet with these blocks."""
    block = next((block for block in blocks if address in block), None)
    if block is None:
        raise refused("Address does not fall within the subnet's address range")
    if int(address) - int(block.network_address) < FIRST_USABLE or address == block.broadcast_address:
        raise refused(f"Address {address} is in subnet's reserved address range")
