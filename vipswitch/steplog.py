"""Each step of an order in words: one log line, after the fact, with its outcome and duration."""

from __future__ import annotations

import logging

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
    AddressFailed,
    Announced,
    Conflicted,
    Fact,
    Failed,
    Froze,
    OutcomeLost,
    Prepared,
    Saw,
    Troubled,
)

log = logging.getLogger("vipswitch")


class StepLog:
    """Logs each step once, after the fact, with its outcome and duration."""

    def __init__(self, vip: str) -> None:
        self._vip = vip

    def started(self, step: Step) -> None:
        """Nothing yet."""

    def ended(self, step: Step, facts: list[Fact], seconds: float) -> None:
        """One line for each thing that the step taught."""
        for fact in facts:
            log.info(
                "vip=%s step=%s %s ms=%.0f", self._vip, name_of(step), outcome_of(step, fact), seconds * 1000
            )


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
        case Prepare():
            return "prepare"
        case Announce(addresses):
            return f"announce {' '.join(map(str, addresses))}"


def outcome_of(step: Step, fact: Fact) -> str:
    """What came of a step, in a few words."""
    match fact:
        case Saw(place, holding):
            waits = "" if holding.settled else f", not in effect everywhere yet: {holding.note}"
            return f"place={place} holder={holding.holder or 'nobody'}{waits}"
        case AddressFailed(_, error) | OutcomeLost(_, error) | Troubled(_, error) | Failed(_, error):
            return f"failed: {error.message}"
        case Conflicted():
            return "conflict: changed since it was read"
        case Froze():
            return "not written: this process stood still, reading first"
        case Prepared(warnings) if warnings:
            return f"warning: {'; '.join(warnings)}"
        case Announced(error) if error is not None:
            return f"failed: {error.message}"
        case _:
            return "done"
