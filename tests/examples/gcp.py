"""A node on a local Google Cloud, in a network namespace of its own, on which examples are run as they stand.

The local cloud has what the examples name, under those names; an example's config only learns where it is.
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
from vipswitch.testing.fabric.namespaces import Namespace
from vipswitch.testing.gcp import PROJECT, GcpCloud, GcpError, MetadataServer, Nic

ACCOUNT = f"vipswitch@{PROJECT}.iam.gserviceaccount.com"


@dataclass(frozen=True)
class Lan:
    """A network with one subnetwork, in which each machine has the network interface `link`."""

    network: str
    subnetwork: str
    cidr: str
    link: str

    def address(self, number: int) -> str:
        """The primary address of the machine of that number."""
        return f"{self.cidr.rpartition('.')[0]}.{10 + number}"


@dataclass(frozen=True)
class Site:
    """Machines, `ZONE/NAME`, each of which has a network interface on every LAN."""

    machines: Sequence[str]
    lans: Sequence[Lan]


LAN = Lan("vpc-db", "snet-db", "10.0.1.0/24", "ens4")
DATABASES = Site(tuple(f"europe-west1-b/{name}" for name in ("db1", "db2", "db3")), (LAN,))
SPREAD = Site(("europe-west1-b/db1", "europe-west1-c/db2", "europe-west1-d/db3"), (LAN,))


@dataclass(frozen=True)
class Node:
    """The first machine of a site."""

    space: Namespace
    gcp: GcpCloud
    site: Site
    environment: Mapping[str, str]
    endpoint: str

    def get(self, name: str) -> Any:
        """A resource, past whatever the API says of it; None where there is none."""
        try:
            return self.gcp.get(name)
        except GcpError:
            return None

    def interface(self, machine: str, number: int = 0) -> Any:
        """A network interface of a machine."""
        return self.get(machine)["networkInterfaces"][number]

    def aliases(self, machine: str, number: int = 0) -> set[str]:
        """The alias addresses of a machine's network interface."""
        ranges = self.interface(machine, number).get("aliasIpRanges", [])
        return {each["ipCidrRange"].removesuffix("/32") for each in ranges}

    def add_alias(self, machine: str, address: str, number: int = 0) -> None:
        """One more of them, by somebody else's hand."""
        now = self.interface(machine, number)
        ranges = [*now.get("aliasIpRanges", []), {"ipCidrRange": f"{address}/32"}]
        body = {"aliasIpRanges": ranges, "fingerprint": now["fingerprint"]}
        method = f"{machine}/updateNetworkInterface"
        self.gcp.write("PATCH", method, body, networkInterface=f"nic{number}")

    def here(self, text: str) -> str:
        """An example's text with this cloud's address and project, and our installation's programs."""
        where = f'[gcp]\nendpoint = "{self.endpoint}"\nca_file = "{self.gcp.ca_file}"\n'
        return as_installed(text.replace("[gcp]\n", where).replace("my-project", PROJECT))

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
        for kept in Path(self.environment["VIPSWITCH_RUN_DIR"]).glob("gcp-*.json"):
            kept.unlink()

    def on_host(self, address: str, *link: str) -> bool:
        """Whether the machine's operating system has an address, on a link perhaps."""
        return f" {address}/32 " in self.space.ip("address", "show", *link)


@contextmanager
def node(folder: Path, site: Site = DATABASES, *, example: Path) -> Iterator[Node]:
    """The node with its cloud; all of it is gone at the end. `folder` gets the config and the orders."""
    space = Namespace.create("example")
    try:
        with GcpCloud() as gcp:
            macs = _build(gcp, site)
            for lan, mac in zip(site.lans, macs, strict=True):
                _link(space, lan.link, mac)
            endpoint = gcp.serve_also(space.listener("127.0.0.1", 0))
            metadata = _metadata(gcp, site, space)
            started = Node(space, gcp, site, _environment(metadata, folder), endpoint)
            (folder / "vipswitch.toml").write_text(started.here(example.read_text()))
            (folder / "run").mkdir()
            yield started
    finally:
        space.delete()


def _build(gcp: GcpCloud, site: Site) -> list[str]:
    """The networks, and the machines with their network interfaces; the MACs of the first one."""
    subnetworks = [
        gcp.add_subnetwork(lan.subnetwork, gcp.add_network(lan.network), lan.cidr) for lan in site.lans
    ]
    for number, machine in enumerate(site.machines, start=1):
        addresses = [lan.address(number) for lan in site.lans]
        nics = [Nic(subnet, address) for subnet, address in zip(subnetworks, addresses, strict=True)]
        gcp.add_instance(machine, *nics, can_ip_forward=False, account=ACCOUNT)
    first = gcp.in_effect(site.machines[0]) or {}
    return [first[f"nic{number}"]["mac"] for number in range(len(site.lans))]


def _link(space: Namespace, name: str, mac: str) -> None:
    space.ip("link", "add", name, "type", "veth", "peer", "name", f"wire-{name}")
    space.ip("link", "set", name, "address", mac)
    for link in (name, f"wire-{name}"):
        space.ip("link", "set", link, "up")


def _metadata(gcp: GcpCloud, site: Site, space: Namespace) -> MetadataServer:
    return gcp.metadata(site.machines[0], account=ACCOUNT, listener=space.listener("127.0.0.1", 0))


def _environment(metadata: MetadataServer, folder: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    return {
        **kept,
        "HOME": str(folder),
        "GCE_METADATA_HOST": metadata.url.removeprefix("http://"),
        "VIPSWITCH_CONFIG": str(folder / "vipswitch.toml"),
        "VIPSWITCH_RUN_DIR": str(folder / "run"),
    }
