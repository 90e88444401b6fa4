"""Time that passes only when somebody waits: tests of timeouts take no time and always end alike."""

from __future__ import annotations

import math
import queue
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from vipswitch.deadline import Instant

T = TypeVar("T")

_STUCK_S = 20.0
_PATIENCE_S = 1.0


class ManualClock:
    """A clock that starts at zero and moves when told to, on all three hands or on some."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._monotonic = self._boot = self._wall = 0.0

    def now(self) -> Instant:
        """This moment."""
        with self._lock:
            return Instant(self._monotonic, self._boot, self._wall)

    def until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Whether it became true; `seconds` go by only when the others really do not make it so."""
        end = time.monotonic() + _PATIENCE_S
        while not condition():
            if time.monotonic() > end:
                self.wait(seconds)
                return False
            time.sleep(0.001)
        return True

    def wait(self, seconds: float) -> None:
        """Time goes by: however few the seconds, all hands show it, as those of a real clock would."""
        with self._lock:
            self._monotonic = _later(self._monotonic, seconds)
            self._boot = _later(self._boot, seconds)
            self._wall = _later(self._wall, seconds)

    def jump(self, *, boot: float = 0.0, wall: float = 0.0) -> None:
        """Time that the monotonic hand does not see: a suspended machine, a paused virtual one."""
        with self._lock:
            self._boot += boot
            self._wall += wall

    def next_from(self, source: queue.SimpleQueue[T], seconds: float, *, expected: bool) -> T | None:
        """The next item; when nobody is at work on one, `seconds` go by instead."""
        try:
            return source.get(timeout=_STUCK_S) if expected else source.get_nowait()
        except queue.Empty:
            if expected:
                raise AssertionError("a step never ended") from None
            self.wait(seconds)
            return None


def _later(hand: float, seconds: float) -> float:
    """A remainder that is too small to be added would be waited for without end."""
    return max(hand + seconds, math.nextafter(hand, math.inf)) if seconds > 0 else hand
