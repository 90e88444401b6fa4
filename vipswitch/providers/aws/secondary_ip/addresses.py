"""EC2 private addresses: who has them, and giving and taking them.

Rules: an IPv4 address moves in one request, from whichever interface has it; an IPv6 address is given only
while nobody has it, so that taking it from a holder is two. A primary address never moves. Two VPCs may use
the same range, so an address is looked for in one subnet. How EC2 words the refusals of the IPv6 actions is
not documented: they are taken to be those of the IPv4 ones, and any other wording to be a refusal for good.
Source: EC2 API Reference, AssignPrivateIpAddresses, UnassignPrivateIpAddresses, AssignIpv6Addresses,
UnassignIpv6Addresses, DescribeNetworkInterfaces.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING

from vipswitch.deadline import Deadline
from vipswitch.errors import ConfigError, Conflict, OutcomeUnknown, Unavailable, VipswitchError
from vipswitch.model import Address, NodeId
from vipswitch.providers.asked import Asked
from vipswitch.providers.aws.api.client import Clients
from vipswitch.providers.aws.api.meanings import NotAssigned

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ec2.type_defs import FilterTypeDef, NetworkInterfaceTypeDef

FILTERS = {4: "addresses.private-ip-address", 6: "ipv6-addresses.ipv6-address"}


@dataclass(frozen=True, slots=True)
class Held:
    """The network interface that has an address, and whether as its primary one."""

    by: NodeId
    primary: bool


@dataclass(frozen=True, slots=True)
class Attachment:
    """A network interface: its subnet, its instance, and how much of its room is taken, by family."""

    id: NodeId
    subnet: str
    instance: str | None
    taken: Mapping[int, int]


class SecondaryAddresses:
    """The private addresses of an account's network interfaces. Every method raises our errors only."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def holders(self, addresses: Sequence[Address], subnet: str, deadline: Deadline) -> dict[Address, Held]:
        """Who has those of the addresses that somebody in the subnet has; all of one family, one request."""
        family = addresses[0].version
        asked = Asked("ec2:DescribeNetworkInterfaces", f"private IPv{family} addresses", deadline)
        filters: list[FilterTypeDef] = [
            {"Name": FILTERS[family], "Values": [str(address) for address in addresses]},
            {"Name": "subnet-id", "Values": [subnet]},
        ]
        with self._clients.ec2(asked) as ec2:
            pages = ec2.get_paginator("describe_network_interfaces").paginate(Filters=filters)
            held = dict(each for page in pages for raw in page["NetworkInterfaces"] for each in _held(raw))
        return {address: held[address] for address in addresses if address in held}

    def attachment(self, id: NodeId, deadline: Deadline) -> Attachment:
        """One interface; ConfigError if there is none with this id."""
        asked = Asked("ec2:DescribeNetworkInterfaces", f"network interface {id}", deadline)
        with self._clients.ec2(asked) as ec2:
            found = ec2.describe_network_interfaces(NetworkInterfaceIds=[id])["NetworkInterfaces"]
        if not found:
            raise ConfigError(f"network interface {id}: not found", hint="see to the region and the account")
        return _attachment(id, found[0])

    def assign(self, address: Address, to: NodeId, deadline: Deadline, *, may_move: bool = False) -> None:
        """Give an address to an interface; Conflict if another has it, unless it is IPv4 and `may_move`."""
        if address.version == 6:
            with self._writing("ec2:AssignIpv6Addresses", address, to, deadline) as ec2:
                ec2.assign_ipv6_addresses(NetworkInterfaceId=to, Ipv6Addresses=[str(address)])
            return
        with self._writing("ec2:AssignPrivateIpAddresses", address, to, deadline) as ec2:
            ec2.assign_private_ip_addresses(
                NetworkInterfaceId=to, PrivateIpAddresses=[str(address)], AllowReassignment=may_move
            )

    def unassign(self, address: Address, holder: NodeId, deadline: Deadline) -> None:
        """Take an address off an interface; NotAssigned, a Conflict, if that does not have it or is gone."""
        if address.version == 6:
            with self._writing("ec2:UnassignIpv6Addresses", address, holder, deadline) as ec2:
                ec2.unassign_ipv6_addresses(NetworkInterfaceId=holder, Ipv6Addresses=[str(address)])
            return
        with self._writing("ec2:UnassignPrivateIpAddresses", address, holder, deadline) as ec2:
            ec2.unassign_private_ip_addresses(NetworkInterfaceId=holder, PrivateIpAddresses=[str(address)])

    def take(self, address: Address, holder: NodeId, to: NodeId, deadline: Deadline) -> None:
        """Take an address off its holder, then give it to an interface.

        Where the holder has nothing to give, as `assign`. Once it has given the address, the place is not
        as it was: what could be tried again is then an unknown outcome, and what cannot says so.
        """
        try:
            self.unassign(address, holder, deadline)
        except NotAssigned:
            return self.assign(address, to, deadline)
        try:
            self.assign(address, to, deadline)
        except (Conflict, OutcomeUnknown):
            raise
        except VipswitchError as wrong:
            kind = OutcomeUnknown if isinstance(wrong, Unavailable) else type(wrong)
            told = f"{wrong.message}; {holder} has lost it already, so nobody has it"
            raise kind(told, hint=wrong.hint) from wrong

    @contextmanager
    def _writing(self, action: str, address: Address, on: NodeId, deadline: Deadline) -> Iterator[EC2Client]:
        asked = Asked(action, f"private-ip {address}", deadline, f"network-interface/{on}", writes=True)
        with self._clients.ec2(asked) as ec2:
            yield ec2


def _held(raw: NetworkInterfaceTypeDef) -> Iterator[tuple[Address, Held]]:
    """All private addresses of an interface, and it as their holder."""
    id = NodeId(raw["NetworkInterfaceId"])
    for ipv4 in raw.get("PrivateIpAddresses", []):
        yield ip_address(ipv4["PrivateIpAddress"]), Held(id, primary=ipv4.get("Primary", False))
    for ipv6 in raw.get("Ipv6Addresses", []):
        yield ip_address(ipv6["Ipv6Address"]), Held(id, primary=ipv6.get("IsPrimaryIpv6", False))


def _attachment(id: NodeId, raw: NetworkInterfaceTypeDef) -> Attachment:
    """A delegated prefix takes the room of one address."""
    taken = {
        4: len(raw.get("PrivateIpAddresses", [])) + len(raw.get("Ipv4Prefixes", [])),
        6: len(raw.get("Ipv6Addresses", [])) + len(raw.get("Ipv6Prefixes", [])),
    }
    return Attachment(id, raw["SubnetId"], raw.get("Attachment", {}).get("InstanceId"), taken)
