"""What the agent remembers of its work, off the path of every order: the history on disk, and the metrics.

A thread of its own writes the history: a stalling disk must not hold up a takeover. What cannot be written in
time is dropped, oldest first.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Protocol

from vipswitch.deadline import Clock
from vipswitch.history import History
from vipswitch.model import State
from vipswitch.move import Move

_MOST = 1000


class Meter(Protocol):
    """Somebody who counts: the metrics, if they are served."""

    def moved(self, move: Move) -> None:
        """A move has ended, or is pending."""
        ...

    def state(self, vip: str, state: str, at: float) -> None:
        """What a look at a VIP said, `at` a moment on the monotonic clock."""
        ...

    def pending(self, vip: str, on: bool) -> None:
        """Whether an order is being pursued."""
        ...

    def forget(self, vip: str) -> None:
        """The VIP is no longer in the config."""
        ...


class Chronicle:
    """Everything that happens to the VIPs of this agent."""

    def __init__(self, history: History, clock: Clock, meter: Meter | None) -> None:
        self._history = history
        self._clock = clock
        self._meter = meter
        self._work: queue.Queue[Callable[[], None]] = queue.Queue(_MOST)
        threading.Thread(target=self._run, name="chronicle", daemon=True).start()

    def moved(self, move: Move) -> None:
        """A move has ended, or is pending: then it is noted once more when it ends."""
        self._put(lambda: self._history.add(move))
        if self._meter is not None:
            self._meter.moved(move)

    def state(self, vip: str, state: State, *, contested: bool) -> None:
        """What the last look at a VIP said."""
        if self._meter is not None:
            said = "contested" if contested else str(state)
            self._meter.state(vip, said, self._clock.now().monotonic)

    def pending(self, vip: str, on: bool) -> None:
        """Whether an order of the VIP is being pursued."""
        if self._meter is not None:
            self._meter.pending(vip, on)

    def forget(self, vip: str) -> None:
        """The VIP is no longer in the config."""
        if self._meter is not None:
            self._meter.forget(vip)

    def flush(self, seconds: float) -> None:
        """Wait until all is written, or `seconds` have passed."""
        done = threading.Event()
        self._put(done.set)
        done.wait(seconds)

    def _put(self, work: Callable[[], None]) -> None:
        try:
            self._work.put_nowait(work)
        except queue.Full:
            self._work.get_nowait()
            self._put(work)

    def _run(self) -> None:
        while True:
            self._work.get()()
