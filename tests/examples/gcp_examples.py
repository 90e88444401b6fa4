"""The examples for Google Cloud: what stands in each, what it needs there, and who holds it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from tests.examples.fragments import FOLDER as BASE
from tests.examples.fragments import Fragment
from tests.examples.gcp import DATABASES, LAN, SPREAD, Node, Site
from vipswitch.providers.gcp.route.slots import family, name_of

_EXTERNAL = "203.0.113.5"
_ZONE = "example-internal"
_NAME = "db.example.internal."


@dataclass(frozen=True)
class Example:
    """One folder of examples; `fragment` is its part of pgpool.conf.

    `seed` makes what it names in Google Cloud, all of it held by the second machine of the `site`; `holders`
    are the machines that hold it. `address` is the VIP's on the host, if it has one there. `empty` takes away
    what `down` leaves, if it leaves the pointer.
    """

    name: str
    vip: str
    fragment: str
    site: Site
    seed: Callable[[Node], None]
    holders: Callable[[Node], set[str]]
    address: str = ""
    empty: Callable[[Node], None] | None = None
    more: tuple[str, ...] = ()

    @property
    def me(self) -> str:
        """The machine that it is run on."""
        return self.site.machines[0]

    @property
    def other(self) -> str:
        """The machine that has the VIP at first."""
        return self.site.machines[1]

    @property
    def provider(self) -> str:
        """The method that it is for."""
        return self.name.removeprefix("pgpool-")

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


def _machine_of(link: str) -> str:
    """`ZONE/NAME` of an instance's URL or path."""
    zone, _, name = link.partition("/zones/")[2].partition("/instances/")
    return f"{zone}/{name}"


def _seed_route(node: Node) -> None:
    """A route to the second machine, as vipswitch makes one there; all nodes forward."""
    for machine in node.site.machines:
        node.gcp.set_instance(machine, canIpForward=True)
    name = name_of(family(LAN.network, ip_address("10.99.0.50")), 40000)
    hop, network = node.gcp.path(node.site.machines[1]), node.gcp.path(f"global/networks/{LAN.network}")
    body = {"name": name, "network": network, "destRange": "10.99.0.50/32", "priority": 40000}
    node.gcp.write("POST", "global/routes", {**body, "nextHopInstance": hop})


def _hops(node: Node) -> set[str]:
    found = node.gcp.next_hops("10.99.0.50/32", f"global/networks/{LAN.network}")
    return {_machine_of(each) for each in found}


def _seed_address(node: Node) -> None:
    node.add_alias(node.site.machines[1], "10.0.1.50")


def _having_address(node: Node) -> set[str]:
    return {machine for machine in node.site.machines if "10.0.1.50" in node.aliases(machine)}


def _seed_external(node: Node) -> None:
    """On the second machine, by a config of the usual name."""
    node.gcp.add_address("vip-db", _EXTERNAL)
    config = {"name": "External NAT", "type": "ONE_TO_ONE_NAT", "natIP": _EXTERNAL}
    node.gcp.write("POST", f"{node.site.machines[1]}/addAccessConfig", config, networkInterface="nic0")


def _having_external(node: Node) -> set[str]:
    return {_machine_of(user) for user in node.get("regions/europe-west1/addresses/vip-db").get("users", [])}


def _seed_zone(node: Node) -> None:
    """Seen in the nodes' network; the record names the second machine."""
    zone = node.gcp.add_zone(_ZONE, "example.internal.", private=True)
    network = {"networkUrl": node.gcp.link(f"global/networks/{LAN.network}")}
    node.gcp.api.store.change(zone, privateVisibilityConfig={"networks": [network]})
    node.gcp.records(_ZONE, (_NAME, "A", 5, [LAN.address(2)]))


def _empty_zone(node: Node) -> None:
    node.gcp.records(_ZONE, (_NAME, "A", 5, []))


def _named(node: Node) -> set[str]:
    found = node.gcp.served(_ZONE).get((_NAME, "A"), {"rrdatas": []})["rrdatas"]
    return {m for n, m in enumerate(node.site.machines, start=1) if LAN.address(n) in found}


EXAMPLES = (
    Example(
        "pgpool-gcp-route",
        "primary",
        "pgpool-4.4.conf",
        SPREAD,
        _seed_route,
        _hops,
        address="10.99.0.50",
        more=("sudoers",),
    ),
    Example(
        "pgpool-gcp-alias-ip",
        "primary",
        "pgpool-4.4.conf",
        DATABASES,
        _seed_address,
        _having_address,
        address="10.0.1.50",
        more=("sudoers",),
    ),
    Example(
        "pgpool-gcp-external-ip",
        "public",
        "escalation-commands.conf",
        SPREAD,
        _seed_external,
        _having_external,
    ),
    Example(
        "pgpool-gcp-cloud-dns",
        "primary",
        "escalation-commands.conf",
        SPREAD,
        _seed_zone,
        _named,
        empty=_empty_zone,
    ),
)
