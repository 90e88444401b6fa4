"""`azure-public-ip` as a contract cloud: two public IPs, both node c's, on two configurations each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.contract.azure_nics_cloud import NicsCloud
from vipswitch.model import Place, Vip
from vipswitch.provider import Provider
from vipswitch.providers.azure.ids import Name
from vipswitch.providers.azure.public_ip.provider import AzurePublicIp
from vipswitch.providers.azure.public_ip.settings import PublicIpSettings
from vipswitch.testing.azure import Topology
from vipswitch.testing.cloud import NODES

PUBLIC = "Microsoft.Network/publicIPAddresses"
NAMES = ("pip-one", "pip-two")
CONFIGURATIONS = ("ipconfig1", "second")


class PublicIpCloud(NicsCloud):
    """The VIP has no address in the config."""

    vip = Vip("primary", ())

    def __init__(self, folder: Path, make: Callable[..., Provider] = AzurePublicIp, **more: Any) -> None:
        super().__init__(folder, make, **more)

    def seed(self, topology: Topology) -> None:
        """A second configuration for every node, and the public IPs for node c."""
        self.names = NAMES[: self.count]
        for name in self.names:
            self.azure.put(self.public(name), {"location": self.azure.location, "properties": {}})
        for number, node in enumerate(NODES):
            self.change(node, lambda nic, number=number: _second(nic, number))
        self.change("c", self._hang)

    def public(self, name: str) -> str:
        """The id of a public IP."""
        return self.azure.id(PUBLIC, name)

    def _hang(self, nic: dict[str, Any]) -> None:
        for entry, name in zip(nic["properties"]["ipConfigurations"], self.names, strict=False):
            entry["properties"]["publicIPAddress"] = {"id": self.public(name)}

    def settings(self) -> PublicIpSettings:
        """Each public IP with its configuration."""
        return PublicIpSettings(
            **self.account(),
            public_ip=tuple(map(Name, self.names)),
            ip_configuration=CONFIGURATIONS[: self.count],
        )

    def places(self) -> tuple[Place, ...]:
        """One for each public IP."""
        return tuple(map(Place, self.names))

    def takes_off(self, place: Place, entry: dict[str, Any]) -> dict[str, Any] | None:
        """The configuration, without the public IP."""
        has = (entry["properties"].get("publicIPAddress") or {}).get("id", "").lower()
        if has != self.public(place.id).lower():
            return entry
        kept = {name: value for name, value in entry["properties"].items() if name != "publicIPAddress"}
        return {**entry, "properties": kept}

    def remove(self, place: Place) -> None:
        """The public IP is deleted."""
        self.empty(place)
        self.azure.delete(self.public(place.id))


def _second(nic: dict[str, Any], number: int) -> None:
    """A secondary configuration beside the primary one."""
    first = nic["properties"]["ipConfigurations"][0]["properties"]
    subnet = first["subnet"]
    nic["properties"]["ipConfigurations"].append(
        {
            "name": CONFIGURATIONS[1],
            "properties": {
                "privateIPAddress": f"10.0.1.{30 + number}",
                "privateIPAllocationMethod": "Static",
                "privateIPAddressVersion": "IPv4",
                "primary": False,
                "subnet": subnet,
            },
        }
    )
