"""Which process is this, who called it, and since when do they run. Source: proc(5), /proc/PID/stat.

A process is named by its pid and the kernel's start time, because pids come back. Start times are
clock ticks since boot; the hook's own is its order's generation, since hooks overlap and may
arrive in any order.

The thin client of the hooks uses this module, so it imports nothing that the interpreter has not loaded
already: `dataclasses` alone takes longer than handing an order over.
"""

from __future__ import annotations

import os
import time

CALLERS = {
    "pgpool": "pgpool",
    "keepalived": "keepalived",
    "keepalived_vrrp": "keepalived",
    "patroni": "patroni",
    "pacemakerd": "pacemaker",
    "pacemaker-execd": "pacemaker",
}
"""The programs whose lives decide whether an order has somebody behind it, by their processes' names."""


class Process:
    """A process that cannot be taken for another: its pid and its start in ticks since boot."""

    __slots__ = ("pid", "started")

    def __init__(self, pid: int, started: int) -> None:
        self.pid = pid
        self.started = started

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Process) and (self.pid, self.started) == (other.pid, other.started)

    def __hash__(self) -> int:
        return hash((self.pid, self.started))

    def __repr__(self) -> str:
        return f"Process(pid={self.pid}, started={self.started})"


class Caller:
    """The HA manager behind a hook.

    `standing` is its outermost process: while it lives, somebody stands behind the order. `runner` is the
    process of it that waits for the hook; Pgpool-II forks one for each escalation, and runs a repeated
    `up` from one that is older.
    """

    __slots__ = ("program", "runner", "standing")

    def __init__(self, program: str, standing: Process, runner: Process) -> None:
        self.program = program
        self.standing = standing
        self.runner = runner


class Bringer:
    """Who brings an order: the process whose start is its generation, and the HA manager above it."""

    __slots__ = ("by", "caller")

    def __init__(self, by: Process, caller: Caller | None) -> None:
        self.by = by
        self.caller = caller


class _Stat:
    __slots__ = ("dead", "name", "parent", "process")

    def __init__(self, name: str, parent: int, process: Process, dead: bool) -> None:
        self.name = name
        self.parent = parent
        self.process = process
        self.dead = dead


def me() -> Process:
    """This process."""
    stat = _stat(os.getpid())
    return stat.process if stat else Process(os.getpid(), 0)


def caller() -> Caller | None:
    """The pgpool, keepalived, Pacemaker or Patroni above this process; None for a person."""
    program, runner, standing = "", None, None
    stat = _stat(os.getppid())
    while stat is not None:
        found = _program(stat)
        if runner is None and found is not None:
            program, runner = found, stat.process
        if found is not None and found == program:
            standing = stat.process
        stat = _stat(stat.parent)
    return Caller(program, standing, runner) if runner and standing else None


def bringer() -> Bringer:
    """This process, and whoever called it."""
    return Bringer(me(), caller())


def alive(process: Process) -> bool:
    """Whether exactly this process still runs; one that only waits to be buried does not."""
    stat = _stat(process.pid)
    return stat is not None and not stat.dead and stat.process == process


def boot_id() -> str:
    """What changes with every boot."""
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        return file.read().strip()


def ticks_now() -> int:
    """This moment as the kernel would write the start of a process: clock ticks since boot."""
    return ticks_at(time.clock_gettime(time.CLOCK_BOOTTIME))


def ticks_at(boot_s: float) -> int:
    """A moment, given in seconds since boot, in ticks."""
    return int(boot_s * os.sysconf("SC_CLK_TCK"))


def age_s(process: Process) -> float:
    """Seconds since the process started, suspended time included."""
    since_boot = time.clock_gettime(time.CLOCK_BOOTTIME)
    return max(since_boot - process.started / os.sysconf("SC_CLK_TCK"), 0.0)


def _program(stat: _Stat) -> str | None:
    if stat.name in CALLERS:
        return CALLERS[stat.name]
    return "patroni" if stat.name.startswith("python") and _runs_patroni(stat.process.pid) else None


def _runs_patroni(pid: int) -> bool:
    """Patroni is a script: its process may carry the interpreter's name."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            words = file.read().split(b"\0")
    except OSError:
        return False
    return any(os.path.basename(word) == b"patroni" for word in words[:3])


def _stat(pid: int) -> _Stat | None:
    """One /proc/PID/stat; the name stands in parentheses and may itself contain some."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            text = file.read()
    except OSError:
        return None
    name, _, rest = text.partition("(")[2].rpartition(")")
    fields = rest.split()
    return _Stat(name, int(fields[1]), Process(pid, int(fields[19])), fields[0] in "ZX")
