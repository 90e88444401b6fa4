"""A reader of keepalived's notify FIFO: the states in their order, by one process that stays.

    vrrp_notify_fifo        /run/keepalived/vipswitch.fifo
    vrrp_notify_fifo_script "/usr/local/bin/vipswitch-keepalived-fifo primary --instance VI_1"

keepalived appends the path of the FIFO. Of several lines that wait the newest counts. Each order is brought
by a process of its own, made when the line was read: so orders are as old as their lines, and none waits for
another.

The contract: a line is `INSTANCE "VI_1" MASTER 100`, also with GROUP, and with states of priorities; a full
FIFO loses lines without a word. A reload ends the reader, and begins another one on another FIFO of the same
path. When keepalived stops, SIGTERM comes before the last line, and the process group is killed a second
later: so the signal only says that the end is near, and an order's process is of no group of keepalived's.
Sources: notify.c and vrrp_notify.c of keepalived, keepalived.conf(5).
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # in the interpreter since Python 1, without stubs
import os
import select
import stat
import sys
import time

from vipswitch import processes
from vipswitch.callers.keepalived import HEARD_LOWER, STATES, WRONG, obey, wrong
from vipswitch.callers.process import detach, leave, say, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import FrameType
    from typing import NoReturn

_CONTRACT = "keepalived calls this: NAME [flags] [--instance VI_1 | --group VG_1] FIFO (notify_fifo_script)"
_KINDS = {"--instance": "INSTANCE", "--group": "GROUP"}
_OF_OTHERS = ("VS", "RS")
"""Lines about virtual servers, where one FIFO has everything."""

_LOOK_S = 1.0
"""How often children are buried and the FIFO's path is looked at, in seconds."""

_LINGER_S = 5.0
"""How long after SIGTERM the last line may come, in seconds."""

_LONGEST_LINE = 1024
_OTHERS_SAID = 16


def follow() -> NoReturn:
    """The executable behind `vrrp_notify_fifo_script`."""
    told = understood(sys.argv[1:])
    detach()
    if isinstance(told, str):
        say(f"{told}; {_CONTRACT}")
        leave(WRONG)
    reader, path = told
    _followed(reader, path)
    leave(0)


class Reader:
    """Whose lines count, and which VIP follows them.

    Without a name of its own it follows the instance that it hears of first; of every other one it says once
    that it does not.
    """

    def __init__(self, vip: Sequence[str], kind: str = "INSTANCE", name: str = "") -> None:
        self.vip = vip
        self._kind = kind
        self._name = name
        self._others: set[str] = set()

    def hear(self, lines: Sequence[str], before: str = "") -> str:
        """The newest state of ours, `before` where these lines have none; says what is wrong with a line.

        Only a master hears a lower one. Where other states came just before, it has become that just now:
        that needs an order of its own, however lately there was another.
        """
        states = [state for state in (before, *map(self._state, lines)) if state]
        newest = states[-1] if states else ""
        return "MASTER" if newest == HEARD_LOWER and set(states) != {newest} else newest

    def _state(self, line: str) -> str:
        kind, _, rest = line.partition(" ")
        name, _, state = rest.rpartition(" ")[0].rpartition(" ")
        if kind in _OF_OTHERS or (kind in _KINDS.values() and name and state.endswith("_PRIORITY")):
            return ""
        if kind not in _KINDS.values() or not name or state not in STATES:
            say(f"no line of keepalived's FIFO: {shown(line)}")
            return ""
        return state if self._is_ours(kind, name.strip('"')) else ""

    def _is_ours(self, kind: str, name: str) -> bool:
        if kind == self._kind and not self._name:
            self._name = name
        if (kind, name) == (self._kind, self._name):
            return True
        if kind == self._kind and name not in self._others and len(self._others) < _OTHERS_SAID:
            self._others.add(name)
            say(f"{shown(name)} is not followed, {shown(self._name)} is; --instance or --group says which")
        return False


def understood(words: Sequence[str]) -> tuple[Reader, str] | str:
    """The reader and the path of its FIFO; else what is wrong with the words."""
    *before, path = words or [""]
    vip, named = _named(before)
    if len(named) > 1 or any(not name for _, name in named):
        return "one instance or one group can be followed"
    if complaint := wrong(vip):
        return complaint
    if not _is_fifo(path):
        return f"no FIFO: {shown(path)}"
    if not os.access(path, os.R_OK):
        return f"uid {os.geteuid()} may not read the FIFO: {shown(path)}"
    return Reader(vip, *(named[0] if named else ())), path


def _named(words: Sequence[str]) -> tuple[list[str], list[tuple[str, str]]]:
    """The words for the VIP, and what is to be followed."""
    vip: list[str] = []
    named: list[tuple[str, str]] = []
    left = list(words)
    while left:
        flag, equals, value = left.pop(0).partition("=")
        if flag in _KINDS:
            named.append((_KINDS[flag], value if equals else left.pop(0) if left else ""))
        else:
            vip.append(f"{flag}{equals}{value}")
    return vip, named


def _is_fifo(path: str) -> bool:
    try:
        return stat.S_ISFIFO(os.stat(path).st_mode)
    except OSError:
        return False


def _followed(reader: Reader, path: str) -> None:
    """Until keepalived has ended or has begun another reader."""
    keepalived, ending = processes.caller(), _Ending()
    state = ""
    for lines in _lines(path, ending):
        state = reader.hear(lines, state)
        if state and STATES[state] == "up" and keepalived and not processes.alive(keepalived.standing):
            say(f"{state} is not followed: keepalived has ended")
            state = ""
        elif state and _obeyed(state, reader.vip):
            state = ""


def _obeyed(state: str, vip: Sequence[str]) -> bool:
    """Carry it out in a process of its own, which nobody waits for and no signal of the group reaches.

    False where there can be none just now: keepalived says each state once, so it is to be tried again.
    """
    try:
        pid = os.fork()
    except OSError as wrong:
        say(f"{state} waits: no new process: {wrong.strerror}")
        return False
    if pid == 0:
        code = 1
        try:
            os.setsid()
            code = obey(state, vip)
        finally:
            leave(code)
    return True


class _Ending:
    """Since when the end is near: SIGTERM has come, or the process that began this one is gone."""

    def __init__(self) -> None:
        self._parent = os.getppid()
        self._since = 0.0
        _signal.signal(_signal.SIGTERM, self._told)

    def near(self) -> bool:
        """Whether there is nothing to wait for once the FIFO is drained."""
        if os.getppid() != self._parent:
            self._told()
        return self._since > 0.0

    def overdue(self) -> bool:
        """Whether the last line should have come long ago."""
        return self.near() and time.monotonic() - self._since > _LINGER_S

    def _told(self, number: int = 0, frame: FrameType | None = None) -> None:
        self._since = self._since or time.monotonic()


def _lines(path: str, ending: _Ending) -> Iterator[list[str]]:
    """Whole lines, all that wait at once, or none for now; opens the path again when nobody writes to it."""
    while True:
        try:
            fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            pass  # taken away by a reload, and not made again yet
        except OSError as wrong:
            say(f"{path}: {wrong.strerror}")
            time.sleep(_LOOK_S)
        else:
            yield from _of_one(fd, ending)
            os.close(fd)
        if ending.near():
            return
        time.sleep(_LOOK_S / 10)


def _of_one(fd: int, ending: _Ending) -> Iterator[list[str]]:
    rest = b""
    while not ending.overdue():
        ready, _, _ = select.select([fd], [], [], _LOOK_S)
        _bury()
        if not ready:
            yield []
            continue
        raw = _drained(fd)
        *lines, rest = (rest + raw).split(b"\n")
        yield [line.decode("utf-8", "replace") for line in lines]
        rest = rest[:_LONGEST_LINE]
        if not raw:
            return


def _drained(fd: int) -> bytes:
    """All that waits in the FIFO; nothing when nobody has it open for writing any more."""
    raw = b""
    try:
        while chunk := os.read(fd, 65536):
            raw += chunk
    except BlockingIOError:
        pass  # for now
    return raw


def _bury() -> None:
    """The processes of orders that are over."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return
