"""What the tests of the local Azure find there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from vipswitch.testing.azure import AzureCloud, NodeSeed, Topology, build, ids

VIP = "10.0.1.50"


@dataclass(frozen=True, slots=True)
class Place:
    """A cloud and what is in it."""

    cloud: AzureCloud
    topology: Topology
    public_ip: str
    zone: str
    private_zone: str

    @property
    def nodes(self) -> tuple[NodeSeed, NodeSeed]:
        first, second = self.topology.nodes
        return first, second

    @property
    def table(self) -> str:
        return self.topology.clients[0].table_id

    @property
    def route(self) -> str:
        return f"{self.table}/routes/vip"

    def nic(self, node: int) -> dict[str, Any]:
        """A node's NIC as it now is."""
        return self.cloud.get(self.nodes[node].nic_id)

    def with_vip(self, node: int, **properties: Any) -> dict[str, Any]:
        """A node's NIC with one more configuration, which has the VIP."""
        nic = self.without_vip(node)
        nic["properties"]["ipConfigurations"].append(self.configuration(**properties))
        return nic

    def without_vip(self, node: int) -> dict[str, Any]:
        nic = self.nic(node)
        entries = nic["properties"]["ipConfigurations"]
        entries[:] = [entry for entry in entries if entry["name"] != "vip"]
        return nic

    def configuration(self, **properties: Any) -> dict[str, Any]:
        standard = {
            "privateIPAddress": VIP,
            "privateIPAllocationMethod": "Static",
            "primary": False,
            "subnet": {"id": self.nodes[0].subnet.id},
        }
        return {"name": "vip", "properties": standard | properties}

    def has_vip(self, node: int) -> bool:
        entries = self.nic(node)["properties"]["ipConfigurations"]
        return any(entry["properties"]["privateIPAddress"] == VIP for entry in entries)


def route(hop: str, prefix: str = "10.9.0.50/32") -> dict[str, Any]:
    """A route to an appliance."""
    return {
        "properties": {"addressPrefix": prefix, "nextHopType": "VirtualAppliance", "nextHopIpAddress": hop}
    }


def furnish(cloud: AzureCloud) -> Place:
    topology = build(cloud, nodes=2, clients=1, together=True)
    public_ip = cloud.id(ids.PUBLIC_IP, "pip")
    cloud.put(public_ip, {"location": cloud.location, "properties": {}})
    zone, private_zone = cloud.id(ids.DNS_ZONE, "example.com"), cloud.id(ids.PRIVATE_ZONE, "example.internal")
    for id_ in (zone, private_zone):
        cloud.put(id_, {"location": "global"})
    return Place(cloud, topology, public_ip, zone, private_zone)
