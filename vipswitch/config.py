"""The config: one TOML file for all nodes, or flags, or both. Every mistake is reported at once.

    [vip.primary]
    address      = "10.99.0.50"            # or ["10.99.0.50", "fd00::50"]
    provider     = "aws-route-table"
    interface    = "eth0"                  # a name, a MAC, a subnet; none: the default route's
    route_tables = ["rtb-0a1b2c3d"]        # and whatever else the provider asks for

    [aws]                                  # shared by all VIPs of that cloud
    region = "eu-central-1"

    [group.database]                       # several VIPs by one name
    vips = ["primary", "replication"]

    [agent]                                # who may give it orders, and where it is measured
    users = ["postgres"]

    [node.a]                               # a node as the provider and as the HA manager know it
    ids  = ["eni-0abc"]
    host = "10.0.1.5"

    [authority.pgpool]                     # whom the agent may ask: `authority = "pgpool"` of a VIP
    kind = "pgpool"                        # and that kind's keys

    [follow.cluster]                       # who leads, for `vipswitch follow`: `follow = "cluster"` of a VIP
    kind = "patroni"                       # and that kind's keys

Flags win over the VIP's own keys, and these over the cloud's section.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from vipswitch.errors import ConfigError
from vipswitch.model import Address, NodeId, Vip
from vipswitch.nodes import Node
from vipswitch.provider import Addressed, Capabilities, load, names
from vipswitch.settings import Problem, key, keys, parse, suggestion, text

if TYPE_CHECKING:
    from vipswitch.authority.settings import AuthoritySettings
    from vipswitch.followed import SourceSettings

DEFAULT_PATH = Path("/etc/vipswitch/vipswitch.toml")
SECTIONS = ("aws", "azure", "gcp")

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


class ConfigProblems(ConfigError):
    """All mistakes of one config, each with its own hint below it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        *others, last = problems
        told = [line for p in others for line in (str(p), f"hint: {p.hint}" if p.hint else "") if line]
        super().__init__("\n".join([*told, str(last)]), hint=last.hint)
        self.problems = tuple(problems)


def address(raw: object) -> Address:
    """One IPv4 or IPv6 address."""
    try:
        return ipaddress.ip_address(text(raw))
    except ValueError as wrong:
        raise ValueError(f"{raw!r} is not an IP address") from wrong


def _provider_name(raw: object) -> str:
    name = text(raw)
    try:
        load(name)
    except ConfigError as wrong:
        raise ValueError(f"unknown provider {name!r} ({wrong.hint})") from wrong
    return name


def _node(raw: object) -> NodeId:
    return NodeId(text(raw))


@dataclass(frozen=True, slots=True)
class Common:
    """The keys that every VIP has, whatever its provider."""

    provider: str = key(_provider_name, help="how the VIP moves", metavar="NAME")
    address: tuple[Address, ...] = key(
        address, many=True, default=(), help="the virtual IP, or one of each family"
    )
    interface: str | None = key(
        text, default=None, help="where the address goes: an interface name, a MAC, a subnet"
    )
    node: NodeId | None = key(
        _node,
        default=None,
        help="this node as the provider names it; default: asked from the metadata service",
    )
    authority: str | None = key(
        text, default=None, help="whom the agent asks when another holds the VIP: an [authority.NAME]"
    )
    follow: str | None = key(
        text, default=None, help="whose leader gets the VIP by `vipswitch follow`: a [follow.NAME]"
    )


@dataclass(frozen=True, slots=True)
class VipConfig:
    """Everything about one VIP, ready to build a switch from."""

    vip: Vip
    provider: str
    settings: object
    interface: str | None = None
    node: NodeId | None = None
    authority: str | None = None
    follow: str | None = None


def _vip_name(raw: object) -> str:
    name = text(raw)
    if not NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not a name of letters, digits, . _ and -")
    return name


@dataclass(frozen=True, slots=True)
class Group:
    """`[group.NAME]`: VIPs that one command moves together, side by side."""

    vips: tuple[str, ...] = key(_vip_name, many=True, help="the names of its VIPs")


@dataclass(frozen=True, slots=True)
class Tool:
    """`[vipswitch]`: what concerns the tool and no single VIP."""

    run_dir: Path | None = key(lambda raw: Path(text(raw)), default=None, help="folder for orders and locks")


def _names(raw: object) -> tuple[str, ...]:
    """A list of names, which may be empty."""
    if not isinstance(raw, list):
        raise ValueError(f"expected a list, found {raw!r}")
    return tuple(dict.fromkeys(text(name) for name in raw))


def _port(raw: object) -> int:
    if not isinstance(raw, int) or isinstance(raw, bool) or not 0 < raw < 65536:
        raise ValueError(f"{raw!r} is not a port from 1 to 65535")
    return raw


@dataclass(frozen=True, slots=True)
class AgentConfig:
    """`[agent]`. Users and groups are names, which other nodes may lack; looked up by the agent."""

    users: tuple[str, ...] = key(
        _names, default=(), help="who may give it orders, besides root and the agent's own user"
    )
    groups: tuple[str, ...] = key(
        _names, default=("vipswitch",), help="whose members may give it orders, by any of their groups"
    )
    metrics_port: int | None = key(_port, default=None, help="where it serves metrics, on loopback only")


@dataclass(frozen=True, slots=True)
class Config:
    """One config file as read, its VIPs not yet checked; the empty one when there is no file."""

    path: Path | None = None
    vips: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    sections: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    tool: Tool = field(default_factory=Tool)
    groups: Mapping[str, Group] = field(default_factory=dict)
    agent: AgentConfig = field(default_factory=AgentConfig)
    nodes: Mapping[str, Node] = field(default_factory=dict)
    authorities: Mapping[str, AuthoritySettings] = field(default_factory=dict)
    sources: Mapping[str, SourceSettings] = field(default_factory=dict)

    @property
    def node_ids(self) -> tuple[NodeId, ...]:
        """All ids of all nodes, in the order of the file."""
        return tuple(id for node in self.nodes.values() for id in node.ids)

    def members(self, name: str) -> tuple[str, ...]:
        """The VIPs of the group of that name; without such a group, the name itself."""
        group = self.groups.get(name)
        return group.vips if group is not None else (name,)

    def select(self, wanted: str, flags: Mapping[str, object]) -> VipConfig:
        """The VIP of that name, address or DNS name, with `flags` over its keys.

        What no VIP of the config is called is a VIP of its own when the flags name a provider: an
        address, or any name where the provider can do without one. Raises ConfigError.
        """
        name = self._name(wanted)
        if name is not None:
            return self._vip(name, {**self.vips[name], **flags}, flags)
        if "provider" not in flags:
            raise _no_such_vip(wanted, self)
        return self._alone(wanted, flags)

    def _alone(self, wanted: str, flags: Mapping[str, object]) -> VipConfig:
        try:
            alone = address(wanted)
        except ValueError as wrong:
            if not NAME.fullmatch(wanted) or _addressed(flags["provider"]) is Addressed.ALWAYS:
                hint = "give the VIP's address, or its name in the config"
                raise ConfigError(str(wrong), hint=hint) from wrong
            return self._vip(wanted, dict(flags), flags)
        return self._vip(str(alone), {"address": str(alone), **flags}, flags)

    def all(self) -> list[VipConfig]:
        """Every VIP; raises ConfigProblems with the mistakes of all of them."""
        good: list[VipConfig] = []
        problems: list[Problem] = []
        for name in self.vips:
            try:
                good.append(self._vip(name, self.vips[name], {}))
            except ConfigProblems as wrong:
                problems += wrong.problems
        if problems:
            raise ConfigProblems(problems)
        return good

    def _name(self, wanted: str) -> str | None:
        if wanted in self.vips:
            return wanted
        try:
            sought = ipaddress.ip_address(wanted)
        except ValueError:
            host = _dns_name(wanted)
            return next((name for name, raw in self.vips.items() if _dns_name(raw.get("name")) == host), None)
        return next((name for name, raw in self.vips.items() if sought in _addresses(raw)), None)

    def _vip(self, name: str, raw: Mapping[str, object], flags: Mapping[str, object]) -> VipConfig:
        where = self._where(name, flags)
        about = {n for n, _, _ in keys(Common)}
        common, problems = parse(Common, {k: v for k, v in raw.items() if k in about}, where)
        own = {k: v for k, v in raw.items() if k not in about}
        try:
            provider = load(str(raw.get("provider")))
        except ConfigError:
            raise ConfigProblems(problems) from None
        declared: type = provider.Settings  # type: ignore[attr-defined]
        if common is not None:
            problems += _misaddressed(provider.capabilities, common.address, where("address"))  # type: ignore[attr-defined]
            problems += self._misadvised(common.authority, where("authority"))
            problems += self._misled(common.follow, where("follow"))
        problems += self._unknown_to_all(declared)
        settings, more = parse(declared, {**self._shared(declared), **own}, where, also=about)
        if common is None or settings is None or problems:
            raise ConfigProblems([*problems, *more])
        return VipConfig(
            Vip(name, common.address),
            common.provider,
            settings,
            common.interface,
            common.node,
            common.authority,
            common.follow,
        )

    def _misadvised(self, name: str | None, where: str) -> list[Problem]:
        """What is wrong with a VIP's authority."""
        if name is None:
            return []
        authority = self.authorities.get(name)
        if authority is None:
            hint = suggestion(name, list(self.authorities)) if self.authorities else f"add [authority.{name}]"
            return [Problem(where, f"no authority {name}", hint)]
        if authority.knows_hosts and not self.nodes:
            hint = "add [node.NAME] with ids and host for every node"
            return [Problem(where, f"{name} calls nodes by their hosts, and no node is defined", hint)]
        return []

    def _misled(self, name: str | None, where: str) -> list[Problem]:
        """What is wrong with what a VIP follows."""
        if name is None or name in self.sources:
            return []
        hint = suggestion(name, list(self.sources)) if self.sources else f"add [follow.{name}]"
        return [Problem(where, f"no source {name}", hint)]

    def _where(self, name: str, flags: Mapping[str, object]) -> Callable[[str], str]:
        def where(key_name: str) -> str:
            if name in self.vips and key_name not in flags:
                return f"{self.path}: vip.{name}.{key_name}"
            return f"--{key_name.replace('_', '-')}"

        return where

    def _shared(self, declared: type) -> dict[str, object]:
        """What the cloud's own section gives to all VIPs."""
        given: dict[str, object] = {}
        for name, about, _ in keys(declared):
            section = self.sections.get(about.section or "", {})
            if name in section:
                given[name] = section[name]
        return given

    def _unknown_to_all(self, declared: type) -> list[Problem]:
        """The keys of the cloud's section that none of its providers has; those of others may stand there."""
        problems: list[Problem] = []
        for section in {about.section for _, about, _ in keys(declared) if about.section}:
            given = self.sections.get(section, {})
            if given.keys() <= {name for name, about, _ in keys(declared) if about.section == section}:
                continue
            known = sorted(_keys_of_section(section))
            problems += [
                Problem(f"{self.path}: {section}.{name}", "unknown key", suggestion(name, known))
                for name in given
                if name not in known
            ]
        return problems


def _keys_of_section(section: str) -> set[str]:
    providers = (load(name) for name in names() if name.startswith(f"{section}-"))
    declared = (keys(provider.Settings) for provider in providers)  # type: ignore[attr-defined]
    return {name for each in declared for name, about, _ in each if about.section == section}


def _misaddressed(can: Capabilities, given: tuple[Address, ...], where: str) -> list[Problem]:
    """What is wrong with the addresses for this provider."""
    if can.addressed is Addressed.ALWAYS and not given:
        return [Problem(where, "is missing", "the virtual IP, or one of each family")]
    if can.addressed is Addressed.NEVER and given:
        return [Problem(where, "is not used by this provider", "leave it out: see `vipswitch help`")]
    return [
        Problem(
            where, f"{each} is IPv{each.version}, which this provider cannot move", "another provider can"
        )
        for each in given
        if each.version not in can.families
    ]


def _addressed(provider: object) -> Addressed:
    try:
        found: Capabilities = load(str(provider)).capabilities  # type: ignore[attr-defined]
    except ConfigError:
        return Addressed.ALWAYS
    return found.addressed


def _dns_name(raw: object) -> str | None:
    """A DNS name as names are compared; None for what is no text."""
    return raw.rstrip(".").lower() if isinstance(raw, str) else None


def _addresses(raw: Mapping[str, object]) -> list[Address]:
    """The addresses of a VIP that may not have been checked yet; what is not one is passed over."""
    given = raw.get("address")
    found: list[Address] = []
    for item in given if isinstance(given, list) else [given]:
        try:
            found.append(address(item))
        except ValueError:
            continue
    return found


def _no_such_vip(wanted: str, config: Config) -> ConfigError:
    if not config.vips:
        where = config.path or DEFAULT_PATH
        return ConfigError(
            f"{wanted}: no VIP of that name or address",
            hint=f"define it in {where}, or give --provider and its flags",
        )
    known = ", ".join(f"{name} ({' '.join(map(str, _addresses(raw)))})" for name, raw in config.vips.items())
    return ConfigError(f"{wanted}: no VIP of that name or address", hint=f"{config.path} has {known}")
