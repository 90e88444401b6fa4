"""One actor of a play: what it asks next follows from what it was answered.

How it works: what an actor was once seen to do upon the same answers is remembered, so that it comes alive,
as threads on the stage, only where it hears something for the first time: then it is told again all that it
has heard. What it leaves behind outlives it, and is remembered likewise.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from .explore import Choice
from .stage import Stage


@dataclass(frozen=True, slots=True)
class Moment:
    """An actor between two answers: what it asks, or how it `ended`, and what it would leave behind."""

    asks: Mapping[Choice, Any]
    ended: Any
    left: Any


Memory = dict[Hashable, Moment]
"""What actors came to, by how they began and what they have heard."""


class Actor:
    """An actor of a name. `come_alive` starts it on the stage and gives what tells what it leaves behind.

    `key` is all that its beginning depends on.
    """

    def __init__(
        self,
        name: str,
        stage: Stage[Any, Any],
        come_alive: Callable[[], Callable[[], Any]],
        *,
        memory: Memory,
        key: Hashable,
    ) -> None:
        self._name = name
        self._stage = stage
        self._come_alive = come_alive
        self._memory = memory
        self._key = key
        self._leaves: Callable[[], Any] | None = None
        self._heard: list[tuple[Choice, Any]] = []
        self._told = 0
        self._history: frozenset[Hashable] = frozenset()
        self.now = self._remember()

    def hear(self, choice: Choice, answer: Any, key: Hashable) -> None:
        """Go on upon an answer; `key` is equal for answers that are the same to it.

        Reads that wait at once are heard in whatever order, to the same effect.
        """
        when = len(self._heard) if choice.writes else sum(1 for heard, _ in self._heard if heard == choice)
        self._heard.append((choice, answer))
        self._history |= {(choice, when, key)}
        self.now = self._remember()

    def die(self) -> None:
        """Ask nothing more."""
        self.now = Moment({}, None, self.now.left)

    def _remember(self) -> Moment:
        now = (self._key, self._history)
        if now not in self._memory:
            self._memory[now] = self._live()
        return self._memory[now]

    def _live(self) -> Moment:
        if self._leaves is None:
            self._leaves = self._come_alive()
        for choice, answer in self._heard[self._told :]:
            self._stage.answer(choice, answer)
        self._told = len(self._heard)
        return Moment(self._stage.waiting(self._name), self._stage.ended.get(self._name), self._leaves())
