"""Which addresses a subnet has for network interfaces, and whether one is free.

Source: Azure REST API, "Subnets - Get", "Virtual Networks - Check IP Address Availability"; Azure
documentation, "Private IP addresses".
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network

from vipswitch.deadline import Deadline
from vipswitch.errors import ConfigError
from vipswitch.model import Address
from vipswitch.providers.asked import Asked
from vipswitch.providers.azure.api.client import Clients
from vipswitch.providers.azure.ids import VIRTUAL_NETWORKS, ResourceId, part, resource_id

READ = f"{VIRTUAL_NETWORKS}/subnets/read"
READ_FREE = f"{VIRTUAL_NETWORKS}/checkIpAddressAvailability/read"

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


class Subnets:
    """The subnets of virtual networks. Every method raises our errors only."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def describe(self, id: str, deadline: Deadline) -> Subnet:
        """The subnet with that id."""
        within, name = network_of(id), part(id)
        with self._clients.network(
            Asked(READ, f"subnet {name}", deadline, id), within.subscription
        ) as network:
            raw = network.subnets.get(within.group, within.name, name)
        prefixes = raw.address_prefixes or ([raw.address_prefix] if raw.address_prefix else [])
        return Subnet(name, tuple(ip_network(prefix) for prefix in prefixes))

    def is_free(self, address: Address, id: str, deadline: Deadline) -> bool:
        """Whether no resource at all has the address in that subnet's network."""
        within = network_of(id)
        asked = Asked(READ_FREE, f"private-ip {address}", deadline, str(within))
        with self._clients.network(asked, within.subscription) as network:
            found = network.virtual_networks.check_ip_address_availability(
                within.group, within.name, ip_address=str(address)
            )
        return bool(found.available)


def network_of(id: str) -> ResourceId:
    """The virtual network of a subnet. ConfigError for what is no subnet's id."""
    found = resource_id(id)
    if found is None:
        raise ConfigError(f"{id}: not the id of a subnet")
    return found


def _is_reserved(address: Address, within: IPv4Network | IPv6Network) -> bool:
    first = int(address) - int(within.network_address) < _RESERVED
    return first or (within.version == 4 and address == within.broadcast_address)
