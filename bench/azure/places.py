"""Where Azure keeps a VIP; all of it is looked up and changed past the API, at once."""

from __future__ import annotations

from collections.abc import Sequence

from vipswitch.testing.azure import AzureCloud, NodeSeed, Topology

TABLES = "Microsoft.Network/routeTables"


class Routes:
    """A route in each of several tables."""

    def __init__(self, azure: AzureCloud, topology: Topology, tables: Sequence[str]) -> None:
        self._azure = azure
        self._here, self._there = topology.nodes[:2]
        self._tables = tables

    def give_away(self, vip: str, count: int) -> None:
        for table in self._tables[:count]:
            self._azure.put(self._route(table), {"properties": _route(vip, self._there)})

    def are_ours(self, vip: str, count: int) -> bool:
        found = [self._azure.get(self._route(table))["properties"] for table in self._tables[:count]]
        return {each["nextHopIpAddress"] for each in found} == {str(self._here.private_ip)}

    def _route(self, table: str) -> str:
        return self._azure.id(f"{TABLES}/routes", table, "vip")


class IpConfiguration:
    """An ip configuration of a network interface."""

    def __init__(self, azure: AzureCloud, topology: Topology) -> None:
        self._azure = azure
        self._here, self._there = topology.nodes[:2]

    def give_away(self, vip: str, count: int) -> None:
        for node in (self._here, self._there):
            others = [each for each in self._entries(node) if _address(each) != vip]
            self._put(node, others if node is self._here else [*others, _entry(vip, node)])

    def are_ours(self, vip: str, count: int) -> bool:
        return vip in map(_address, self._entries(self._here))

    def _entries(self, node: NodeSeed) -> list[dict[str, object]]:
        found: list[dict[str, object]] = self._azure.get(node.nic_id)["properties"]["ipConfigurations"]
        return found

    def _put(self, node: NodeSeed, entries: list[dict[str, object]]) -> None:
        now = self._azure.get(node.nic_id)
        self._azure.put(
            node.nic_id, {**now, "properties": {**now["properties"], "ipConfigurations": entries}}
        )


def _route(vip: str, node: NodeSeed) -> dict[str, str]:
    return {
        "addressPrefix": f"{vip}/32",
        "nextHopType": "VirtualAppliance",
        "nextHopIpAddress": str(node.private_ip),
    }


def _entry(vip: str, node: NodeSeed) -> dict[str, object]:
    properties = {
        "privateIPAddress": vip,
        "privateIPAllocationMethod": "Static",
        "primary": False,
        "subnet": {"id": node.subnet.id},
    }
    return {"name": f"vip-{vip.replace('.', '-')}", "properties": properties}


def _address(entry: dict[str, object]) -> str:
    properties = entry["properties"]
    assert isinstance(properties, dict)
    return str(properties["privateIPAddress"])
