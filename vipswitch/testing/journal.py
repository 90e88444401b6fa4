"""What was asked of a cloud, by whom and when, and what became of it.

Rules: a call is in the journal from the moment it arrived and is completed as it goes on; listeners hear of
each write that was accepted in the order of the commits, after the commit and before the answer. A listener
may read from the cloud; one that writes to it waits for itself for ever.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """One call, as far as all clouds note it; times are `time.monotonic()`, whatever the cloud's clock.

    `committed` is set for writes that were accepted. `answered`, `status` and `error` stay None for a call
    that is still held, was dropped, or whose client was gone before its answer could be sent.
    """

    action: str
    source: str
    received: float
    mutating: bool = False
    committed: float | None = None
    answered: float | None = None
    status: int | None = None
    error: str | None = None


C = TypeVar("C", bound=Noted)


class Journal(Generic[C]):
    """The calls of one cloud; every method may be called from any thread."""

    def __init__(self) -> None:
        self._calls: dict[int, C] = {}
        self._commits: list[int] = []
        self._listeners: list[Callable[[C], None]] = []
        self._ids = itertools.count()
        self._told = threading.Condition()
        self._commit_count = 0
        self._told_count = 0

    def calls(self) -> tuple[C, ...]:
        """All calls, in the order in which they arrived."""
        with self._told:
            return tuple(self._calls.values())

    def writes(self) -> tuple[C, ...]:
        """The calls that changed something, in the order of their commits."""
        with self._told:
            return tuple(self._calls[id_] for id_ in self._commits)

    def clear(self) -> None:
        """Forgets the calls; listeners stay."""
        with self._told:
            self._calls.clear()
            self._commits.clear()

    def subscribe(self, listener: Callable[[C], None]) -> Callable[[], None]:
        """Calls `listener` for each write from now on; returns what ends that."""
        with self._told:
            self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def enter(self, call: C) -> Entry[C]:
        """Notes that a call has arrived."""
        with self._told:
            id_ = next(self._ids)
            self._calls[id_] = call
        return Entry(self, id_, call)

    def _update(self, id_: int, call: C) -> None:
        with self._told:
            if id_ in self._calls:
                self._calls[id_] = call

    def _commit(self, id_: int) -> int:
        with self._told:
            self._commits += [id_] if id_ in self._calls else []
            self._commit_count += 1
            return self._commit_count

    def _tell(self, turn: int, call: C) -> None:
        """Waits until all earlier commits have been told; the lock is free while listeners run."""
        with self._told:
            self._told.wait_for(lambda: self._told_count == turn - 1)
            listeners = tuple(self._listeners)
        try:
            for listener in listeners:
                listener(call)
        finally:
            with self._told:
                self._told_count = turn
                self._told.notify_all()


class Entry(Generic[C]):
    """One call on its way through the cloud."""

    def __init__(self, journal: Journal[C], id_: int, call: C) -> None:
        self._journal = journal
        self._id = id_
        self._turn = 0
        self.call = call

    def note(self, call: C) -> None:
        """The call with what is now known of it."""
        self.call = call
        self._journal._update(self._id, call)

    def committed(self, at: float) -> None:
        """Notes that the write was accepted; to be called in the order of the commits."""
        self.note(replace(self.call, committed=at))
        self._turn = self._journal._commit(self._id)

    def tell(self) -> None:
        """Calls the listeners, if the call was a write that was accepted."""
        if self._turn:
            self._journal._tell(self._turn, self.call)

    def answered(self, at: float, status: int, error: str | None) -> None:
        """Notes that the answer was handed to the network."""
        self.note(replace(self.call, answered=at, status=status, error=error))

    def unanswered(self) -> None:
        """Notes that the client was gone before its answer could be sent."""
        self.note(replace(self.call, answered=None, status=None, error=None))
