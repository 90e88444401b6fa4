"""Which process is this, who called it, and since when do they run. Source: proc(5), /proc/PID/stat.

A process is named by its pid and the kernel's start time, because pids come back. Start times are
clock ticks since boot; the hook's own is its order's generation, since hooks overlap and may
arrive in any order.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

CALLERS = frozenset({"pgpool", "keepalived", "patroni"})
"""The programs whose lives decide whether an order still has somebody behind it."""


@dataclass(frozen=True, slots=True)
class Process:
    """A process that cannot be taken for another: its pid and its start in ticks since boot."""

    pid: int
    started: int


@dataclass(frozen=True, slots=True)
class _Stat:
    name: str
    parent: int
    process: Process


def me() -> Process:
    """This process."""
    stat = _stat(os.getpid())
    return stat.process if stat else Process(os.getpid(), 0)


def caller() -> Process | None:
    """The nearest pgpool, keepalived or Patroni above this process; None for a person."""
    stat = _stat(os.getppid())
    while stat is not None and stat.process.pid > 1:
        if _is_caller(stat):
            return stat.process
        stat = _stat(stat.parent)
    return None


def alive(process: Process) -> bool:
    """Whether exactly this process still runs."""
    stat = _stat(process.pid)
    return stat is not None and stat.process == process


def boot_id() -> str:
    """What changes with every boot."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def age_s(process: Process) -> float:
    """Seconds since the process started, suspended time included."""
    since_boot = time.clock_gettime(time.CLOCK_BOOTTIME)
    return max(since_boot - process.started / os.sysconf("SC_CLK_TCK"), 0.0)


def _is_caller(stat: _Stat) -> bool:
    return stat.name in CALLERS or (stat.name.startswith("python") and _runs_patroni(stat.process.pid))


def _runs_patroni(pid: int) -> bool:
    """Patroni is a script: its process may carry the interpreter's name."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return any(os.path.basename(word) == b"patroni" for word in words[:3])


def _stat(pid: int) -> _Stat | None:
    """One /proc/PID/stat; the name stands in parentheses and may itself contain some."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (OSError, UnicodeDecodeError):
        return None
    name, _, rest = text.partition("(")[2].rpartition(")")
    fields = rest.split()
    return _Stat(name, int(fields[1]), Process(pid, int(fields[19])))
