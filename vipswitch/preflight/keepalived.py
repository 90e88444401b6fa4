"""One keepalived.conf: will keepalived run our hooks, and will they move the right VIP in both directions.

What keepalived does with a script that it cannot or will not run: one line in its log, at the start. The
address moves on the host all the same, and the cloud's pointer stays where it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from vipswitch.config import Config, VipConfig
from vipswitch.errors import ConfigError
from vipswitch.installed.safety import weak_spot
from vipswitch.preflight.asked import look_at_vips, misunderstood, vips_of
from vipswitch.preflight.findings import error, warning
from vipswitch.preflight.keepalived_calls import (
    FIFOS,
    HOOK,
    NOTIFY,
    READER,
    STATES,
    Script,
    program_name,
    request_of,
    scripts_in,
    user_of,
)
from vipswitch.preflight.keepalived_conf import Statement, read
from vipswitch.preflight.users import trouble_running, user_named
from vipswitch.provider import Finding
from vipswitch.selection import capabilities_of

USUAL = Path("/etc/keepalived/keepalived.conf")

_ROOT = (0,)
_LETTING_GO = ("notify_backup", "notify_fault")


@dataclass(frozen=True, slots=True)
class KeepalivedConf:
    """One file with all that it includes."""

    path: Path
    statements: Sequence[Statement]

    @property
    def scripts(self) -> list[Script]:
        """The scripts that call us."""
        return [script for script in scripts_in(self.statements) if script.ours]


def read_conf(path: Path) -> KeepalivedConf:
    """Read a file with all that it includes. Raises OSError, ConfigError."""
    return KeepalivedConf(path, read(path))


def vips_in(conf: KeepalivedConf, config: Config | None) -> Iterator[VipConfig]:
    """The VIPs that its scripts name and that are without a mistake; the findings tell of the others."""
    for script in conf.scripts:
        try:
            yield from vips_of(request_of(script), config or Config())
        except ConfigError:
            continue


def look_at_keepalived(conf: KeepalivedConf, config: Config | None) -> Iterator[Finding]:
    """All findings about one file."""
    if not conf.scripts:
        fix = f'notify "/usr/local/bin/{HOOK} NAME" in each vrrp_instance, or vrrp_sync_group, with a VIP'
        yield warning(str(conf.path), "calls no hook of vipswitch", fix)
    for script in conf.scripts:
        yield from _script(script, conf, config)
    for block in dict.fromkeys(script.statement.block for script in conf.scripts):
        yield from _block(block, conf, config)


def _script(script: Script, conf: KeepalivedConf, config: Config | None) -> Iterator[Finding]:
    """One script by itself; nothing is told of what keepalived will make another text of."""
    if "$" in " ".join((*script.words[:1], *script.ours, *script.behind)):
        message = "has a $NAME that keepalived replaces: not looked at"
        yield warning(script.where, message, "see to it that its program, words and user are right")
    elif script.behind and len(script.words) == 1:
        message = f"{script.behind[0]} is outside of quotes: keepalived takes it for the user to run it as"
        fix = f'{script.setting} "{script.words[0]} {" ".join(script.behind)}"'
        yield error(script.where, message, fix)
    else:
        yield from _program(script, conf)
        yield from _call(script, config)


def _program(script: Script, conf: KeepalivedConf) -> Iterator[Finding]:
    """The program that keepalived starts, which may start ours; as the user that it is started as."""
    program = script.words[0]
    name = user_of(script, conf.statements)
    who = user_named(name)
    if who is None:
        message = f"runs as {name}, who is unknown here: keepalived ignores it"
        yield error(script.where, message, "name a user of this machine, here or by script_user")
    elif not program.startswith("/"):
        yield warning(script.where, f"{program} is looked for in keepalived's PATH", "write the whole path")
    elif wrong := trouble_running(program, who):
        is_ours = script.ours[0] == program
        fix = f"{'vipswitch hooks install keepalived, or ' if is_ours else ''}name a program that it can run"
        yield error(script.where, f"{program} {wrong}: keepalived never runs it", fix)
    elif who.uid == 0 and (spot := weak_spot(Path(program), _ROOT)):
        yield _weak(script, spot, conf)


def _weak(script: Script, spot: str, conf: KeepalivedConf) -> Finding:
    fix = "chown root and chmod go-w, or vipswitch hooks install keepalived"
    if any(statement.words[0] == "enable_script_security" for statement in conf.statements):
        message = f"{spot}: by enable_script_security keepalived never runs it"
        return error(script.where, message, fix)
    return warning(script.where, f"{spot}, and root runs it", fix)


def _call(script: Script, config: Config | None) -> Iterator[Finding]:
    """What our program will make of its words, in this config."""
    wanted = READER if script.setting in FIFOS else HOOK
    if program_name(script.ours) != wanted:
        fix = f"call {wanted}"
        yield error(script.where, f"calls {script.ours[0]}, which does not know keepalived's words", fix)
        return
    try:
        yield from look_at_vips(script.where, request_of(script), config)
    except ConfigError as wrong:
        yield from misunderstood(script.where, wrong)


def _block(block: tuple[str, ...], conf: KeepalivedConf, config: Config | None) -> Iterator[Finding]:
    """Whether one instance or group calls us whenever it should, and once."""
    there = [script for script in conf.scripts if script.statement.block == block]
    settings = {script.setting for script in there}
    if settings & set(FIFOS):
        return
    subject = f"{conf.path}: {' '.join(block)}"
    if NOTIFY in settings:
        if twice := sorted(settings & STATES.keys() - {"notify_master_rx_lower_pri"}):
            message = f"{', '.join(twice)} and notify both call us, side by side, for the same state"
            yield warning(subject, message, "keep notify alone")
    elif "notify_master" not in settings:
        yield error(subject, "nothing takes the VIP: no notify_master calls us", _fix_of("notify_master"))
    else:
        yield from _letting_go(subject, settings)
    yield from _multicast(subject, block, there, conf, config)


def _letting_go(subject: str, settings: set[str]) -> Iterator[Finding]:
    for name in _LETTING_GO:
        if name not in settings:
            message = f"no {name} calls us: a node in that state keeps the VIP's address"
            yield error(subject, message, _fix_of(name))
    if "notify_stop" not in settings:
        message = "no notify_stop calls us: a node whose keepalived is stopped keeps the VIP's address"
        yield warning(subject, message, _fix_of("notify_stop"))


def _fix_of(name: str) -> str:
    return f'{name} "/usr/local/bin/{HOOK} NAME {STATES[name]}", or notify for all states'


def _multicast(
    subject: str, block: tuple[str, ...], there: list[Script], conf: KeepalivedConf, config: Config | None
) -> Iterator[Finding]:
    """In a cloud nodes hear each other by unicast only: without it each is master for itself."""
    if block[:1] != ("vrrp_instance",):
        return
    unicast = any(s.words[0] == "unicast_peer" and s.block == block for s in conf.statements)
    vips = vips_in(KeepalivedConf(conf.path, [script.statement for script in there]), config)
    if not unicast and any(not capabilities_of(vip).announces for vip in vips):
        message = "no unicast_peer: VRRP goes by multicast, which clouds do not carry, and both nodes lead"
        yield warning(subject, message, "unicast_src_ip and unicast_peer, in each vrrp_instance")
