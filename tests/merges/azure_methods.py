"""The methods of Azure that take a token or two writes: each with one place."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

from tests.merges.azure_method import AzureMethod
from vipswitch.model import NodeId, Vip
from vipswitch.providers.azure.ids import Name
from vipswitch.providers.azure.ip_configuration.provider import AzureIpConfiguration
from vipswitch.providers.azure.ip_configuration.settings import IpConfigurationSettings
from vipswitch.providers.azure.public_ip.provider import AzurePublicIp
from vipswitch.providers.azure.public_ip.settings import PublicIpSettings
from vipswitch.providers.azure.route_table.provider import AzureRouteTable
from vipswitch.providers.azure.route_table.settings import RouteTableSettings
from vipswitch.testing.azure import ids


class IpConfiguration(AzureMethod):
    """`azure-ip-configuration`."""

    name = "azure-ip-configuration"
    vip = Vip("primary", (ip_address("10.0.1.50"),))
    provider = AzureIpConfiguration

    def seed(self, holder: str | None) -> None:
        if holder is not None:
            self._change(holder, lambda entries: entries.append(self._entry()))

    def settings(self) -> IpConfigurationSettings:
        return IpConfigurationSettings(**self._account())

    def holds(self, name: str) -> bool:
        return any(
            e["properties"]["privateIPAddress"] == str(self.vip.addresses[0]) for e in self._entries(name)
        )

    def _entry(self) -> dict[str, Any]:
        return {
            "name": "vipswitch-primary",
            "properties": {
                "privateIPAddress": str(self.vip.addresses[0]),
                "privateIPAddressVersion": "IPv4",
                "privateIPAllocationMethod": "Static",
                "primary": False,
                "subnet": {"id": self.topology.nodes[0].subnet.id},
            },
        }


class PublicIp(AzureMethod):
    """`azure-public-ip`."""

    name = "azure-public-ip"
    vip = Vip("primary", ())
    provider = AzurePublicIp

    def seed(self, holder: str | None) -> None:
        self.azure.put(self._id(), {"location": self.azure.location, "properties": {}})
        if holder is not None:
            self._change(
                holder, lambda entries: entries[0]["properties"].update(publicIPAddress={"id": self._id()})
            )

    def settings(self) -> PublicIpSettings:
        return PublicIpSettings(**self._account(), public_ip=(Name("pip"),))

    def holds(self, name: str) -> bool:
        return any(e["properties"].get("publicIPAddress") for e in self._entries(name))

    def _id(self) -> str:
        return self.azure.id(ids.PUBLIC_IP, "pip")


class RouteTable(AzureMethod):
    """`azure-route-table`, with one table."""

    name = "azure-route-table"
    vip = Vip("primary", (ip_address("10.99.0.50"),))
    provider = AzureRouteTable
    gap_s = 0.0

    def seed(self, holder: str | None) -> None:
        self.azure.put(self._table(), {"location": self.azure.location, "properties": {}})
        if holder is not None:
            hop = str(self.nodes[holder].private_ip)
            about = {
                "addressPrefix": "10.99.0.50/32",
                "nextHopType": "VirtualAppliance",
                "nextHopIpAddress": hop,
            }
            self.azure.put(f"{self._table()}/routes/vip", {"properties": about})

    def settings(self) -> RouteTableSettings:
        return RouteTableSettings(**self._account(), route_tables=(Name("rt-vip"),))

    def node_id(self, name: str) -> NodeId:
        return NodeId(str(self.nodes[name].private_ip))

    def holds(self, name: str) -> bool:
        found = self.azure.arm.store.find(self._table())
        assert found
        there = [route["properties"] for route in found.children() if not route.get("deleting")]
        hops = [route.get("nextHopIpAddress") for route in there]
        return str(self.nodes[name].private_ip) in hops

    def object_of(self, name: str) -> str:
        return self._table()

    def _table(self) -> str:
        return self.azure.id(ids.TABLE, "rt-vip")


METHODS: list[type[AzureMethod]] = [RouteTable, IpConfiguration, PublicIp]
