"""How the operations of the next writes are to end, where a write goes on as an operation."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

from .armed import C, Match, Rule
from .faults import Which

F = TypeVar("F")


class Fates(Generic[C, F]):
    """The fates that are armed; `F` is what an operation may be made to end as."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._armed: list[tuple[Rule[C], F]] = []

    def arm(self, fate: F, action: str | None, times: int | None, which: Which[C]) -> Rule[C]:
        """The operations of the next writes that match end so."""
        rule: Rule[C] = Rule(lambda _: None, Match(action, **which), times)
        with self._lock:
            self._armed.append((rule, fate))
        return rule

    def of(self, call: C) -> F | None:
        """How the operation of a write is to end, if not well; asking counts."""
        with self._lock:
            armed = tuple(self._armed)
        return next((fate for rule, fate in armed if rule.takes(call)), None)

    def clear(self) -> None:
        """Disarms all; operations keep what was meant for them."""
        with self._lock:
            for rule, _ in self._armed:
                rule.disarm()
            self._armed.clear()
