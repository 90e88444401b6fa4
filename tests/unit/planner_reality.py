"""What is true while a planner is explored, whoever knows it, and what may come of each step.

A mark names the node that has let go of a place, and is believed only while the place points at that node.
A claim that fills is made as the cloud makes it, by create-if-absent: it changes nothing where the place
is no longer as it was seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address
from typing import NamedTuple

from vipswitch.errors import OutcomeUnknown, Overtaken, Unavailable
from vipswitch.model import Holding, NodeId, Place
from vipswitch.plan import (
    AddAddress,
    Announce,
    Claim,
    Mark,
    Prepare,
    Read,
    Release,
    RemoveAddress,
    Step,
    Unmark,
)
from vipswitch.world import (
    Acknowledged,
    AddressAdded,
    AddressRemoved,
    Advanced,
    Announced,
    Conflicted,
    Fact,
    OutcomeLost,
    Prepared,
    Saw,
    TakenBack,
    Troubled,
    Unmarked,
)

ME, OTHER, THIRD = NodeId("me"), NodeId("other"), NodeId("third")
ADDRESS = ip_address("10.99.0.50")
PLACES = (Place("one"), Place("two"))

_LOST = OutcomeUnknown("lost")
_BUSY = Unavailable("busy")
_LATE = Overtaken("changed by then")

Pair = tuple[NodeId | None, NodeId | None]
Outcome = tuple["Reality", list[Fact], str]


class Reality(NamedTuple):
    """Each place's holder, whom its mark names, the host's address, the neighbours' belief.

    `mischief` and `interruptions` are how much may still go wrong; `harmed` says that something has, `seized`
    that another node came. `busy`: the cloud is at an operation on that place, until it is read once.
    """

    holders: Pair
    marks: Pair = (None, None)
    busy: tuple[bool, bool] = (False, False)
    address: bool = False
    announced: bool = False
    mischief: int = 1
    interruptions: int = 1
    harmed: bool = False
    seized: bool = False

    def holding(self, place: Place) -> Holding:
        """What a read of the place says."""
        number = PLACES.index(place)
        holder, mark = self.holders[number], self.marks[number]
        released = holder is not None and mark == holder
        busy = self.busy[number]
        token = f"{holder} {released}"
        return Holding(holder, token=token, released=released, settled=not busy, busy=busy)

    def at_work(self, place: Place, *, busy: bool) -> Reality:
        """The cloud begins or ends an operation on the place."""
        one, two = (busy if p == place else old for p, old in zip(PLACES, self.busy, strict=True))
        return self._replace(busy=(one, two))

    def held_by(self, place: Place, holder: NodeId | None) -> Reality:
        """The place points elsewhere; what is noted beside it stays."""
        return self._replace(holders=_changed(self.holders, place, holder))

    def marked(self, place: Place, node: NodeId | None) -> Reality:
        """The note beside the place names somebody else, or is gone."""
        return self._replace(marks=_changed(self.marks, place, node))

    def worse(self) -> Reality:
        """One more thing has gone wrong."""
        return self._replace(mischief=self.mischief - 1, harmed=True)


def vacant(holding: Holding) -> bool:
    """Whether nobody holds the place, or its holder has let go."""
    return holding.holder is None or holding.released


def raids(reality: Reality) -> Iterator[tuple[Reality, str]]:
    """What others may do to a place between two steps."""
    for place in PLACES:
        now = reality.holding(place)
        spent = reality.worse()
        yield spent.held_by(place, THIRD)._replace(seized=True), f"third seizes {place.id}"
        if now.holder == OTHER and now.released:
            yield spent.marked(place, None), f"its holder takes {place.id} up again"
        elif now.holder == OTHER:
            yield spent.marked(place, OTHER), f"its holder lets go of {place.id}"
        elif now.holder is not None:
            yield spent.held_by(place, None), f"somebody empties {place.id}"
        yield spent.at_work(place, busy=True), f"the cloud is at work on {place.id}"


def outcomes(reality: Reality, step: Step, *, compares: bool) -> Iterator[Outcome]:
    """What may come of one step: each is a new reality, and the facts that the order learns.

    Where the cloud `compares`, a claim that was built on a read changes nothing once that is outdated.
    """
    match step:
        case AddAddress(address):
            yield reality._replace(address=True), [AddressAdded(address)], "adds address"
        case RemoveAddress(address):
            yield reality._replace(address=False), [AddressRemoved(address)], "removes address"
        case Announce():
            yield reality._replace(announced=reality.address), [Announced(None)], "announces"
        case Prepare():
            yield reality, [Prepared(())], "prepares"
        case Read(places):
            facts: list[Fact] = [Saw(p, reality.holding(p)) for p in places]
            seen = [f"{h.holder}{', released' * h.released}" for h in map(reality.holding, places)]
            for place in places:
                reality = reality.at_work(place, busy=False)
            yield reality, facts, f"reads {seen}"
        case Claim(place, seen, fills):
            yield from _claims(reality, place, seen, fills=fills, compares=compares)
        case Release(place, seen):
            yield from _guarded(reality, place, seen, reality.held_by(place, None))
        case Mark(place):
            yield from _writes(reality, place, reality.marked(place, ME), Acknowledged(place), "marks")
        case Unmark(place):
            mine = reality.marks[PLACES.index(place)] == ME
            done = reality.marked(place, None) if mine else reality
            yield from _writes(reality, place, done, Unmarked(place), "unmarks")


def _claims(
    reality: Reality, place: Place, seen: Holding | None, *, fills: bool, compares: bool
) -> Iterator[Outcome]:
    done = reality.held_by(place, ME)
    if fills and not vacant(reality.holding(place)):
        yield reality, [Conflicted(place)], f"conflict at {place.id}"
    elif fills or compares:
        yield from _guarded(reality, place, seen, done)
        if seen == reality.holding(place) and seen.holder is not None and not fills:
            freed = reality.held_by(place, None).at_work(place, busy=True)
            yield freed, [Advanced(place)], f"takes {place.id} from {seen.holder}"
    else:
        yield from _writes(reality, place, done, Acknowledged(place), "writes")


def _guarded(reality: Reality, place: Place, seen: Holding | None, done: Reality) -> Iterator[Outcome]:
    if seen is not None and reality.holding(place) != seen:
        yield reality, [Conflicted(place)], f"conflict at {place.id}"
        late: list[Fact] = [Acknowledged(place), TakenBack(place, _LATE)]
        yield reality, late, f"accepted at {place.id}, and not carried out"
    else:
        yield from _writes(reality, place, done, Acknowledged(place), "writes")


def _writes(reality: Reality, place: Place, done: Reality, fact: Fact, what: str) -> Iterator[Outcome]:
    yield done, [fact], f"{what} {place.id}"
    if reality.mischief:
        lost = OutcomeLost(place, _LOST)
        yield done.worse(), [lost], f"{what} {place.id}, answer lost"
        yield reality.worse(), [lost], f"{what} {place.id}, request lost"
        yield reality.worse(), [Troubled(place, _BUSY)], f"{what} {place.id}, refused for now"


def _changed(pair: Pair, place: Place, value: NodeId | None) -> Pair:
    one, two = (value if p == place else old for p, old in zip(PLACES, pair, strict=True))
    return one, two
