"""if_up_cmd, if_down_cmd, arping_cmd: what Pgpool-II will run, and what it will make of it.

Rules: no shell and no PATH; the setting is cut at spaces only, quotes and tabs are ordinary bytes;
`$_IP_$` is replaced everywhere but in the program's own path, which is the first word, or that word in
`if_cmd_path` / `arping_path` when it is relative. 24 pointers without a bound check, 128 bytes of path.
A program that cannot be started counts as one that succeeded. All three absolute is the only safe way:
with a relative if_up_cmd the start-up check glues the folders in front of absolute paths too, and ends.
Source: wd_if.c exec_if_cmd and wd_get_cmd, wd_utils.c wd_check_network_command_configurations.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from vipswitch.preflight.findings import error, warning
from vipswitch.preflight.pgpool_conf import PgpoolConf
from vipswitch.provider import Finding

PLACEHOLDER = "$_IP_$"
FOLDERS = {
    "if_up_cmd": ("if_cmd_path", "/sbin"),
    "if_down_cmd": ("if_cmd_path", "/sbin"),
    "arping_cmd": ("arping_path", "/usr/sbin"),
}
"""The three commands, and the folder (setting, default) in which each is looked up when relative."""

Trouble = Callable[[str, bool], str]
"""What keeps a program from being run by the hooks' user, or by root for True; empty when nothing does."""

_MOST_WORDS = 23
_MOST_BYTES = 127
_SUDO_WITH_VALUE = frozenset("ugpCTDRrthUc")


@dataclass(frozen=True, slots=True)
class Command:
    """One command as it is set; `folder` is where a relative program is looked up."""

    name: str
    where: str
    value: str
    folder: str

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the setting, cut as Pgpool-II cuts them."""
        return tuple(word for word in self.value.split(" ") if word)

    @property
    def program(self) -> str:
        """The path that is run."""
        return self.words[0] if self.absolute else f"{self.folder}/{''.join(self.words[:1])}"

    @property
    def called(self) -> tuple[str, ...]:
        """The program that does the work and its words: those behind sudo, if that stands first."""
        return behind_sudo(self.words)

    @property
    def absolute(self) -> bool:
        """Whether the program is named by its whole path."""
        return bool(self.words) and self.words[0].startswith("/")

    @property
    def by_sudo(self) -> bool:
        """Whether sudo runs it."""
        return self.called != self.words


def command_of(conf: PgpoolConf, name: str) -> Command | None:
    """The command of that name; None when it is not set at all."""
    if name not in conf.settings:
        return None
    return Command(name, conf.where(name), conf.text(name), conf.text(*FOLDERS[name]))


def behind_sudo(words: Sequence[str]) -> tuple[str, ...]:
    """The words from the program on that sudo runs; all of them when sudo does not stand first."""
    if not words or os.path.basename(words[0]) != "sudo":
        return tuple(words)
    left = list(words[1:])
    while left and (left[0].startswith("-") or "=" in left[0]):
        option = left.pop(0)
        if option == "--":
            break
        if left and _takes_value(option):
            left.pop(0)
    return tuple(left)


def look_at_command(command: Command, trouble: Trouble) -> Iterator[Finding]:
    """Everything about one command by itself, whosever it is."""
    if not command.called:
        fix = f"write the whole path: {command.name} = '/usr/local/bin/...'"
        yield error(command.where, "is empty, and Pgpool-II counts that as a failure", fix)
        return
    yield from _shape(command)
    yield from _program(command, trouble)
    if command.by_sudo:
        yield from _sudo(command, trouble)


def look_at_paths(commands: Sequence[Command]) -> Iterator[Finding]:
    """All absolute, or a trap."""
    given = {command.name: command for command in commands if command.words}
    up = given.get("if_up_cmd")
    if up is None or up.absolute:
        return
    for command in given.values():
        if command.absolute:
            glued = f"{command.folder}/{command.words[0]}"
            message = f"is absolute but if_up_cmd is not: Pgpool-II looks for {glued} and ends"
            yield error(command.where, message, "make all three commands absolute")


def _shape(command: Command) -> Iterator[Finding]:
    if len(command.words) > _MOST_WORDS:
        message = f"has {len(command.words)} words; more than {_MOST_WORDS} smash Pgpool-II's stack"
        yield error(command.where, message, "put the VIP's keys into the config and pass $_IP_$ alone")
    if any(byte in command.value for byte in "'\"\t"):
        message = "has a quote or a tab, which Pgpool-II passes on as an ordinary byte"
        yield warning(command.where, message, "leave them out: words are cut at spaces, and only there")
    if PLACEHOLDER not in command.value and command.name != "arping_cmd":
        message = f"has no {PLACEHOLDER}, so it does not follow the delegate IP"
        yield warning(command.where, message, f"pass {PLACEHOLDER}")


def _program(command: Command, trouble: Trouble) -> Iterator[Finding]:
    length = len(os.fsencode(command.program))
    if PLACEHOLDER in command.words[0]:
        message = f"{PLACEHOLDER} in the program's own path is not replaced there"
        yield error(command.where, message, f"pass {PLACEHOLDER} as a word of its own")
    elif length > _MOST_BYTES:
        message = f"the program's path has {length} bytes and is cut after {_MOST_BYTES}"
        yield error(command.where, message, "give it a shorter path, by a link for example")
    elif wrong := trouble(command.program, False):
        yield _counts_as_success(command, f"{command.program} {wrong}")
    if not command.absolute:
        message = f"is looked up as {command.program}"
        yield warning(command.where, message, f"write the whole path: {command.name} = '/...'")


def _counts_as_success(command: Command, what: str) -> Finding:
    level = warning if command.name == "arping_cmd" else error
    return level(command.where, f"{what}: Pgpool-II takes that for success", "name a program that it can run")


def _sudo(command: Command, trouble: Trouble) -> Iterator[Finding]:
    if not _never_asks(command):
        message = "sudo without -n may wait for a password, and nothing ends that wait"
        yield warning(command.where, message, "write sudo -n")
    program = command.called[0]
    if not program.startswith("/"):
        yield warning(command.where, f"sudo looks for {program} in its own path", "write the whole path")
    elif wrong := trouble(program, True):
        yield error(command.where, f"{program} {wrong}", "name a program that sudo can run")


def _never_asks(command: Command) -> bool:
    options = command.words[1 : len(command.words) - len(command.called)]
    return any(o == "--non-interactive" or (_is_cluster(o) and "n" in o) for o in options)


def _takes_value(option: str) -> bool:
    """`-u root` and `-nu root`; not `-uroot`, `--user=root`."""
    return _is_cluster(option) and option[-1] in _SUDO_WITH_VALUE


def _is_cluster(option: str) -> bool:
    return option.startswith("-") and not option.startswith("--")
