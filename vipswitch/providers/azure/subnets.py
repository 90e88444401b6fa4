"""Which addresses a subnet has for network interfaces.

Source: Azure REST API, "Subnets - Get"; Azure documentation, "Private IP addresses".
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network

from vipswitch.deadline import Deadline
from vipswitch.model import Address
from vipswitch.providers.asked import Asked
from vipswitch.providers.azure.api.client import Clients
from vipswitch.providers.azure.ids import part, resource_id

READ = "Microsoft.Network/virtualNetworks/subnets/read"

_RESERVED = 4
"""So many addresses from the first on are Azure's own, and the last one of an IPv4 range."""


@dataclass(frozen=True, slots=True)
class Subnet:
    """A subnet and its address ranges, of either family."""

    name: str
    ranges: tuple[IPv4Network | IPv6Network, ...]

    def __str__(self) -> str:
        return f"{self.name} ({', '.join(map(str, self.ranges))})"

    def has(self, address: Address) -> bool:
        """Whether the address lies in one of its ranges."""
        return any(address in each for each in self.ranges)

    def reserves(self, address: Address) -> bool:
        """Whether Azure keeps this address of it for itself."""
        return any(address in each and _is_reserved(address, each) for each in self.ranges)


def describe(clients: Clients, id: str, deadline: Deadline) -> Subnet:
    """The subnet with that id. Raises our errors only."""
    network_id, name = resource_id(id), part(id)
    group, network_name = (network_id.group, network_id.name) if network_id else ("", "")
    asked = Asked(READ, f"subnet {name}", deadline, id)
    with clients.network(asked, network_id.subscription if network_id else None) as network:
        raw = network.subnets.get(group, network_name, name)
    prefixes = raw.address_prefixes or ([raw.address_prefix] if raw.address_prefix else [])
    return Subnet(name, tuple(ip_network(prefix) for prefix in prefixes))


def _is_reserved(address: Address, within: IPv4Network | IPv6Network) -> bool:
    first = int(address) - int(within.network_address) < _RESERVED
    return first or (within.version == 4 and address == within.broadcast_address)
