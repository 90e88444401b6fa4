"""Which VIPs a command line means, and what their providers declare. Builds and touches nothing."""

from __future__ import annotations

from vipswitch import configfile
from vipswitch.config import Config, ConfigProblems, VipConfig
from vipswitch.options import Options
from vipswitch.provider import Capabilities, load
from vipswitch.settings import Problem


def selected(options: Options) -> tuple[Config, list[VipConfig]]:
    """The config and the VIPs that a command line names. Raises ConfigError with every mistake at once."""
    found = configfile.read(options.config)
    vips: list[VipConfig] = []
    problems: list[Problem] = []
    for name in dict.fromkeys(vip for named in options.names for vip in found.members(named)):
        try:
            vips.append(found.select(name, options.flags))
        except ConfigProblems as wrong:
            problems += wrong.problems
    if problems:
        raise ConfigProblems(problems)
    return found, vips


def capabilities_of(vip: VipConfig) -> Capabilities:
    """What the VIP's provider declares, without building it."""
    found: Capabilities = load(vip.provider).capabilities  # type: ignore[attr-defined]
    return found
