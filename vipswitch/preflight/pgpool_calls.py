"""The calls of vipswitch in one pgpool.conf: each does what its setting is for, and moves this VIP."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vipswitch.config import DEFAULT_PATH, Config, VipConfig
from vipswitch.errors import ConfigError
from vipswitch.preflight.examination import findings_of
from vipswitch.preflight.findings import error, ok, warning
from vipswitch.preflight.pgpool_command import FOLDERS, PLACEHOLDER, Command, Trouble, command_of
from vipswitch.preflight.pgpool_conf import PgpoolConf
from vipswitch.preflight.pgpool_line import (
    ARPING,
    DOWN,
    UP,
    Line,
    is_ours,
    read_line,
    reads_another_file,
    vips_of,
)
from vipswitch.preflight.pgpool_shell import calls_in
from vipswitch.preflight.pgpool_version import Version
from vipswitch.preflight.pgpool_watchdog import DE_ESCALATION, ESCALATION, delegate_name, look_at_visibility
from vipswitch.provider import Finding

VERBS = {"if_up_cmd": UP, "if_down_cmd": DOWN, "arping_cmd": ARPING, ESCALATION: UP, DE_ESCALATION: DOWN}
PROGRAMS = {UP: "vipswitch-if-up", DOWN: "vipswitch-if-down", ARPING: "vipswitch-arping"}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a pgpool.conf is judged against. `config` is None when it could not be read."""

    version: Version | None
    config: Config | None
    trouble: Trouble


def vips_in(conf: PgpoolConf, around: Surroundings) -> Iterator[VipConfig]:
    """The VIPs that its commands name and that are without a mistake; the findings tell of the others."""
    for name in VERBS:
        for words in _words_of_calls(conf, name, around):
            try:
                yield from vips_of(read_line(words), around.config or Config())
            except ConfigError:
                continue


def look_at_calls(conf: PgpoolConf, name: str, around: Surroundings) -> Iterator[Finding]:
    """Everything about the calls in one setting."""
    where = conf.where(name)
    try:
        for words in _words_of_calls(conf, name, around):
            line = read_line(words)
            yield from _role(where, line, VERBS[name])
            if around.config is not None:
                yield from _file(where, line, around.config)
                for vip in vips_of(line, around.config):
                    yield from _vip(conf, name, vip, around)
    except ConfigError as wrong:
        for finding in findings_of("", wrong):
            about = f"{finding.subject}: {finding.message}" if finding.subject else finding.message
            yield error(where, about, finding.fix)


def words_as_run(command: Command, delegate: str) -> tuple[str, ...]:
    """The words of the called program after `$_IP_$` has been replaced."""
    return tuple(word.replace(PLACEHOLDER, delegate) for word in command.called)


def _words_of_calls(conf: PgpoolConf, name: str, around: Surroundings) -> Sequence[tuple[str, ...]]:
    if name not in FOLDERS:
        return calls_in(conf.text(name))
    command = command_of(conf, name)
    if command is None or not is_ours(command.called):
        return []
    return [words_as_run(command, conf.text(delegate_name(conf, around.version)))]


def _role(where: str, line: Line, wanted: str) -> Iterator[Finding]:
    fix = f"call {PROGRAMS[wanted]}"
    if line.verb != wanted:
        yield error(where, f"runs `{line.verb}` where Pgpool-II means `{wanted}`", fix)
    elif line.by_tool:
        message = f"calls `vipswitch {line.verb}`, which is for people and keeps Pgpool-II's sockets open"
        yield warning(where, message, fix)


def _file(where: str, line: Line, found: Config) -> Iterator[Finding]:
    if reads_another_file(line, found):
        message = f"reads {DEFAULT_PATH} and not {found.path}"
        yield warning(where, message, f"add --config {found.path}, or move that file")


def _vip(conf: PgpoolConf, name: str, vip: VipConfig, around: Surroundings) -> Iterator[Finding]:
    where = conf.where(name)
    delegate = conf.text(delegate_name(conf, around.version))
    if name == "if_up_cmd":
        yield from look_at_visibility(conf, around.version, vip)
    if delegate and delegate not in (vip.vip.name, *map(str, vip.vip.addresses)):
        message = f"moves {vip.vip.name}, but Pgpool-II's delegate IP is {delegate}"
        yield warning(where, message, f"pass {PLACEHOLDER}")
    else:
        yield ok(where, f"moves {vip.vip.name} by {vip.provider}")
