"""What is going on right now, on a terminal, when it takes longer than a second; else nothing at all.

An operation of the cloud that is waited for comes before the reads that only look whether it is over.
"""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Iterator
from typing import Protocol

from vipswitch.plan import Step
from vipswitch.result import Observer
from vipswitch.steplog import name_of
from vipswitch.world import Fact, OutcomeLost, Saw, TakenBack


class Line(Protocol):
    """What can be shown on."""

    def update(self, text: str, /) -> None:
        """Show this instead."""
        ...


_PATIENCE_S = 1.0
_REFRESH_S = 0.2


class Display:
    """Collects what is under way and, after a second, shows the oldest with its age."""

    def __init__(self) -> None:
        self._running: dict[tuple[str, str], float] = {}
        self._operations: dict[tuple[str, str], tuple[str, float]] = {}
        self._over = threading.Event()

    def watching(self, vip: str, log: Observer) -> Observer:
        """An observer for one VIP that shows its steps here and passes them on to `log`."""
        return _Watch(self, vip, log)

    def begin(self, vip: str, what: str) -> None:
        """A step starts."""
        self._running[vip, what] = time.monotonic()

    def end(self, vip: str, what: str) -> None:
        """A step is over."""
        self._running.pop((vip, what), None)

    def look(self, vip: str, fact: Fact) -> None:
        """The cloud was seen at an operation, or something else was learnt of a place."""
        if isinstance(fact, Saw) and fact.holding.busy:
            now = time.monotonic()
            since = self._operations.get((vip, str(fact.place)), ("", now))[1]
            self._operations[vip, str(fact.place)] = fact.holding.note, since
        elif isinstance(fact, Saw | OutcomeLost | TakenBack):
            self._operations.pop((vip, str(fact.place)), None)

    def show(self) -> None:
        """Runs in a thread of its own until `close`."""
        if self._over.wait(_PATIENCE_S):
            return
        from rich.console import Console

        with Console(stderr=True).status("") as line:
            while not self._over.wait(_REFRESH_S):
                self.refresh(line)

    def close(self) -> None:
        """Stop showing."""
        self._over.set()

    def refresh(self, line: Line) -> None:
        """Show on `line` what is going on now."""
        operations = [(vip, note, since) for (vip, _), (note, since) in list(self._operations.items())]
        running = operations or [(vip, what, since) for (vip, what), since in list(self._running.items())]
        if not running:
            line.update("waiting for the next try")
            return
        vip, what, since = min(running, key=lambda each: each[2])
        more = f" and {len(running) - 1} more" if len(running) > 1 else ""
        line.update(f"{vip}: {what}, {time.monotonic() - since:.0f} s{more}")


class _Watch:
    def __init__(self, display: Display, vip: str, log: Observer) -> None:
        self._display = display
        self._vip = vip
        self._log = log

    def started(self, step: Step) -> None:
        self._display.begin(self._vip, name_of(step))
        self._log.started(step)

    def ended(self, step: Step, facts: list[Fact], seconds: float) -> None:
        self._display.end(self._vip, name_of(step))
        for fact in facts:
            self._display.look(self._vip, fact)
        self._log.ended(step, facts, seconds)


@contextlib.contextmanager
def progress() -> Iterator[Display]:
    """A display for the time of the block; it stays silent when stderr is not a terminal."""
    display = Display()
    shown = threading.Thread(target=display.show, daemon=True) if sys.stderr.isatty() else None
    if shown is not None:
        shown.start()
    try:
        yield display
    finally:
        display.close()
        if shown is not None:
            shown.join(timeout=_REFRESH_S * 2)
