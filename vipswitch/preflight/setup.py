"""What there is to look at: the config as far as it can be read, and its good VIPs."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from vipswitch import configfile
from vipswitch.config import DEFAULT_PATH, Config, VipConfig
from vipswitch.errors import ConfigError
from vipswitch.model import Address
from vipswitch.options import Options
from vipswitch.preflight.examination import findings_of
from vipswitch.preflight.findings import error, ok, warning
from vipswitch.preflight.users import User
from vipswitch.provider import Finding


@dataclass(frozen=True, slots=True)
class Setup:
    """The config (None: it cannot be read), the VIPs without a mistake, and what was found on the way."""

    config: Config | None
    vips: tuple[VipConfig, ...]
    findings: tuple[Finding, ...]


def read_setup(options: Options) -> Setup:
    """Read the config and check the VIPs that are named, or all of them."""
    try:
        found = configfile.read(options.config)
    except ConfigError as wrong:
        return Setup(None, (), tuple(findings_of("config", wrong)))
    findings: list[Finding] = []
    vips: list[VipConfig] = []
    named = [vip for name in options.names for vip in found.members(name)]
    for name in dict.fromkeys(named or found.vips):
        try:
            vips.append(found.select(name, options.flags))
        except ConfigError as wrong:
            findings += findings_of(name, wrong)
    findings += [ok("config", f"{_count(vips)} without a mistake")] if vips else []
    findings += _shared_addresses(vips)
    return Setup(found, tuple(vips), tuple(findings))


def no_vip(setup: Setup, vips: Sequence[VipConfig]) -> Iterator[Finding]:
    """Said when nothing is left to look at, and no mistake says why."""
    if setup.config is not None and not vips and not setup.findings:
        where = setup.config.path or DEFAULT_PATH
        fix = f"define one in {where}, or give an address, --provider and its flags"
        yield warning("config", "no VIP, so none was looked at", fix)


def look_at_file(path: Path, who: User) -> Iterator[Finding]:
    """Whether the hooks can read the config, and nobody but root can change it.

    Root's own `vipswitch` has refused a config that others can change before we come here.
    """
    about = path.stat()
    if not who.may(path, os.R_OK):
        fix = f"chmod a+r {path}, and a+x its folders"
        yield error(str(path), f"may not be read by {who.name}, who runs the hooks", fix)
    if about.st_uid != 0 or about.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        message = "others than root can change it: `vipswitch` refuses it when run as root"
        yield warning(str(path), message, f"chown root {path} && chmod go-w {path}")


def _shared_addresses(vips: list[VipConfig]) -> Iterator[Finding]:
    first: dict[Address, str] = {}
    for vip in vips:
        for address in vip.vip.addresses:
            other = first.setdefault(address, vip.vip.name)
            if other != vip.vip.name:
                message = f"has {address}, which is also {other}'s: the hooks always take {other}"
                yield error(vip.vip.name, message, "give each VIP an address of its own")


def _count(vips: list[VipConfig]) -> str:
    return f"{len(vips)} VIP{'' if len(vips) == 1 else 's'}"
