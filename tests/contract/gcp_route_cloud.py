"""`gcp-route` as a contract cloud: two networks, both with somebody's route to node c."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from tests.contract.gcp_cloud import GcpContractCloud
from vipswitch.model import Address, NodeId, Place
from vipswitch.provider import Provider
from vipswitch.providers.gcp.ids import Name, resource
from vipswitch.providers.gcp.route.provider import GcpRoute
from vipswitch.providers.gcp.route.settings import RouteSettings
from vipswitch.testing.cloud import NODES
from vipswitch.testing.gcp import Topology

INSERT = "compute.routes.insert"
DELETE = "compute.routes.delete"


class GcpRouteCloud(GcpContractCloud):
    """Nodes are instances of one network; a second network has a route to them as well.

    `seeded`: whether somebody has already made a route to node c.
    """

    claims = (INSERT,)
    also = (DELETE,)
    networks = ("vpc", "vpc-peered")

    def __init__(
        self,
        folder: Path,
        make: Callable[..., Provider] = GcpRoute,
        *,
        seeded: bool = False,
        **more: Any,
    ) -> None:
        self._make = make
        self._seeded = seeded
        super().__init__(folder, **more)

    def seed(self, topology: Topology) -> None:
        """Routes to somewhere else, and, if told so, one of somebody's to node c."""
        self.gcp.add_network(self.networks[1])
        for network in self.networks:
            self.route(network, f"elsewhere-{network}", "192.0.2.0/24", 100, "a")
            for number, address in enumerate(self.vip.addresses if self._seeded else ()):
                self.route(network, f"by-hand-{network}-{number}", str(ip_network(address)), 1000, "c")

    def route(self, network: str, name: str, to: str, priority: int, node: str) -> None:
        """Somebody else makes a route."""
        body = {
            "name": name,
            "network": f"projects/{self.gcp.project}/global/networks/{network}",
            "destRange": to,
            "priority": priority,
            "nextHopInstance": self.nodes[node].path,
        }
        self.gcp.write("POST", "global/routes", body)

    def provider(self, node: str, **settings: Any) -> Provider:
        """The provider as it runs on that node."""
        given = {**self.account(), "networks": tuple(Name(each) for each in self.networks), **settings}
        return self._make(RouteSettings(**given), self.vip, self.machine(node))

    def truth(self) -> Mapping[Place, NodeId | None]:
        """Where the packets go once all that was accepted is carried out; a network that is gone has none."""
        self.gcp.finish()
        return {
            Place(network, address): self._holder(network, address)
            for network in self.networks
            if self.gcp.in_effect(f"global/networks/{network}")
            for address in self.vip.addresses
        }

    def _holder(self, network: str, address: Address) -> NodeId | None:
        best = self.routes(network, address)[:1]
        found = resource(self.gcp.path(best[0]["nextHopInstance"])) if best else None
        return found.node(self.gcp.project) if found else None

    def routes(self, network: str, address: Address) -> list[dict[str, Any]]:
        """All routes to the address, the best first."""
        found = self.gcp.routes(f"global/networks/{network}")
        return [route for route in found if route["destRange"] == str(ip_network(address))]

    def empty(self, place: Place) -> None:
        """All routes to the address are deleted."""
        self.gcp.finish()
        for route in self.routes(place.id, place.address or self.vip.addresses[0]):
            self.gcp.remove(f"global/routes/{route['name']}")

    def remove(self, place: Place) -> None:
        """The network is deleted."""
        self.gcp.finish()
        for route in self.gcp.routes(f"global/networks/{place.id}"):
            self.gcp.remove(f"global/routes/{route['name']}")
        self.gcp.remove(f"global/networks/{place.id}")

    def instances(self) -> dict[str, NodeId]:
        """Each node's instance, by its path."""
        return {self.nodes[node].path: self.node_id(node) for node in NODES}
