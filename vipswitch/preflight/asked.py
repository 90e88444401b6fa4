"""What a hook's words ask for, without those of its caller: the VIPs, as the hook itself will find them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vipswitch import configfile
from vipswitch.config import Config, VipConfig
from vipswitch.errors import ConfigError
from vipswitch.options import Options, parse
from vipswitch.preflight.examination import findings_of
from vipswitch.preflight.findings import error, ok
from vipswitch.provider import Finding

_HELP = frozenset(("-h", "--help", "--version"))


def one_vip(words: Sequence[str]) -> Options:
    """The command line of a hook for one name. Raises ConfigError."""
    if _HELP & set(words):
        raise ConfigError("only prints a help text", hint="leave the flag out")
    asked = parse(["up", *(word for word in words if word != "--detach")])
    if len(asked.names) != 1:
        hint = "write one name; several VIPs are a group of the config"
        raise ConfigError(f"names {len(asked.names)} VIPs", hint=hint)
    return asked


def vips_of(asked: Options, found: Config) -> list[VipConfig]:
    """The VIPs that it moves; `found` stands for the config that the hook would find. Raises ConfigError."""
    read = found if asked.config is None else configfile.read(asked.config)
    return [read.select(name, asked.flags) for name in read.members(asked.names[0])]


def look_at_vips(where: str, asked: Options, config: Config | None) -> Iterator[Finding]:
    """Which VIPs are moved, and how. Raises ConfigError."""
    for vip in vips_of(asked, config) if config is not None else ():
        yield ok(where, f"moves {vip.vip.name} by {vip.provider}")


def misunderstood(where: str, wrong: ConfigError) -> Iterator[Finding]:
    """What the hook will not understand, or not find."""
    for finding in findings_of("", wrong):
        about = f"{finding.subject}: {finding.message}" if finding.subject else finding.message
        yield error(where, about, finding.fix)
