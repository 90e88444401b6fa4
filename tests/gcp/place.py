"""What the tests of the local Google Cloud find there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.gcp.client import Plain
from vipswitch.testing.gcp import GcpCloud, NodeSeed, Topology, build

ROUTED = "10.99.0.50/32"
ALIAS = "10.0.1.50/32"
EXTERNAL = "198.51.100.50"
NAME = "db.example.com."


@dataclass(frozen=True, slots=True)
class Place:
    """A cloud and what is in it."""

    cloud: GcpCloud
    topology: Topology

    @property
    def nodes(self) -> tuple[NodeSeed, NodeSeed]:
        first, second = self.topology.nodes
        return first, second

    @property
    def ask(self) -> Plain:
        return Plain(self.cloud)

    def route(self, name: str = "vip", node: int = 0, **more: Any) -> dict[str, Any]:
        """The body of a route to a node."""
        hop = self.cloud.link(self.nodes[node].instance)
        about = {"name": name, "destRange": ROUTED, "network": self.network, "nextHopInstance": hop}
        return {**about, "priority": 1000, **more}

    @property
    def network(self) -> str:
        """Its URL."""
        return self.cloud.link(self.topology.network)

    def path(self, node: int = 0, method: str = "") -> str:
        """An instance, or a method of it, as `Plain` takes it."""
        seed = self.nodes[node]
        return f"zones/{seed.zone}/instances/{seed.name}{'/' if method else ''}{method}"

    def nic(self, node: int = 0) -> dict[str, Any]:
        """A node's NIC as it is in effect, nothing being looked at."""
        found: dict[str, Any] = self.cloud.get(self.nodes[node].instance)["networkInterfaces"][0]
        return found

    def aliases(self, node: int = 0) -> list[str]:
        return [one["ipCidrRange"] for one in self.nic(node).get("aliasIpRanges", ())]

    def configs(self, node: int = 0) -> list[tuple[str, str]]:
        """A node's access configs, by name and address."""
        return [(one["name"], one["natIP"]) for one in self.nic(node).get("accessConfigs", ())]

    def alias(self, *ranges: str, node: int = 0, **more: Any) -> dict[str, Any]:
        """The body that gives a node these aliases."""
        wanted = [{"ipCidrRange": one} for one in ranges]
        return {"aliasIpRanges": wanted, "fingerprint": self.nic(node)["fingerprint"], **more}

    def hold(self, *ranges: str, node: int = 0) -> None:
        """Give a node these aliases, at once."""
        method = f"{self.nodes[node].instance}/updateNetworkInterface"
        self.cloud.write("PATCH", method, self.alias(*ranges, node=node), networkInterface="nic0")


def furnish(cloud: GcpCloud) -> Place:
    """Two nodes in one subnetwork, a client subnetwork, an external address and two zones."""
    topology = build(cloud, nodes=2, clients=1, together=True, ipv6=True)
    cloud.add_address("vip", EXTERNAL)
    cloud.add_zone("public", "example.com.")
    cloud.add_zone("private", "example.internal.", private=True)
    return Place(cloud, topology)
