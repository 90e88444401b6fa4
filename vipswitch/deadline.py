"""Time: one clock, one deadline per order, and whether this process was frozen meanwhile.

Three clocks are read at once. The monotonic one is what everything is measured with; the boot clock
also counts a suspended machine; the wall clock is the only one that moves for a paused virtual
machine, once time synchronisation sets it. Source: clock_gettime(2).
"""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

T = TypeVar("T")

_POLL_S = 0.005

FREEZE_S = 2.0
"""An observation older than this is looked at again before a write is built on it: no cluster
manager elects another leader sooner (Pgpool-II's floor is detection + 2.0 s)."""


@dataclass(frozen=True, slots=True)
class Instant:
    """One moment on the three clocks, in seconds."""

    monotonic: float
    boot: float
    wall: float


class Clock(Protocol):
    """Where time comes from; a test brings its own."""

    def now(self) -> Instant:
        """This moment."""
        ...

    def until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Whether `condition`, which others make true, became true within `seconds`."""
        ...

    def next_from(self, source: queue.SimpleQueue[T], seconds: float, *, expected: bool) -> T | None:
        """The next item of `source`, or None when `seconds` went by without one.

        `expected` says that somebody is at work who will put one there.
        """
        ...


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> Instant:
        """This moment."""
        return Instant(time.monotonic(), time.clock_gettime(time.CLOCK_BOOTTIME), time.time())

    def until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Ask every 5 ms; a signal handler that raises ends it early."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() >= end:
                return False
            time.sleep(_POLL_S)
        return True

    def next_from(self, source: queue.SimpleQueue[T], seconds: float, *, expected: bool) -> T | None:
        """The next item of `source`, or None after `seconds`."""
        try:
            return source.get(timeout=max(seconds, 0.0))
        except queue.Empty:
            return None


class Deadline:
    """The moment after which an order starts no write.

    It runs on the monotonic and on the boot clock, whichever moved further: an order does not live
    on through a suspended machine.
    """

    def __init__(self, seconds: float, clock: Clock, started: Instant | None = None) -> None:
        self.seconds = seconds
        self._clock = clock
        self._started = started or clock.now()
        self._cancelled = False

    def remaining(self) -> float:
        """Seconds left, never below zero."""
        if self._cancelled:
            return 0.0
        now = self._clock.now()
        elapsed = max(now.monotonic - self._started.monotonic, now.boot - self._started.boot)
        return max(self.seconds - elapsed, 0.0)

    def passed(self) -> bool:
        """Whether no further write may start."""
        return self.remaining() <= 0.0

    def cancel(self) -> None:
        """Let it pass now: somebody asked us to stop."""
        self._cancelled = True

    def within(self, seconds: float) -> Deadline:
        """The one that is `seconds` from now, or as soon as this one when that is sooner."""
        return Deadline(self.capped(seconds), self._clock)

    def capped(self, seconds: float) -> float:
        """`seconds`, or what is left when that is less."""
        return min(seconds, self.remaining())


def frozen_between(earlier: Instant, now: Instant) -> bool:
    """Whether so much time went by on any clock that what was seen `earlier` proves nothing now.

    A wall clock that was set, in either direction, counts too; the price is one read.
    """
    return (
        max(now.monotonic - earlier.monotonic, now.boot - earlier.boot, abs(now.wall - earlier.wall))
        > FREEZE_S
    )
