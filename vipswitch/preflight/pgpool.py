"""One pgpool.conf: will its watchdog call vipswitch, and with words that move the right VIP.

The delegate style (a delegate IP and three commands) and the escalation style (none, and two shell
commands) are told apart by whether there is a delegate IP, as Pgpool-II does.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from vipswitch.errors import ConfigError
from vipswitch.preflight.findings import error, warning
from vipswitch.preflight.pgpool_calls import PROGRAMS, VERBS, Surroundings, look_at_calls
from vipswitch.preflight.pgpool_command import (
    FOLDERS,
    PLACEHOLDER,
    command_of,
    look_at_command,
    look_at_paths,
)
from vipswitch.preflight.pgpool_conf import PgpoolConf
from vipswitch.preflight.pgpool_line import is_ours
from vipswitch.preflight.pgpool_shell import calls_in
from vipswitch.preflight.pgpool_watchdog import DE_ESCALATION, ESCALATION, delegate_name, look_at_watchdog
from vipswitch.provider import Finding

USUAL = (Path("/etc/pgpool2/pgpool.conf"), Path("/etc/pgpool-II/pgpool.conf"))


def look_at_pgpool(conf: PgpoolConf, around: Surroundings) -> Iterator[Finding]:
    """All findings about one file; nothing else matters while its watchdog is off."""
    yield from _garbled(conf)
    if not conf.on("use_watchdog"):
        message = "is off: this Pgpool-II never moves a VIP"
        yield warning(conf.where("use_watchdog"), message, "set it on, unless something else calls vipswitch")
        return
    yield from look_at_watchdog(conf, around.version)
    delegate = conf.text(delegate_name(conf, around.version))
    yield from _delegate_style(conf, around) if delegate else _escalation_style(conf, around)


def _delegate_style(conf: PgpoolConf, around: Surroundings) -> Iterator[Finding]:
    found = {name: command_of(conf, name) for name in FOLDERS}
    for name, command in found.items():
        if command is None:
            yield _not_set(conf, name)
            continue
        yield from look_at_command(command, around.trouble)
        yield from look_at_calls(conf, name, around)
        if name != "arping_cmd" and command.called and not is_ours(command.called):
            yield _not_ours(command.where)
    yield from look_at_paths([command for command in found.values() if command is not None])


def _escalation_style(conf: PgpoolConf, around: Surroundings) -> Iterator[Finding]:
    for name in (ESCALATION, DE_ESCALATION):
        where = conf.where(name)
        if PLACEHOLDER in conf.text(name):
            message = f"{PLACEHOLDER} means nothing here, and the shell makes something else of it"
            yield error(where, message, "write the VIP's address or name")
        elif not conf.text(name):
            yield _no_call(conf, name)
        else:
            yield from _programs(conf, name, around)
            yield from look_at_calls(conf, name, around)


def _programs(conf: PgpoolConf, name: str, around: Surroundings) -> Iterator[Finding]:
    """The shell looks in PATH for what is not absolute, and does report what it cannot run."""
    where = conf.where(name)
    try:
        programs = [words[0] for words in calls_in(conf.text(name))]
    except ConfigError:
        return
    if not programs:
        yield _not_ours(where)
    for program in programs:
        if not program.startswith("/"):
            yield warning(where, f"{program} is looked for in Pgpool-II's PATH", "write the whole path")
        elif wrong := around.trouble(program, False):
            yield error(where, f"{program} {wrong}", "name a program that it can run")


def _garbled(conf: PgpoolConf) -> Iterator[Finding]:
    for setting in conf.settings.values():
        if setting.garbled:
            taken = setting.value.strip() or "the end of the line"
            message = f"Pgpool-II takes {taken} for its value"
            yield error(setting.where, message, f"{setting.name} = '...', in single quotes")


def _not_set(conf: PgpoolConf, name: str) -> Finding:
    message = "is not set: the default works on eth0's own network, which reaches nobody in a cloud"
    level = warning if name == "arping_cmd" else error
    fix = f"{name} = '/usr/local/bin/{PROGRAMS[VERBS[name]]} {PLACEHOLDER}'"
    return level(conf.where(name), message, fix)


def _no_call(conf: PgpoolConf, name: str) -> Finding:
    message = "is empty, and so is the delegate IP: Pgpool-II never calls vipswitch"
    fix = f"set a delegate IP and if_up_cmd, or {name} = '/usr/local/bin/{PROGRAMS[VERBS[name]]} ADDRESS'"
    return error(conf.where(name), message, fix)


def _not_ours(where: str) -> Finding:
    return warning(where, "does not call vipswitch", "call it, or see that your script does")
