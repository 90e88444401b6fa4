"""Each step of an order in words: one log line, after the fact, with its outcome and duration.

What a step is called, what kind of thing it does and what came of it is said here for everybody who shows
steps: the log, the display, the recorded move. A line also carries its parts as fields of the log record
(vip, node, order, step, place, outcome, ms), for a log that is not read by people.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from vipswitch.model import Holding, Place
from vipswitch.move import Kind
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
    Tidy,
    Unmark,
)
from vipswitch.world import (
    Acknowledged,
    AddressAdded,
    AddressFailed,
    AddressRemoved,
    Advanced,
    Announced,
    Conflicted,
    Fact,
    Failed,
    Froze,
    OutcomeLost,
    Outdated,
    Prepared,
    Saw,
    TakenBack,
    Tidied,
    Troubled,
    Unmarked,
)

log = logging.getLogger("vipswitch")

_SAID_AT_ONCE = 3


class StepLog:
    """Logs each step once, after the fact, with its outcome and duration.

    `node` and `order`, an id, are only in the fields of the record, as far as they are known.
    """

    def __init__(self, vip: str, *, node: str = "", order: str = "") -> None:
        self._vip = vip
        self._known = {name: value for name, value in (("node", node), ("order", order)) if value}

    def started(self, step: Step) -> None:
        """Nothing yet."""

    def ended(self, step: Step, facts: list[Fact], seconds: float) -> None:
        """One line for each thing that the step taught."""
        for fact in facts:
            self._say(step, fact, seconds * 1000)

    def _say(self, step: Step, fact: Fact, ms: float) -> None:
        name, outcome, place = name_of(step), outcome_of(step, fact), _place_of(fact)
        fields = {"vip": self._vip, **self._known, "step": name, "ms": round(ms, 1), "outcome": outcome}
        if place is not None:
            fields["place"] = str(place)
        log.info("vip=%s step=%s %s ms=%.0f", self._vip, name, outcome, ms, extra=fields)


def name_of(step: Step) -> str:
    """What a step is called in logs and displays."""
    match step:
        case AddAddress(address):
            return f"add-address {address}"
        case RemoveAddress(address):
            return f"remove-address {address}"
        case Read(places):
            return f"read {len(places)} place{'s' if len(places) > 1 else ''}"
        case Claim(place, _, fills):
            return f"{'restore' if fills else 'claim'} {place}"
        case Release(place):
            return f"release {place}"
        case Mark(place):
            return f"mark {place}"
        case Unmark(place):
            return f"unmark {place}"
        case Tidy(place):
            return f"tidy {place}"
        case Prepare():
            return "prepare"
        case Announce(addresses):
            return f"announce {' '.join(map(str, addresses))}"


def kind_of(step: Step) -> Kind:
    """What a step does, in one word."""
    match step:
        case AddAddress():
            return Kind.ADD_ADDRESS
        case RemoveAddress():
            return Kind.REMOVE_ADDRESS
        case Read():
            return Kind.READ
        case Claim(_, _, fills):
            return Kind.RESTORE if fills else Kind.CLAIM
        case Release():
            return Kind.RELEASE
        case Mark():
            return Kind.MARK
        case Unmark():
            return Kind.UNMARK
        case Tidy():
            return Kind.TIDY
        case Prepare():
            return Kind.PREPARE
        case Announce():
            return Kind.ANNOUNCE


def places_of(step: Step) -> tuple[Place, ...]:
    """The places that a step asks about or writes to."""
    match step:
        case Read(places):
            return places
        case Claim(place) | Release(place) | Mark(place) | Unmark(place) | Tidy(place):
            return (place,)
        case AddAddress() | RemoveAddress() | Prepare() | Announce():
            return ()


def outcome_of(step: Step, fact: Fact) -> str:
    """What came of a step, in a few words."""
    match fact:
        case Saw(place):
            return f"place={place} {_taught(fact)}"
        case _:
            return _taught(fact)


def outcome_of_all(facts: Iterable[Fact]) -> str:
    """What came of a step as a whole: what it taught of many places, the same things said once."""
    said = list(dict.fromkeys(map(_taught, facts)))
    more = len(said) - _SAID_AT_ONCE
    return "; ".join([*said[:_SAID_AT_ONCE], *([f"and {more} more"] if more > 0 else [])])


def went_well(fact: Fact) -> bool:
    """Whether a step did what it was for, whatever that means for the order."""
    match fact:
        case AddressFailed() | OutcomeLost() | TakenBack() | Troubled() | Failed():
            return False
        case Conflicted() | Froze() | Outdated():
            return False
        case Prepared(warnings):
            return not warnings
        case Announced(error) | Tidied(_, error):
            return error is None
        case Saw() | Acknowledged() | Advanced() | Unmarked() | AddressAdded() | AddressRemoved():
            return True


def _taught(fact: Fact) -> str:
    match fact:
        case Saw(_, holding):
            released = ", released" if holding.released else ""
            return f"holder={holding.holder or 'nobody'}{released}{_waits(holding)}"
        case AddressFailed(_, error) | OutcomeLost(_, error) | Troubled(_, error) | Failed(_, error):
            return f"failed: {error.message}"
        case TakenBack(_, error):
            return f"conflict: {error.message}"
        case Conflicted():
            return "conflict: changed since it was read"
        case Advanced():
            return "the first of two writes is done"
        case Outdated():
            return "not written: another order here wrote to the same object, reading first"
        case Froze():
            return "not written: this process stood still, reading first"
        case Prepared(warnings) if warnings:
            return f"warning: {'; '.join(warnings)}"
        case Announced(error) | Tidied(_, error) if error is not None:
            return f"failed: {error.message}"
        case _:
            return "done"


def _waits(holding: Holding) -> str:
    """What is waited for where the cloud is not done yet."""
    if holding.settled and not holding.busy:
        return ""
    return f", {'busy' if holding.busy else 'not in effect everywhere yet'}: {holding.note}"


def _place_of(fact: Fact) -> Place | None:
    match fact:
        case Saw(place) | Acknowledged(place) | OutcomeLost(place) | Conflicted(place) | Froze(place):
            return place
        case Troubled(place) | Failed(place) | Unmarked(place) | Advanced(place) | Outdated(place):
            return place
        case Tidied(place) | TakenBack(place):
            return place
        case _:
            return None
