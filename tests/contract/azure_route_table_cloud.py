"""`azure-route-table` as a contract cloud: two route tables, both with a route to node c."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from tests.contract.azure_cloud import AzureContractCloud
from vipswitch.model import Address, NodeId, Place
from vipswitch.provider import Provider
from vipswitch.providers.azure.ids import ROUTE_TABLES, Name
from vipswitch.providers.azure.route_table.provider import AzureRouteTable, RouteTableSettings
from vipswitch.testing.azure import Topology
from vipswitch.testing.cloud import NODES, Named


class RouteTableCloud(AzureContractCloud):
    """Nodes are their private addresses. `foreign` is what somebody has called the routes."""

    claims = ("Microsoft.Network/routeTables/routes/write", "Microsoft.Network/routeTables/write")
    also = ("Microsoft.Network/routeTables/routes/delete", "Microsoft.Resources/tags/write")

    def __init__(
        self,
        folder: Path,
        make: Callable[..., Provider] = AzureRouteTable,
        *,
        tables: int = 2,
        foreign: str = "to-the-database",
        **more: Any,
    ) -> None:
        self._make = make
        self._foreign = foreign
        self.tables = tuple(f"rt-vip{number + 1}" for number in range(tables))
        super().__init__(folder, **more)

    def seed(self, topology: Topology) -> None:
        """Tables with a route to node c, and one to somewhere else."""
        for table in self.tables:
            self.azure.put(self.path(table), {"location": self.azure.location, "tags": {"owner": "somebody"}})
            self.route(table, "elsewhere", "192.0.2.0/24", "10.0.9.9")
            for number, address in enumerate(self.vip.addresses):
                self.route(
                    table, f"{self._foreign}-{number}", str(ip_network(address)), self._of("c", address)
                )

    def path(self, table: str) -> str:
        """The id of a table."""
        return self.azure.id(ROUTE_TABLES, table)

    def route(self, table: str, name: str, prefix: str, hop: str) -> None:
        """Somebody else writes a route."""
        about = {"addressPrefix": prefix, "nextHopType": "VirtualAppliance", "nextHopIpAddress": hop}
        self.azure.put(f"{self.path(table)}/routes/{name}", {"properties": about})

    def provider(self, node: str, tables: tuple[str, ...] = (), **settings: Any) -> Provider:
        """The provider as it runs on that node."""
        named = tuple(Name(table) for table in tables or self.tables)
        given = RouteTableSettings(**{**self.account(), "route_tables": named, **settings})
        machine = Named(self.node_id(node), self.folder, nodes=[self.node_id(each) for each in NODES])
        return self._make(given, self.vip, machine)

    def node_id(self, node: str) -> NodeId:
        """The node's addresses, of the VIP's families."""
        return NodeId(",".join(self._of(node, address) for address in self.vip.addresses))

    def _of(self, node: str, address: Address) -> str:
        seed = self.nodes[node]
        return str(seed.private_ip if address.version == 4 else seed.ipv6)

    def truth(self) -> Mapping[Place, NodeId | None]:
        """What the route tables are, whatever the API says of them."""
        return {
            Place(table, address): self._holder(table, address)
            for table in self.tables
            for address in self.vip.addresses
            if self.azure.arm.store.find(self.path(table))
        }

    def _holder(self, table: str, address: Address) -> NodeId | None:
        hops = {
            route["addressPrefix"]: route.get("nextHopIpAddress") for route in self.routes(table).values()
        }
        hop = hops.get(str(ip_network(address)))
        return next((self.node_id(node) for node in NODES if self._of(node, address) == hop), None)

    def routes(self, table: str) -> dict[str, dict[str, Any]]:
        """All routes of a table, by name."""
        found = self.azure.get(self.path(table))["properties"]["routes"]
        return {route["name"]: route["properties"] for route in found}

    def tags(self, table: str) -> dict[str, str]:
        """All tags of a table."""
        found: dict[str, str] = self.azure.get(self.path(table))["tags"]
        return found

    def empty(self, place: Place) -> None:
        """The route is deleted."""
        prefix = str(ip_network(place.address or ""))
        for name, route in self.routes(place.id).items():
            if route["addressPrefix"] == prefix:
                self.azure.delete(f"{self.path(place.id)}/routes/{name}")

    def remove(self, place: Place) -> None:
        """The route table is deleted."""
        self.azure.delete(self.path(place.id))
