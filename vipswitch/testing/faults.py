"""Faults that a test arms while a cloud runs: those that are the same in every cloud.

Rules: the rules that match a call act on it in the order in which they were armed, until one of them answers
it or drops its connection. `action` None stands for all actions, `on` None for all resources, `source` None
for all clients, `times` None for "until disarmed". Rules that act after the work see only calls that were
accepted. A call that waits blocks no other. Everything may be armed, disarmed and read from any thread.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypedDict, Unpack

from .armed import C, Drop, Gate, Match, Rule
from .wire import Answer

Effect = Callable[[C], Answer | None]


class Which(TypedDict, Generic[C], total=False):
    """The calls that a fault is for."""

    on: str | None
    source: str | None
    where: Callable[[C], bool] | None


class Faults(Generic[C]):
    """The armed faults of one cloud; a cloud adds its own refusals."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._before: list[Rule[C]] = []
        self._after: list[Rule[C]] = []
        self._gates: list[Gate] = []
        self._closing = threading.Event()

    def delay(
        self,
        seconds: float,
        action: str | None = None,
        *,
        times: int | None = None,
        **which: Unpack[Which[C]],
    ) -> Rule[C]:
        """Waits before the work."""
        return self._arm(self._before, lambda _: self._wait(seconds), action, times, which)

    def drop_before(self, times: int | None, action: str | None = None, **which: Unpack[Which[C]]) -> Rule[C]:
        """Closes the connection; nothing is done."""
        return self._arm(self._before, _drop, action, times, which)

    def drop_after(self, times: int | None, action: str | None = None, **which: Unpack[Which[C]]) -> Rule[C]:
        """Does the work and tells the journal's listeners, then closes the connection without an answer."""
        return self._arm(self._after, _drop, action, times, which)

    def after_commit(
        self, action: str | None, callback: Callable[[], object], **which: Unpack[Which[C]]
    ) -> Rule[C]:
        """Calls `callback` once, between the work and the answer; it may call the cloud, also to write."""
        return self._arm(self._after, _calling(callback), action, 1, which)

    def hold(self, action: str | None, *, times: int = 1, **which: Unpack[Which[C]]) -> Gate:
        """Holds the next call (the next `times` calls) before the work, until the gate is released."""
        return self._hold(self._before, action, times, which)

    def hold_answer(self, action: str | None, *, times: int = 1, **which: Unpack[Which[C]]) -> Gate:
        """As `hold`, between the work and the answer; sees only calls that are accepted."""
        return self._hold(self._after, action, times, which)

    def clear(self) -> None:
        """Disarms everything and lets held calls go on."""
        with self._lock:
            for rules in (self._before, self._after):
                _disarm(rules)
        self._release()

    def close(self) -> None:
        """Ends every wait; the calls that waited are dropped with their work undone."""
        self._closing.set()
        self._release()

    def before(self, call: C) -> Answer | None:
        """Acts before the work; an answer means that there is to be no work. Raises Drop."""
        return _act(self._before, call)

    def after(self, call: C) -> Answer | None:
        """Acts after the work of an accepted call; an answer takes the place of its own. Raises Drop."""
        return _act(self._after, call)

    def _call_before(
        self, action: str | None, callback: Callable[[], object], times: int, which: Which[C]
    ) -> Rule[C]:
        return self._arm(self._before, _calling(callback), action, times, which)

    def _arm(
        self,
        rules: list[Rule[C]],
        effect: Effect[C],
        action: str | None,
        times: int | None,
        which: Which[C],
    ) -> Rule[C]:
        rule = Rule(effect, Match(action, **which), times)
        with self._lock:
            rules.append(rule)
        return rule

    def _hold(self, rules: list[Rule[C]], action: str | None, times: int, which: Which[C]) -> Gate:
        gate = Gate()
        with self._lock:
            self._gates.append(gate)
        self._arm(rules, lambda _: self._held(gate), action, times, which)
        return gate

    def _release(self) -> None:
        with self._lock:
            gates, self._gates = self._gates, []
        for gate in gates:
            gate.release()

    def _held(self, gate: Gate) -> None:
        gate.pass_through()
        self._drop_if_closing()

    def _wait(self, seconds: float) -> None:
        self._closing.wait(seconds)
        self._drop_if_closing()

    def _drop_if_closing(self) -> None:
        if self._closing.is_set():
            raise Drop


def _disarm(rules: list[Rule[C]]) -> None:
    for rule in rules:
        rule.disarm()
    rules.clear()


def _act(rules: list[Rule[C]], call: C) -> Answer | None:
    for rule in tuple(rules):
        if rule.takes(call) and (answer := rule.effect(call)) is not None:
            return answer
    return None


def _calling(callback: Callable[[], object]) -> Callable[[object], Answer | None]:
    def call(_: object) -> None:
        callback()

    return call


def _drop(_: object) -> Answer | None:
    raise Drop
