"""One process, timed from outside: wall clock and CPU from its start until it has been waited for.

Rules: `posix_spawn`, because a fork of this large process would be part of the figure; no shell, no pipe;
what it says goes to a log file. CPU time is that of the process and all children it waited for.
Source: wait4(2), getrusage(2), clock_getcpuclockid(3).
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended; the moments are `time.monotonic()`."""

    started: float
    ended: float
    cpu_s: float
    code: int


def run(words: list[str], environment: Mapping[str, str], log: Path) -> Ended:
    """Run a program to its end; `words[0]` is its path."""
    onto_log = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    files = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
        (os.POSIX_SPAWN_OPEN, 2, str(log), onto_log, 0o600),
    ]
    started = time.monotonic()
    pid = os.posix_spawn(words[0], words, environment, file_actions=files)
    _, status, usage = os.wait4(pid, 0)
    ended = time.monotonic()
    return Ended(started, ended, usage.ru_utime + usage.ru_stime, os.waitstatus_to_exitcode(status))


def cpu_s(pid: int) -> float:
    """CPU seconds that a running process has used so far, to the nanosecond; its children not counted."""
    return time.clock_gettime(~pid << 3 | _SCHEDULER)


def resident_mb(pid: int) -> float:
    """The memory of a process that is in RAM, in MB (VmRSS, proc(5))."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024 / 1e6
    return 0.0


_SCHEDULER = 2
"""CPUCLOCK_SCHED: what the scheduler counts, in nanoseconds."""
