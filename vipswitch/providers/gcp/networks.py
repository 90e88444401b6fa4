"""A VPC network and the address ranges of its subnetworks.

Source: Compute Engine API reference, "networks.get", "subnetworks.aggregatedList".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

from vipswitch.deadline import Deadline
from vipswitch.model import Address
from vipswitch.providers.asked import Asked
from vipswitch.providers.gcp.api.client import Clients
from vipswitch.providers.gcp.ids import Resource

_IPV6 = ("ipv6CidrRange", "internalIpv6Prefix", "externalIpv6Prefix")


@dataclass(frozen=True, slots=True)
class Subnet:
    """A subnetwork and its ranges: the primary one, the secondary ones, those of IPv6."""

    name: str
    ranges: tuple[IPv4Network | IPv6Network, ...]

    def has(self, address: Address) -> bool:
        """Whether the address lies in one of its ranges."""
        return any(address in each for each in self.ranges)


def exists(network: Resource, clients: Clients, deadline: Deadline) -> None:
    """NotFound, a ConfigError, if there is no such network."""
    asked = Asked("compute.networks.get", f"network {network.name}", deadline, str(network))
    with clients.compute(asked) as compute:
        compute.get(str(network))


def subnets(network: Resource, clients: Clients, deadline: Deadline) -> list[Subnet]:
    """All subnetworks of the network, in all regions."""
    where = f"projects/{network.project}"
    asked = Asked("compute.subnetworks.list", f"network {network.name}", deadline, where)
    with clients.compute(asked) as compute:
        wanted = f'network eq ".*/networks/{network.name}"'
        pages = list(compute.pages(f"{where}/aggregated/subnetworks", filter=wanted))
    regions = [region for page in pages for region in page.get("items", {}).values()]
    return [_subnet(each) for region in regions for each in region.get("subnetworks", ())]


def _subnet(raw: Mapping[str, Any]) -> Subnet:
    secondary = [each["ipCidrRange"] for each in raw.get("secondaryIpRanges", ())]
    given = [raw.get("ipCidrRange"), *secondary, *(raw.get(key) for key in _IPV6)]
    return Subnet(str(raw["name"]), tuple(ip_network(each) for each in dict.fromkeys(given) if each))
