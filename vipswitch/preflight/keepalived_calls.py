"""The scripts of keepalived.conf: what keepalived runs, as whom, and which of them call vipswitch.

Rules: the word after `notify_master` and the like is the whole command, to be put into quotes where it has
words of its own; what follows it is the user, and the group, that it runs as. Else that is `script_user`, or
a user named keepalived_script, or root. `notify` gets four words appended, the FIFO's script one, all others
none: their state is written down last. Source: keepalived.conf(5); tried against 2.2.7.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from vipswitch.config import Config, VipConfig
from vipswitch.errors import ConfigError
from vipswitch.options import Options, parse
from vipswitch.preflight.keepalived_conf import Statement
from vipswitch.preflight.users import user_named

NOTIFY = "notify"
STATES = {
    "notify_master": "master",
    "notify_backup": "backup",
    "notify_fault": "fault",
    "notify_stop": "stop",
    "notify_deleted": "deleted",
    "notify_master_rx_lower_pri": "master_rx_lower_pri",
}
"""Each setting that gets no words appended, and the state that it stands for."""

FIFOS = ("notify_fifo_script", "vrrp_notify_fifo_script")
HOOK, READER = "vipswitch-keepalived", "vipswitch-keepalived-fifo"
_OTHERS = ("vipswitch", "vipswitch-if-up", "vipswitch-if-down", "vipswitch-patroni", "vipswitch-ocf")
_USUAL = "keepalived_script"
_HELP = frozenset(("-h", "--help", "--version"))
_OF_READER = ("--instance", "--group")


@dataclass(frozen=True, slots=True)
class Script:
    """One script: where it is set, its words, the words behind it, and the words of our program in it."""

    statement: Statement
    words: tuple[str, ...]
    behind: tuple[str, ...]
    ours: tuple[str, ...] = ()

    @property
    def setting(self) -> str:
        """The name of the setting."""
        return self.statement.words[0]

    @property
    def where(self) -> str:
        """How people find it."""
        return self.statement.where


def scripts_in(statements: Iterable[Statement]) -> Iterator[Script]:
    """Every notify script that has a program; one whose quotes do not end is one word."""
    for statement in statements:
        setting, *rest = statement.words
        if rest and (setting == NOTIFY or setting in STATES or setting in FIFOS):
            words = _split(rest[0])
            yield Script(statement, words, tuple(rest[1:]), _from_ours_on(words))


def program_name(words: Sequence[str]) -> str:
    """The name of one of our programs, as it is installed; empty for those of others."""
    path = words[0] if words else ""
    name = os.path.basename(path)
    in_a_clone = {"hooks/keepalived": HOOK, "hooks/keepalived_fifo": READER}
    return in_a_clone.get(f"{os.path.basename(os.path.dirname(path))}/{name}", name)


def user_of(script: Script, statements: Iterable[Statement]) -> str:
    """The name of the user that keepalived runs it as."""
    named = [s.words[1] for s in statements if s.words[0] == "script_user" and len(s.words) > 1]
    usual = _USUAL if user_named(_USUAL) else "root"
    return (*script.behind[:1], *named[-1:], usual)[0]


def request_of(script: Script) -> Options:
    """What our program will read from its words. Raises ConfigError."""
    _, *words = script.ours
    if program_name(script.ours) == READER:
        return _one_vip(_without(words, _OF_READER))
    if script.setting == NOTIFY or script.setting in FIFOS:
        return _one_vip(words)
    wanted = STATES[script.setting]
    if not words or words[-1].lower() not in STATES.values():
        raise ConfigError(
            "names no state, and keepalived appends none", hint=f"write {wanted} as its last word"
        )
    if words[-1].lower() != wanted:
        raise ConfigError(f"says {words[-1]} where keepalived means {wanted}", hint=f"write {wanted}")
    return _one_vip(words[:-1])


def vips_of(asked: Options, found: Config) -> list[VipConfig]:
    """The VIPs that it moves. Raises ConfigError."""
    return [found.select(name, asked.flags) for name in found.members(asked.names[0])]


def _one_vip(words: Sequence[str]) -> Options:
    if _HELP & set(words):
        raise ConfigError("only prints a help text", hint="leave the flag out")
    asked = parse(["up", *words])
    if len(asked.names) != 1:
        hint = "write one name; several VIPs are a group of the config"
        raise ConfigError(f"names {len(asked.names)} VIPs", hint=hint)
    return asked


def _split(command: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(command))
    except ValueError:
        return (command,)


def _from_ours_on(words: Sequence[str]) -> tuple[str, ...]:
    """The words from our program on; other programs may stand before it."""
    for at in range(len(words)):
        name = program_name(words[at:])
        if name in (HOOK, READER) or (name in _OTHERS and at == 0):
            return tuple(words[at:])
    return ()


def _without(words: Sequence[str], flags: Sequence[str]) -> list[str]:
    """The words without some flags that have a value each."""
    kept: list[str] = []
    left = list(words)
    while left:
        word = left.pop(0)
        flag, equals, _ = word.partition("=")
        if flag not in flags:
            kept.append(word)
        elif not equals and left:
            left.pop(0)
    return kept
