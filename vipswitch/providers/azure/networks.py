"""The virtual network of a subnet: its address space, and which route table each of its subnets follows.

Source: Azure REST API, "Virtual Networks - Get".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network

from vipswitch.deadline import Deadline
from vipswitch.errors import ConfigError
from vipswitch.model import Address
from vipswitch.providers.asked import Asked
from vipswitch.providers.azure.api.client import Clients
from vipswitch.providers.azure.ids import VIRTUAL_NETWORKS, resource_id


@dataclass(frozen=True, slots=True)
class VirtualNetwork:
    """A virtual network; `tables` has the route table's id of each subnet, both ids in lower case."""

    name: str
    space: tuple[IPv4Network | IPv6Network, ...]
    tables: Mapping[str, str]

    def around(self, address: Address) -> IPv4Network | IPv6Network | None:
        """The range of its address space that the address lies in, if one has it."""
        return next((each for each in self.space if address in each), None)


def network_of(subnet: str, clients: Clients, deadline: Deadline) -> VirtualNetwork:
    """The virtual network that a subnet, by its id, belongs to. NotFound, a ConfigError, if it is gone."""
    id = resource_id(subnet)
    if id is None:
        raise ConfigError(f"{subnet}: not the id of a subnet")
    asked = Asked(f"{VIRTUAL_NETWORKS}/read", f"virtual network {id.name}", deadline, str(id))
    with clients.network(asked, id.subscription) as network:
        raw = network.virtual_networks.get(id.group, id.name)
    prefixes = raw.address_space.address_prefixes if raw.address_space else None
    follow = [(str(each.id), str(each.route_table.id)) for each in raw.subnets or [] if each.route_table]
    tables = {subnet.lower(): table.lower() for subnet, table in follow}
    return VirtualNetwork(id.name, tuple(ip_network(each) for each in prefixes or []), tables)
