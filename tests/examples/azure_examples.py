"""The examples for Azure: what stands in each, what it needs in Azure, and who holds it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.examples.azure import (
    DATABASES,
    INTERFACES,
    NETWORKS,
    PRIVATE_ZONES,
    PUBLIC_ADDRESSES,
    TABLES,
    Node,
)
from tests.examples.fragments import FOLDER as BASE
from tests.examples.fragments import Fragment

ME, OTHER = "db1", "db2"
_TABLES = ("rt-app", "rt-db")
_PUBLIC_IP = "203.0.113.5"


@dataclass(frozen=True)
class Example:
    """One folder of examples; `fragment` is its part of pgpool.conf.

    `seed` makes what it names in Azure, all of it held by the machine `OTHER`; `holders` are the machines
    that hold it. `address` is the VIP's on the host, if it has one there. `empty` takes away what `down`
    leaves, if it leaves the pointer.
    """

    name: str
    vip: str
    fragment: str
    seed: Callable[[Node], None]
    holders: Callable[[Node], set[str]]
    address: str = ""
    empty: Callable[[Node], None] | None = None
    more: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        """Where it is."""
        return BASE.parent / self.name

    @property
    def files(self) -> set[str]:
        """All of them."""
        return {"README.md", "vipswitch.toml", "tmpfiles.conf", self.fragment, *self.more}

    @property
    def commands(self) -> Fragment:
        """Its part of pgpool.conf, for the newest version."""
        base = "" if self.fragment.startswith("pgpool") else "pgpool-4.4.conf"
        return Fragment(f"../{self.name}/{self.fragment}", (4, 7, 2), base=base)


def machine_at(address: str) -> str:
    """The machine with that private address."""
    return next(m for n, m in enumerate(DATABASES.machines, 1) if DATABASES.lans[0].address(n) == address)


def _seed_tables(node: Node) -> None:
    """Tables that lead to the other node, each followed by a subnet; all nodes forward."""
    hop = {"nextHopType": "VirtualAppliance", "nextHopIpAddress": "10.0.1.12"}
    for table in _TABLES:
        route = {"name": "database", "properties": {"addressPrefix": "10.99.0.50/32", **hop}}
        node.put(TABLES, table, routes=[route])
    network = node.get(NETWORKS, DATABASES.network)
    [subnet] = network["subnets"]
    subnet["properties"]["routeTable"] = {"id": node.id(TABLES, "rt-db")}
    clients = {"addressPrefix": "10.0.2.0/24", "routeTable": {"id": node.id(TABLES, "rt-app")}}
    space = {"addressPrefixes": ["10.0.0.0/16"]}
    subnets = [subnet, {"name": "snet-app", "properties": clients}]
    node.put(NETWORKS, DATABASES.network, addressSpace=space, subnets=subnets)
    for machine in DATABASES.machines:
        nic = node.get(INTERFACES, f"nic-{machine}")
        node.put(INTERFACES, f"nic-{machine}", **{**nic, "enableIPForwarding": True})


def _empty_tables(node: Node) -> None:
    for table in _TABLES:
        node.put(TABLES, table, routes=[])


def _hops(node: Node) -> set[str]:
    routes = [route["properties"] for table in _TABLES for route in node.get(TABLES, table)["routes"]]
    return {machine_at(r["nextHopIpAddress"]) for r in routes if r["addressPrefix"] == "10.99.0.50/32"}


def _seed_address(node: Node) -> None:
    node.add_configuration(f"nic-{OTHER}", "by-hand", privateIPAddress="10.0.1.50")


def _having_address(node: Node) -> set[str]:
    return {m for m in DATABASES.machines if "10.0.1.50" in node.addresses(f"nic-{m}")}


def _seed_public_ip(node: Node) -> None:
    node.put(PUBLIC_ADDRESSES, "pip-db", publicIPAllocationMethod="Static", ipAddress=_PUBLIC_IP)
    has = {"publicIPAddress": {"id": node.id(PUBLIC_ADDRESSES, "pip-db")}}
    for number, machine in enumerate(DATABASES.machines, start=1):
        more = has if machine == OTHER else {}
        node.add_configuration(f"nic-{machine}", "public", privateIPAddress=f"10.0.1.6{number}", **more)


def _having_public_ip(node: Node) -> set[str]:
    found = set()
    for machine in DATABASES.machines:
        for entry in node.get(INTERFACES, f"nic-{machine}")["ipConfigurations"]:
            if entry["name"] == "public" and entry["properties"].get("publicIPAddress"):
                found.add(machine)
    return found


def _seed_zone(node: Node) -> None:
    node.put(PRIVATE_ZONES, "example.internal")
    network = {"id": node.id(NETWORKS, DATABASES.network)}
    link = {"virtualNetwork": network, "registrationEnabled": False}
    node.put(f"{PRIVATE_ZONES}/virtualNetworkLinks", "example.internal", "clients", **link)
    node.put(f"{PRIVATE_ZONES}/A", "example.internal", "db", ttl=5, aRecords=[{"ipv4Address": "10.0.1.12"}])


def _empty_zone(node: Node) -> None:
    node.azure.delete(node.id(f"{PRIVATE_ZONES}/A", "example.internal", "db"))


def _named(node: Node) -> set[str]:
    found = node.get(f"{PRIVATE_ZONES}/A", "example.internal", "db")
    return {machine_at(record["ipv4Address"]) for record in found["aRecords"]}


EXAMPLES = (
    Example(
        "pgpool-azure-route-table",
        "primary",
        "pgpool-4.4.conf",
        _seed_tables,
        _hops,
        address="10.99.0.50",
        empty=_empty_tables,
        more=("sudoers",),
    ),
    Example(
        "pgpool-azure-ip-configuration",
        "primary",
        "pgpool-4.4.conf",
        _seed_address,
        _having_address,
        address="10.0.1.50",
        more=("sudoers", "cloud-init.cfg"),
    ),
    Example(
        "pgpool-azure-public-ip", "public", "escalation-commands.conf", _seed_public_ip, _having_public_ip
    ),
    Example("pgpool-azure-dns", "primary", "escalation-commands.conf", _seed_zone, _named, empty=_empty_zone),
)
