"""Shows a scene while it is played: what was told, in its order, and the picture of this moment.

Rules: everything that is told is shown a moment later, because several threads tell it; a wait has an end.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from vipswitch.demo import client
from vipswitch.demo.events import Event
from vipswitch.demo.scene import Scene, holders
from vipswitch.demo.screen import Picture, Screen
from vipswitch.demo.strip import strip

T = TypeVar("T")

SETTLE_S = 0.15
"""So late may a thing be told and still be shown in its order."""
_FRAME_S = 0.1
_WINDOW_S = 60.0


class Broken(Exception):
    """The story cannot go on."""


class Stage:
    """One scene on one screen."""

    def __init__(self, scene: Scene, screen: Screen) -> None:
        self.dead: set[str] = set()
        self._scene = scene
        self._screen = screen
        self._began = time.monotonic()
        self._read = 0
        self._waiting: list[Event] = []
        self._client_told = 0.0

    def chapter(self, title: str) -> float:
        """Begin a chapter; its events are shown with their time since now, which is returned."""
        now = time.monotonic()
        self._screen.chapter(title, zero=now)
        return now

    def say(self, who: str, text: str) -> None:
        """Tell of something that happens now."""
        self._scene.events.append(Event(time.monotonic(), who, text))

    def end_chapter(self, *, since: float) -> None:
        """Show what is still to be shown, and the client's line from `since` on."""
        self.watch(2 * SETTLE_S)
        end = time.monotonic() - SETTLE_S
        self._screen.strip(strip(self._scene.probes.all(), start=since, end=end))

    def watch(self, seconds: float) -> None:
        """Show what happens for a while."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._frame()
            time.sleep(_FRAME_S)

    def wait(self, wanted: Callable[[], T | None], complaint: str, *, within_s: float) -> T:
        """Show what happens until there is what is wanted. Raises Broken."""
        end = time.monotonic() + within_s
        while (found := wanted()) is None:
            if time.monotonic() > end:
                raise Broken(f"{complaint} within {within_s:.0f} s")
            self.watch(_FRAME_S)
        return found

    def _frame(self) -> None:
        self._scene.observe()
        self._collect()
        now = time.monotonic()
        due = sorted((e for e in self._waiting if e.at <= now - SETTLE_S), key=lambda event: event.at)
        self._waiting = [event for event in self._waiting if event not in due]
        self._screen.events(due)
        self._screen.show(self._picture(now))

    def _collect(self) -> None:
        new = self._scene.events[self._read :]
        self._read += len(new)
        turns = [e for e in client.turns(self._scene.probes.all()) if e.at > self._client_told]
        self._client_told = max([self._client_told, *(event.at for event in turns)])
        self._waiting += [*new, *turns]

    def _picture(self, now: float) -> Picture:
        probes = self._scene.probes.all()
        found = set(holders(self._scene.routes()).values())
        return Picture(
            holder=found.pop() if len(found) == 1 else None,
            nodes={node.name: node.name not in self.dead for node in self._scene.nodes},
            strip=strip(probes, start=max(self._began, now - _WINDOW_S), end=now - SETTLE_S),
            silence_s=client.silence_s(probes, now),
        )
