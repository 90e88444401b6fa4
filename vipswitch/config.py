"""The config: one TOML file for all nodes, or flags, or both. Every mistake is reported at once.

    [vip.primary]
    address      = "10.99.0.50"            # or ["10.99.0.50", "fd00::50"]
    provider     = "aws-route-table"
    interface    = "eth0"                  # a name, a MAC, a subnet; none: the default route's
    route_tables = ["rtb-0a1b2c3d"]        # and whatever else the provider asks for

    [aws]                                  # shared by all VIPs of that cloud
    region = "eu-central-1"

Flags win over the VIP's own keys, and these over the cloud's section.
"""

from __future__ import annotations

import ipaddress
import os
import re
import stat
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from vipswitch.errors import ConfigError
from vipswitch.model import Address, NodeId, Vip
from vipswitch.provider import load
from vipswitch.settings import Problem, key, keys, parse, suggestion, text

DEFAULT_PATH = Path("/etc/vipswitch/vipswitch.toml")
SECTIONS = ("aws", "azure", "gcp")

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


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
    address: tuple[Address, ...] = key(address, many=True, help="the virtual IP, or one of each family")
    interface: str | None = key(
        text, default=None, help="where the address goes: an interface name, a MAC, a subnet"
    )
    node: NodeId | None = key(
        _node,
        default=None,
        help="this node as the provider names it; default: asked from the metadata service",
    )


@dataclass(frozen=True, slots=True)
class VipConfig:
    """Everything about one VIP, ready to build a switch from."""

    vip: Vip
    provider: str
    settings: object
    interface: str | None = None
    node: NodeId | None = None


@dataclass(frozen=True, slots=True)
class Tool:
    """`[vipswitch]`: what concerns the tool and no single VIP."""

    run_dir: Path | None = key(lambda raw: Path(text(raw)), default=None, help="folder for orders and locks")


@dataclass(frozen=True, slots=True)
class Config:
    """One config file as read, its VIPs not yet checked; the empty one when there is no file."""

    path: Path | None = None
    vips: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    sections: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    tool: Tool = field(default_factory=Tool)

    def select(self, wanted: str, flags: Mapping[str, object]) -> VipConfig:
        """The VIP of that name or address, with `flags` over its keys.

        An address that no VIP has is a VIP of its own when the flags name a provider. Raises
        ConfigError.
        """
        name = self._name(wanted)
        if name is not None:
            return self._vip(name, {**self.vips[name], **flags}, flags)
        if "provider" not in flags:
            raise _no_such_vip(wanted, self)
        try:
            alone = address(wanted)
        except ValueError as wrong:
            raise ConfigError(str(wrong), hint="give the VIP's address, or its name in the config") from wrong
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
            return None
        return next((name for name, raw in self.vips.items() if sought in _addresses(raw)), None)

    def _vip(self, name: str, raw: Mapping[str, object], flags: Mapping[str, object]) -> VipConfig:
        where = self._where(name, flags)
        about = {n for n, _, _ in keys(Common)}
        common, problems = parse(Common, {k: v for k, v in raw.items() if k in about}, where)
        own = {k: v for k, v in raw.items() if k not in about}
        try:
            declared = load(str(raw.get("provider"))).Settings  # type: ignore[attr-defined]
        except ConfigError:
            raise ConfigProblems(problems) from None
        settings, more = parse(declared, {**self._shared(declared), **own}, where, also=about)
        if common is None or settings is None:
            raise ConfigProblems([*problems, *more])
        return VipConfig(Vip(name, common.address), common.provider, settings, common.interface, common.node)

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


def read(path: Path | None) -> Config:
    """The config at `path`, else at VIPSWITCH_CONFIG, else the default one; empty if that is absent.

    Raises ConfigError: absent although named, not TOML, not of the expected shape, or writable by
    others than root while we are root.
    """
    chosen = path or (Path(named) if (named := os.environ.get("VIPSWITCH_CONFIG")) else DEFAULT_PATH)
    try:
        raw = _toml(chosen)
    except FileNotFoundError as wrong:
        if chosen == DEFAULT_PATH:
            return Config()
        raise ConfigError(f"{chosen}: no such file", hint="see --config and VIPSWITCH_CONFIG") from wrong
    return _shaped(chosen, raw)


def _toml(path: Path) -> dict[str, object]:
    try:
        with path.open("rb") as file:
            _refuse_if_others_can_write(path)
            return tomllib.load(file)
    except tomllib.TOMLDecodeError as wrong:
        raise ConfigError(f"{path}: not valid TOML: {wrong}", hint="mend that line") from wrong
    except UnicodeDecodeError as wrong:
        raise ConfigError(f"{path}: not UTF-8 text", hint="save it as UTF-8") from wrong
    except FileNotFoundError:
        raise
    except OSError as wrong:
        raise ConfigError(
            f"{path}: {wrong.strerror}", hint="let the user that runs the hooks read it"
        ) from wrong


def _refuse_if_others_can_write(path: Path) -> None:
    """A config decides what root runs, so as root we read only what root alone can change."""
    if os.geteuid() != 0:
        return
    for part in (path.resolve(), *path.resolve().parents):
        about = part.stat()
        safe_for_all = part.is_dir() and about.st_mode & stat.S_ISVTX
        if about.st_uid != 0 or (about.st_mode & (stat.S_IWGRP | stat.S_IWOTH) and not safe_for_all):
            raise ConfigError(
                f"{path}: others than root can change {part}",
                hint=f"chown root {part} && chmod go-w {part}",
            )


def _shaped(path: Path, raw: Mapping[str, object]) -> Config:
    problems = [
        Problem(f"{path}: {name}", "expected a table", f"write [{name}]")
        for name, value in raw.items()
        if not isinstance(value, dict)
    ]
    tables = {name: cast(dict[str, object], value) for name, value in raw.items() if isinstance(value, dict)}
    vips = tables.pop("vip", {})
    for name, value in vips.items():
        if not isinstance(value, dict):
            problems.append(Problem(f"{path}: vip.{name}", "expected a table", f"write [vip.{name}]"))
        elif not _NAME.fullmatch(name):
            problems.append(
                Problem(f"{path}: vip.{name}", "unusable name", "letters, digits, . _ and - only")
            )
    tool, wrong = parse(Tool, tables.pop("vipswitch", {}), lambda name: f"{path}: vipswitch.{name}")
    problems += wrong
    problems += _unknown_sections(path, tables)
    if problems or tool is None:
        raise ConfigProblems(problems)
    return Config(path, cast(dict[str, dict[str, object]], vips), tables, tool)


def _unknown_sections(path: Path, tables: Mapping[str, object]) -> list[Problem]:
    known = ["vip", "vipswitch", *SECTIONS]
    return [
        Problem(f"{path}: {name}", "unknown table", suggestion(name, known))
        for name in tables
        if name not in known
    ]


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
