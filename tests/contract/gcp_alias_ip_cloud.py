"""`gcp-alias-ip` as a contract cloud: two addresses of the nodes' subnetwork, both node c's."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from tests.contract.gcp_nics_cloud import GONE, GcpNicsCloud
from vipswitch.model import Address, Place, Vip
from vipswitch.provider import Provider
from vipswitch.providers.gcp.alias_ip.provider import GcpAliasIp
from vipswitch.providers.gcp.alias_ip.settings import AliasIpSettings
from vipswitch.testing.cloud import NODES
from vipswitch.testing.gcp import REGION, Nic, SubnetSeed, Topology

UPDATE = "compute.instances.updateNetworkInterface"
FIRST = 50
"""The VIP's first address is the one of that number in the range."""


class AliasIpCloud(GcpNicsCloud):
    """Two IPv4 addresses of the primary range."""

    subnet: SubnetSeed
    writes_with = (UPDATE,)

    def __init__(self, folder: Path, make: Callable[..., Provider] = GcpAliasIp, **more: Any) -> None:
        super().__init__(folder, make, **more)

    def seed(self, topology: Topology) -> None:
        """Node c has both addresses."""
        self.subnet = topology.nodes[0].subnet
        self.vip = Vip("primary", tuple(self.addresses()))
        self.set_ranges("c", *(self.range_of(address) for address in self.vip.addresses))

    def addresses(self) -> list[Address]:
        """So many of the range."""
        return [self.subnet.cidr[FIRST + number] for number in range(self.count)]

    def range_of(self, address: Address) -> dict[str, str]:
        """An address as an alias range of its own."""
        return {"ipCidrRange": f"{address}/32"}

    def settings(self) -> AliasIpSettings:
        """Nothing but the account."""
        return AliasIpSettings(**self.account())

    def places(self) -> tuple[Place, ...]:
        """One for each address."""
        return tuple(Place("alias-ip", address) for address in self.vip.addresses)

    def ranges(self, node: str) -> list[dict[str, str]]:
        """A node's alias ranges, in effect."""
        found: list[dict[str, str]] = self.nics(node)[0].get("aliasIpRanges", [])
        return found

    def set_ranges(self, node: str, *ranges: dict[str, str]) -> None:
        """Somebody else gives a node these alias ranges and no others, past the provider."""
        name, shown = self.nodes[node].instance, self.gcp.get(self.nodes[node].instance)
        fingerprint = shown["networkInterfaces"][0]["fingerprint"]
        body = {"aliasIpRanges": list(ranges), "fingerprint": fingerprint}
        self.gcp.write("PATCH", f"{name}/updateNetworkInterface", body, networkInterface="nic0")

    def has(self, place: Place, node: str) -> bool:
        """Whether one of its ranges is that address."""
        wanted = ip_network(str(place.address))
        return any(ip_network(each["ipCidrRange"]) == wanted for each in self.ranges(node))

    def empty(self, place: Place) -> None:
        """Taken off whoever has it."""
        for node in NODES:
            if self.has(place, node):
                cidr = f"{place.address}/32"
                kept = [each for each in self.ranges(node) if each["ipCidrRange"] != cidr]
                self.set_ranges(node, *kept)

    def give_to_stranger(self) -> None:
        """An instance that is no node's gets the first address, which nobody has."""
        self.gcp.add_instance(f"{REGION}-b/stranger", Nic(self.subnet.id, str(self.vip.addresses[0])))

    def remove(self, place: Place) -> None:
        """The address becomes the primary one of an instance."""
        self.empty(place)
        self.gcp.add_instance(GONE, Nic(self.subnet.id, str(place.address)))


class SecondaryRangeCloud(AliasIpCloud):
    """Two addresses of a secondary range."""

    gone = ()

    def addresses(self) -> list[Address]:
        assert self.subnet.secondary is not None
        return [self.subnet.secondary[FIRST + 10 * number] for number in range(self.count)]

    def range_of(self, address: Address) -> dict[str, str]:
        return {"ipCidrRange": f"{address}/32", "subnetworkRangeName": "vips"}

    def settings(self) -> AliasIpSettings:
        return AliasIpSettings(**self.account(), range="vips")

    def remove(self, place: Place) -> None:
        """A node has a whole range around it."""
        self.empty(place)
        around = ip_network(f"{place.address}/31", strict=False)
        self.set_ranges("c", *self.ranges("c"), {"ipCidrRange": str(around), "subnetworkRangeName": "vips"})
