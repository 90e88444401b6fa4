"""A node on a local Azure, in a network namespace of its own, on which the examples are run as they stand.

The local Azure has what the examples name, under those names; an example's config only learns where it is.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.examples.fragments import as_installed
from vipswitch.testing.azure import ArmError, AzureCloud, MetadataServer
from vipswitch.testing.fabric.namespaces import Namespace

INTERFACES = "Microsoft.Network/networkInterfaces"
TABLES = "Microsoft.Network/routeTables"
PUBLIC_ADDRESSES = "Microsoft.Network/publicIPAddresses"
PRIVATE_ZONES = "Microsoft.Network/privateDnsZones"
NETWORKS = "Microsoft.Network/virtualNetworks"


@dataclass(frozen=True)
class Lan:
    """A subnet with its first address, and what each machine's network interface there is called."""

    subnet: str
    cidr: str
    interface: str

    def nic(self, machine: str) -> str:
        """The machine's network interface."""
        return self.interface.format(machine)

    def address(self, number: int) -> str:
        """The primary address of the machine of that number."""
        return f"{self.cidr.rpartition('.')[0]}.{10 + number}"


@dataclass(frozen=True)
class Site:
    """A resource group with a network and machines, each of which has a network interface on every LAN."""

    group: str
    network: str
    machines: Sequence[str]
    lans: Sequence[Lan]


DATABASES = Site("rg-db", "vnet-db", ("db1", "db2", "db3"), (Lan("snet-db", "10.0.1.0/24", "nic-{}"),))


@dataclass(frozen=True)
class Node:
    """The first machine of a site."""

    space: Namespace
    azure: AzureCloud
    site: Site
    environment: Mapping[str, str]
    endpoint: str

    @property
    def identity(self) -> str:
        """The client id as which it asks."""
        return _identity(self.site)

    def id(self, type_: str, *names: str) -> str:
        """The id of a resource of the site."""
        return self.azure.id(type_, *names, group=self.site.group)

    def get(self, type_: str, *names: str) -> Any:
        """The properties of a resource, past whatever the API says of it; None where there is none."""
        try:
            return self.azure.get(self.id(type_, *names))["properties"]
        except ArmError:
            return None

    def put(self, type_: str, *names: str, **properties: object) -> None:
        """Make or replace a resource, past the API."""
        self.azure.put(
            self.id(type_, *names), {"location": self.azure.location, "properties": dict(properties)}
        )

    def addresses(self, nic: str) -> set[str]:
        """What a network interface has in Azure."""
        entries = self.get(INTERFACES, nic)["ipConfigurations"]
        return {entry["properties"]["privateIPAddress"] for entry in entries}

    def add_configuration(self, nic: str, name: str, **properties: object) -> None:
        """One more ip configuration on a network interface, in the subnet of its first."""
        now = self.get(INTERFACES, nic)
        subnet = now["ipConfigurations"][0]["properties"]["subnet"]
        more = {"privateIPAllocationMethod": "Static", "primary": False, "subnet": subnet, **properties}
        entries = [*now["ipConfigurations"], {"name": name, "properties": more}]
        self.put(INTERFACES, nic, **{**now, "ipConfigurations": entries})

    def here(self, text: str) -> str:
        """An example's text with this cloud's address, and our installation's programs."""
        where = f'[azure]\nendpoint = "{self.endpoint}"\nca_file = "{self.azure.ca_file}"\n'
        return as_installed(text.replace("[azure]\n", where))

    def run(self, words: Sequence[str]) -> subprocess.CompletedProcess[str]:
        """Run a command on the node."""
        return subprocess.run(
            ["ip", "netns", "exec", self.space.name, *(self.here(word) for word in words)],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def vipswitch(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run `vipswitch` on the node."""
        return self.run(["/usr/local/bin/vipswitch", *words])

    def forget(self) -> None:
        """Let the node not know any more who it is."""
        for kept in Path(self.environment["VIPSWITCH_RUN_DIR"]).glob("azure-*.json"):
            kept.unlink()

    def on_host(self, address: str) -> bool:
        """Whether the machine's operating system has an address."""
        return f" {address}/32 " in self.space.ip("address", "show")


@contextmanager
def node(folder: Path, site: Site = DATABASES, *, example: Path) -> Iterator[Node]:
    """The node with its cloud; all of it is gone at the end. `folder` gets the example's config, and orders.

    It has the machine's network interfaces, as eth0 and so on.
    """
    space = Namespace.create("example")
    try:
        with AzureCloud() as azure:
            azure.add_group(site.group)
            _build(azure, site)
            macs = [_mac(azure, site, lan.nic(site.machines[0])) for lan in site.lans]
            for number, mac in enumerate(macs):
                _link(space, f"eth{number}", mac)
            endpoint = azure.serve_also(space.listener("127.0.0.1", 0))
            metadata = _metadata(azure, site, space)
            started = Node(space, azure, site, _environment(metadata.url, folder), endpoint)
            (folder / "vipswitch.toml").write_text(started.here(example.read_text()))
            (folder / "run").mkdir()
            yield started
    finally:
        space.delete()


def _build(azure: AzureCloud, site: Site) -> None:
    """The network, and the machines with their network interfaces."""
    subnets = [{"name": lan.subnet, "properties": {"addressPrefix": lan.cidr}} for lan in site.lans]
    space = {"addressPrefixes": [lan.cidr for lan in site.lans]}
    vnet = {"location": azure.location, "properties": {"addressSpace": space, "subnets": subnets}}
    azure.put(azure.id(NETWORKS, site.network, group=site.group), vnet)
    for number, machine in enumerate(site.machines, start=1):
        nics = [_nic(azure, site, lan, machine, number) for lan in site.lans]
        azure.add_machine(machine, nics, zone=str(number), group=site.group)


def _nic(azure: AzureCloud, site: Site, lan: Lan, machine: str, number: int) -> str:
    id_ = azure.id(INTERFACES, lan.nic(machine), group=site.group)
    subnet = azure.id(f"{NETWORKS}/subnets", site.network, lan.subnet, group=site.group)
    entry = {
        "name": "ipconfig1",
        "properties": {
            "privateIPAddress": lan.address(number),
            "privateIPAllocationMethod": "Static",
            "primary": True,
            "subnet": {"id": subnet},
        },
    }
    azure.put(id_, {"location": azure.location, "properties": {"ipConfigurations": [entry]}})
    return id_


def _mac(azure: AzureCloud, site: Site, nic: str) -> str:
    found: str = azure.get(azure.id(INTERFACES, nic, group=site.group))["properties"]["macAddress"]
    return found.replace("-", ":").lower()


def _link(space: Namespace, name: str, mac: str) -> None:
    space.ip("link", "add", name, "type", "veth", "peer", "name", f"wire-{name}")
    space.ip("link", "set", name, "address", mac)
    for link in (name, f"wire-{name}"):
        space.ip("link", "set", link, "up")


def _metadata(azure: AzureCloud, site: Site, space: Namespace) -> MetadataServer:
    machine = azure.id("Microsoft.Compute/virtualMachines", site.machines[0], group=site.group)
    listener = space.listener("127.0.0.1", 0)
    return azure.metadata(machine, identities=(_identity(site),), listener=listener)


def _identity(site: Site) -> str:
    return f"{site.machines[0]}-identity"


def _environment(metadata: str, folder: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    return {
        **kept,
        "HOME": str(folder),
        "AZURE_POD_IDENTITY_AUTHORITY_HOST": metadata,
        "VIPSWITCH_CONFIG": str(folder / "vipswitch.toml"),
        "VIPSWITCH_RUN_DIR": str(folder / "run"),
    }
