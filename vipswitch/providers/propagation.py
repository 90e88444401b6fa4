"""Changes of records that this process made, until all name servers know of them.

Some clouds accept a change at once, and their name servers learn of it within a minute or so; meanwhile some
of these still answer the old address. Rules: a record is believed as listed, and a change as told, for as
long as no cluster manager elects anew; so a look asks one thing, for the record or for the change in turn: in
Route 53 a whole account may ask five in a second. The look that finds the change in effect lists the record
once more. A change that nothing can be learnt of is not settled. Nothing is known of a change whose answer
was lost.
Source: Route 53 API Reference, GetChange; Route 53 Developer Guide, "Quotas"; Cloud DNS API, changes.get.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from vipswitch.deadline import FREEZE_S
from vipswitch.errors import VipswitchError
from vipswitch.model import Holding, NodeId, Place


@dataclass(frozen=True, slots=True)
class _Change:
    """A change that makes a node the holder: what was told of it last, and what was listed last.

    `note` says what keeps it from being settled, and is empty once nothing does.
    """

    id: str
    node: NodeId
    note: str
    asked_at: float
    listed: Holding
    listed_at: float = float("-inf")


class Propagation:
    """The last change of each place, while it is pending; thread-safe."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._changes: dict[Place, _Change] = {}

    def begins(self, place: Place, change: str, node: NodeId) -> None:
        """A change that makes `node` the holder was accepted, and is pending."""
        with self._lock:
            self._changes[place] = _Change(change, node, _pending(change), self._now(), Holding(None))

    def ended(self, place: Place) -> None:
        """A change of it is in effect already: none before it matters any more."""
        with self._lock:
            self._changes.pop(place, None)

    def looks_anew(self, place: Place) -> None:
        """What was listed of the place is not believed any more: this process has changed its text."""
        with self._lock:
            if (change := self._changes.get(place)) is not None:
                self._changes[place] = replace(change, listed_at=float("-inf"))

    def look(self, place: Place, listing: Callable[[], Holding], in_effect: Callable[[str], bool]) -> Holding:
        """Who holds the place, and whether that is in effect. Raises what `listing` raises."""
        change = self._changes.get(place)
        if change is None:
            return listing()
        now = self._now()
        believed = now - change.listed_at < FREEZE_S
        told = change
        if believed or now - change.asked_at >= FREEZE_S:
            told = replace(told, note=_asked(change.id, in_effect), asked_at=now)
        if told.note and not believed:
            told = _with_listing(told, listing(), now)
        self._replace(place, change, told)
        return _holding(told) if told.note else listing()

    def _replace(self, place: Place, change: _Change, by: _Change) -> None:
        """Unless another change came meanwhile; one with nothing to tell is forgotten."""
        with self._lock:
            if self._changes.get(place) is not change:
                return
            if by.note:
                self._changes[place] = by
            else:
                del self._changes[place]


def _with_listing(change: _Change, listed: Holding, now: float) -> _Change:
    """A listing that shows another holder is not believed again: it is old, or the change was replaced."""
    ours = listed.holder == change.node
    return replace(change, listed=listed, listed_at=now if ours else float("-inf"))


def _holding(change: _Change) -> Holding:
    if change.listed.holder != change.node:
        return change.listed
    return replace(change.listed, settled=False, note=change.note)


def _pending(change: str) -> str:
    return f"change {change} is pending: some name servers may still answer the old address"


def _asked(change: str, in_effect: Callable[[str], bool]) -> str:
    """What keeps a change from being settled; empty once nothing does."""
    try:
        return "" if in_effect(change) else _pending(change)
    except VipswitchError as wrong:
        return f"could not see whether all name servers know it: {wrong.message}"
