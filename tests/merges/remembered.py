"""A cloud that is really asked only what it was not asked before in the same state.

How it works: a state is known by all that later answers depend on. What came of a request in it is
remembered for all plays; where something new is asked, the requests of this play are made again, on a cloud
of their own, as far as that has not had them.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.merges.method import Method
from vipswitch.testing.merges import Effect
from vipswitch.testing.wire import Answer, Request

What = Request | str
"""A request, or the object whose operation ends."""


@dataclass(frozen=True, eq=False, slots=True)
class State:
    """The cloud at one moment."""

    objects: Mapping[str, object]
    documents: Mapping[str, Any]
    holders: tuple[str, ...]
    running: tuple[str, ...]
    unfinished: tuple[str, ...]

    @property
    def holder(self) -> str | None:
        """The one node that holds the VIP."""
        assert len(self.holders) <= 1, f"held by {self.holders}"
        return self.holders[0] if self.holders else None


@dataclass(frozen=True, slots=True)
class _Came:
    """What came of something in some state."""

    answer: Answer
    effect: Effect
    then: State


class Remembered:
    """The clouds of all plays of one theatre, as one; `make` makes a real one."""

    def __init__(self, make: Callable[[], Method]) -> None:
        self._make = make
        self._real = make()
        self._done: list[What] = []
        self._taken: list[What] = []
        self._states: dict[str, State] = {}
        self._known: dict[Hashable, _Came] = {}
        self._first = self.now = self._state()

    @property
    def method(self) -> Method:
        """What is moved, and how."""
        return self._real

    def begin(self) -> None:
        """It is as it was first."""
        self.now, self._taken = self._first, []

    def take(self, what: What, *, writes: bool) -> tuple[Answer, Effect]:
        """What came of it."""
        key = (self.now, _key(what))
        self._taken.append(what)
        if key not in self._known:
            self._known[key] = self._really(what, writes=writes)
        came = self._known[key]
        self.now = came.then
        return came.answer, came.effect

    def _really(self, what: What, *, writes: bool) -> _Came:
        self._catch_up()
        looked_at = self._real.looked_at(what, writes=writes)
        answer = self._real.answer(what)
        self._done.append(what)
        before, then = self.now.objects, self._state()
        return _Came(answer, Effect(frozenset(looked_at), changed(before, then.objects)), then)

    def _catch_up(self) -> None:
        before = self._taken[:-1]
        if len(self._done) > len(before) or self._done != before[: len(self._done)]:
            self._real, self._done = self._make(), []
        for what in before[len(self._done) :]:
            self._real.answer(what)
            self._done.append(what)

    def _state(self) -> State:
        real = self._real
        made = State(
            real.objects(), real.documents(), real.holders(), tuple(real.running()), tuple(real.unfinished())
        )
        return self._states.setdefault(real.fingerprint(), made)


def changed(before: Mapping[str, object], then: Mapping[str, object]) -> frozenset[str]:
    """The objects that are not as they were: other ones, new ones, and those that are gone."""
    return frozenset(name for name in {**before, **then} if before.get(name) != then.get(name))


def _key(what: What) -> Hashable:
    if isinstance(what, str):
        return what
    conditions = (what.headers.get("if-match"), what.headers.get("if-none-match"))
    return (what.method, what.target, what.body, conditions)
