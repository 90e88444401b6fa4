"""What the document of an instance says of its network interfaces, and one change of one of them.

Rules: pure. Alias ranges are replaced as a whole list, so each is kept as Google gave it, with whatever it
may say that is not known here; an access config comes and goes alone, by its name. An address is compared as
parsed: Google writes `10.0.0.5` or `10.0.0.5/32`. The primary address of an interface is never touched.
Source: Compute Engine API reference, "instances", NetworkInterface.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Network, ip_address
from typing import Any

from vipswitch.errors import ConfigError
from vipswitch.model import Address, NodeId
from vipswitch.providers.gcp.ids import Resource

Document = Mapping[str, Any]
"""JSON as Compute Engine writes it."""


@dataclass(frozen=True, slots=True)
class AliasRange:
    """One alias range, and how Google writes it."""

    cidr: IPv4Network
    document: Document

    def is_just(self, address: Address) -> bool:
        """Whether it is that one address."""
        return self.cidr.num_addresses == 1 and self.cidr.network_address == address

    def covers(self, address: Address) -> bool:
        """Whether the address is one of several in it."""
        return self.cidr.num_addresses > 1 and address in self.cidr


@dataclass(frozen=True, slots=True)
class AccessConfig:
    """One external address of an interface, and what the config is called."""

    name: str
    address: IPv4Address | None


@dataclass(frozen=True, slots=True)
class Nic:
    """One network interface as it was read; `network` and `subnetwork` are URLs."""

    name: str
    network: str
    subnetwork: str
    primary: Address | None
    fingerprint: str
    aliases: tuple[AliasRange, ...] = ()
    configs: tuple[AccessConfig, ...] = ()

    def alias(self, address: Address) -> AliasRange | None:
        """The alias range that is just the address."""
        return next((each for each in self.aliases if each.is_just(address)), None)

    def range_over(self, address: Address) -> AliasRange | None:
        """A bigger alias range that the address is in."""
        return next((each for each in self.aliases if each.covers(address)), None)

    def config(self, address: Address) -> AccessConfig | None:
        """The access config that has the address."""
        return next((each for each in self.configs if each.address == address), None)


@dataclass(frozen=True, slots=True)
class NewAliases:
    """The alias ranges of an interface are to be these."""

    nic: str
    fingerprint: str
    ranges: tuple[AliasRange, ...]


@dataclass(frozen=True, slots=True)
class NewConfig:
    """An interface is to have this access config, of a network tier."""

    nic: str
    config: AccessConfig
    tier: str


@dataclass(frozen=True, slots=True)
class ConfigGone:
    """An interface is to lose the access config of that name."""

    nic: str
    name: str


Change = NewAliases | NewConfig | ConfigGone


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance as it was read, or with a `change`, as it is to be written.

    `at` is the interface that matters; `status` is RUNNING for one that runs.
    """

    id: NodeId
    resource: Resource
    status: str
    nics: tuple[Nic, ...]
    at: str = "nic0"
    change: Change | None = None

    @property
    def nic(self) -> Nic:
        """The interface that matters. ConfigError if there is none of that name."""
        found = self.named(self.at)
        if found is None:
            raise ConfigError(
                f"instance {self.id}: has no network interface {self.at}",
                hint=f"it has {', '.join(each.name for each in self.nics) or 'none'}",
            )
        return found

    @property
    def token(self) -> str:
        """All that a write of the interface that matters is bound to."""
        return ";".join([self.at, *(_state(nic) for nic in self.nics)])

    @property
    def at_work(self) -> bool:
        """An instance does not show its operations."""
        return False

    @property
    def failed(self) -> bool:
        """What fails leaves it as it was."""
        return False

    def named(self, name: str) -> Nic | None:
        """The interface of that name."""
        return next((nic for nic in self.nics if nic.name == name), None)

    def where(self, nic: str) -> Instance:
        """The same, where the interface of that name matters. ConfigError if there is none."""
        found = replace(self, at=nic)
        return replace(found, at=found.nic.name)

    def in_network(self, network: str) -> Instance | None:
        """The same, where its interface in a network matters; None if it has none there."""
        found = next((nic for nic in self.nics if nic.network == network), None)
        return replace(self, at=found.name) if found else None

    def with_aliases(self, ranges: Sequence[AliasRange]) -> Instance:
        """The same with these alias ranges, and no others."""
        nic = self.nic
        change = NewAliases(nic.name, nic.fingerprint, tuple(ranges))
        return self._changed(replace(nic, aliases=change.ranges), change)

    def with_config(self, config: AccessConfig, tier: str) -> Instance:
        """The same with one more access config."""
        nic = self.nic
        return self._changed(replace(nic, configs=(*nic.configs, config)), NewConfig(nic.name, config, tier))

    def without_config(self, nic: Nic, name: str) -> Instance:
        """The same without the access config of that name on one of its interfaces."""
        kept = tuple(each for each in nic.configs if each.name != name)
        return self._changed(replace(nic, configs=kept), ConfigGone(nic.name, name))

    def _changed(self, nic: Nic, change: Change) -> Instance:
        nics = tuple(nic if each.name == nic.name else each for each in self.nics)
        return replace(self, nics=nics, change=change)


def instance_of(id: NodeId, resource: Resource, document: Document) -> Instance:
    """What a document says."""
    link = linked(resource, document)
    nics = tuple(_nic(raw, link) for raw in document.get("networkInterfaces") or ())
    return Instance(id, resource, document.get("status") or "", nics, nics[0].name if nics else "nic0")


def just(address: Address, range_name: str | None) -> AliasRange:
    """The alias range that is one address, of a secondary range of the subnetwork where one is named."""
    document = {"ipCidrRange": f"{address}/32"}
    if range_name:
        document["subnetworkRangeName"] = range_name
    return AliasRange(IPv4Network(str(address)), document)


def _nic(raw: Document, link: Callable[[str], str]) -> Nic:
    return Nic(
        raw.get("name") or "nic0",
        network=link(raw.get("network") or ""),
        subnetwork=link(raw.get("subnetwork") or ""),
        primary=ip_address(raw["networkIP"]) if raw.get("networkIP") else None,
        fingerprint=raw.get("fingerprint") or "",
        aliases=tuple(
            AliasRange(IPv4Network(each["ipCidrRange"]), each) for each in raw.get("aliasIpRanges") or ()
        ),
        configs=tuple(_config(each) for each in raw.get("accessConfigs") or ()),
    )


def _config(raw: Document) -> AccessConfig:
    given = raw.get("natIP")
    return AccessConfig(raw.get("name") or "", IPv4Address(given) if given else None)


def linked(resource: Resource, document: Document) -> Callable[[str], str]:
    """Gives a URL in a resource's document, from `projects/` on, as what is in front of that may be anything.

    Google calls a project by its id or by its number; the resource's own is called as in `resource`.
    """
    own = _within(document.get("selfLink") or "").split("/")[1:2]

    def link(url: str) -> str:
        project, _, rest = _within(url).removeprefix("projects/").partition("/")
        return f"projects/{resource.project if [project] == own else project}/{rest}"

    return link


def _within(url: str) -> str:
    _, found, rest = url.partition("projects/")
    return f"{found}{rest}"


def _state(nic: Nic) -> str:
    configs = ",".join(f"{each.name}={each.address}" for each in nic.configs)
    return f"{nic.name}:{nic.fingerprint}:{configs}"
