"""`gcp-external-ip` as a contract cloud: two external addresses, both node c's, on two interfaces each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.contract.gcp_nics_cloud import GcpNicsCloud
from vipswitch.model import Place, Vip
from vipswitch.provider import Provider
from vipswitch.providers.gcp.external_ip.provider import GcpExternalIp
from vipswitch.providers.gcp.external_ip.settings import ExternalIpSettings
from vipswitch.providers.gcp.ids import Name
from vipswitch.testing.cloud import NODES
from vipswitch.testing.gcp import REGION, Nic, Topology

ADD = "compute.instances.addAccessConfig"
DELETE = "compute.instances.deleteAccessConfig"
ADDRESSES = {"vip-one": "34.76.0.1", "vip-two": "34.76.0.2"}
NICS = ("nic0", "nic1")


class ExternalIpCloud(GcpNicsCloud):
    """The VIP has no address in the config."""

    vip = Vip("primary", ())
    writes_with = (ADD, DELETE)

    def __init__(self, folder: Path, make: Callable[..., Provider] = GcpExternalIp, **more: Any) -> None:
        super().__init__(folder, make, **more)

    def seed(self, topology: Topology) -> None:
        """A second interface for every node, in another network, and both addresses for node c."""
        self.names = tuple(ADDRESSES)[: self.count]
        network = self.gcp.add_network("other")
        second = self.gcp.add_subnetwork("other1", network, "10.9.1.0/24")
        for number, (name, node) in enumerate(self.nodes.items()):
            nics = [
                Nic(node.subnet.id, str(node.private_ip), external=self.own(name)),
                Nic(second, f"10.9.1.{10 + number}"),
            ]
            self.gcp.add_instance(node.instance, *nics, labels={"node": node.name}, account=node.account)
        for nic, name in zip(NICS, self.names, strict=False):
            self.gcp.add_address(name, ADDRESSES[name])
            self.give("c", name, nic)

    def own(self, node: str) -> str | None:
        """What external address of its own a node begins with: `""` for an ephemeral one."""
        return None

    def settings(self) -> ExternalIpSettings:
        """Each address with its interface."""
        return ExternalIpSettings(
            **self.account(),
            external_ip=tuple(map(Name, self.names)),
            network_interface=NICS[: self.count],
        )

    def places(self) -> tuple[Place, ...]:
        """One for each address."""
        return tuple(map(Place, self.names))

    def configs(self, node: str) -> dict[str, list[str]]:
        """A node's external addresses by interface, in effect."""
        nics = self.nics(node)
        return {nic["name"]: [each["natIP"] for each in nic.get("accessConfigs", ())] for nic in nics}

    def names_on(self, node: str) -> list[str]:
        """What a node's access configs are called."""
        return [each["name"] for nic in self.nics(node) for each in nic.get("accessConfigs", ())]

    def give(self, node: str, name: str, nic: str = "nic0", config: str = "by hand") -> None:
        """Somebody else gives a node an address, past the provider."""
        body = {"name": config, "type": "ONE_TO_ONE_NAT", "natIP": ADDRESSES[name]}
        self.gcp.write("POST", f"{self.ids[node]}/addAccessConfig", body, networkInterface=nic)

    def has(self, place: Place, node: str) -> bool:
        """Whether one of its access configs has that address."""
        return any(ADDRESSES[place.id] in each for each in self.configs(node).values())

    def empty(self, place: Place) -> None:
        """Taken off whoever has it."""
        for node in NODES:
            for nic in self.nics(node):
                for each in nic.get("accessConfigs", ()):
                    if each["natIP"] == ADDRESSES[place.id]:
                        self.take(node, nic["name"], each["name"])

    def take(self, node: str, nic: str, config: str) -> None:
        """Somebody else takes an access config off a node."""
        query = {"networkInterface": nic, "accessConfig": config.replace(" ", "%20")}
        self.gcp.write("POST", f"{self.ids[node]}/deleteAccessConfig", **query)

    def remove(self, place: Place) -> None:
        """The address is given back."""
        self.empty(place)
        self.gcp.remove(f"regions/{REGION}/addresses/{place.id}")
