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

from vipswitch.callers import keepalived
from vipswitch.errors import ConfigError
from vipswitch.options import Options
from vipswitch.preflight.asked import one_vip
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
_APPENDED = ("INSTANCE", "VI_1", "MASTER", "100")
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
        return one_vip(_without(words, _OF_READER))
    told = keepalived.understood([*words, *_APPENDED] if script.setting == NOTIFY else words)
    wanted = STATES.get(script.setting, "")
    if isinstance(told, str):
        raise ConfigError(told, hint=f"write NAME {wanted}".rstrip())
    state, vip = told
    if wanted and state.lower() != wanted:
        raise ConfigError(f"says {words[-1]} where keepalived means {wanted}", hint=f"write {wanted}")
    return one_vip(vip)


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
