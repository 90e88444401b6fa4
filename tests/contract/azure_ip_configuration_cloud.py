"""`azure-ip-configuration` as a contract cloud: two addresses of the nodes' subnet, both node c's."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from tests.contract.azure_nics_cloud import GONE, NicsCloud
from vipswitch.model import Address, Place, Vip
from vipswitch.provider import Provider
from vipswitch.providers.azure.ip_configuration.provider import AzureIpConfiguration
from vipswitch.providers.azure.ip_configuration.settings import IpConfigurationSettings
from vipswitch.testing.azure import SubnetSeed, Topology

_FIRST = 50
"""The VIP's first address is the one of that number in the subnet."""


class IpConfigurationCloud(NicsCloud):
    """Two IPv4 addresses."""

    subnet: SubnetSeed

    def __init__(
        self, folder: Path, make: Callable[..., Provider] = AzureIpConfiguration, **more: Any
    ) -> None:
        super().__init__(folder, make, **more)

    def seed(self, topology: Topology) -> None:
        """Node c has both addresses."""
        self.subnet = topology.nodes[0].subnet
        self.vip = Vip("primary", tuple(self.addresses()))
        self.change("c", lambda nic: nic["properties"]["ipConfigurations"].extend(self._entries()))

    def addresses(self) -> list[Address]:
        """So many of the subnet."""
        return [self.subnet.cidr[_FIRST + number] for number in range(self.count)]

    def _entries(self) -> list[dict[str, Any]]:
        return [self.entry(f"by-hand-{number}", a) for number, a in enumerate(self.vip.addresses)]

    def entry(self, name: str, address: Address, *, primary: bool = False) -> dict[str, Any]:
        """An ip configuration."""
        return {
            "name": name,
            "properties": {
                "privateIPAddress": str(address),
                "privateIPAddressVersion": f"IPv{address.version}",
                "privateIPAllocationMethod": "Static",
                "primary": primary,
                "subnet": {"id": self.subnet.id},
            },
        }

    def settings(self) -> IpConfigurationSettings:
        """Nothing but the account."""
        return IpConfigurationSettings(**self.account())

    def places(self) -> tuple[Place, ...]:
        """One for each address."""
        return tuple(Place("private-ip", address) for address in self.vip.addresses)

    def takes_off(self, place: Place, entry: dict[str, Any]) -> dict[str, Any] | None:
        """The configuration as a whole, where it has the address."""
        return None if ip_address(entry["properties"]["privateIPAddress"]) == place.address else entry

    def remove(self, place: Place) -> None:
        """The address becomes the primary one of a node's network interface, or is outside the subnet."""
        assert place.address is not None
        self.empty(place)
        self.stranger(GONE, place.address)

    def stranger(self, name: str, address: Address) -> None:
        """A network interface of no node has the address, as its primary one where that can be."""
        entries = [self.entry("ipconfig1", address, primary=address.version == 4)]
        if address.version == 6:
            entries = [self.entry("ipconfig1", self.subnet.cidr[200], primary=True), *entries]
        nic = {"location": self.azure.location, "properties": {"ipConfigurations": entries}}
        self.azure.put(self.azure.id("Microsoft.Network/networkInterfaces", name), nic)


class DualStackCloud(IpConfigurationCloud):
    """An IPv6 and an IPv4 address; the one that goes missing is the second."""

    def addresses(self) -> list[Address]:
        """One of each family."""
        return [self.subnet.ipv6_cidr[_FIRST], self.subnet.cidr[_FIRST]]
