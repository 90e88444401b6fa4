"""What every follower owes to whoever has a VIP, judged by what it saw and what it ordered.

The laws stand here a second time, in other words than in the code: each look of a trace is held against them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from vipswitch.follow.course import Course, Patience, Standing
from vipswitch.follow.sighting import Leader
from vipswitch.model import Verb

Decides = Callable[[Course, Leader, float, Patience, Standing], tuple[Course, Verb | None]]

STEP_S = 2.0
PATIENT = Patience(nobody_s=2.0, drop_after_s=6.0)
FOR_EVER = Patience(nobody_s=2.0)


@dataclass(frozen=True)
class Look:
    """One look of a trace: when, what was seen, how far the last order had got, what was ordered."""

    at_s: float
    leader: Leader
    standing: Standing
    ordered: Verb | None


def traces(length: int) -> Iterator[tuple[tuple[Leader, Standing], ...]]:
    """Everything that can be seen in so many looks; all orders get equally far."""
    for standing in Standing:
        for seen in product(Leader, repeat=length):
            yield tuple((leader, standing) for leader in seen)


def played(decides: Decides, seen: Sequence[tuple[Leader, Standing]], patience: Patience) -> list[Look]:
    """What a follower orders that sees this, `STEP_S` apart."""
    course, looks = Course(known_s=0.0), []
    for number, (leader, standing) in enumerate(seen):
        at_s = number * STEP_S
        course, ordered = decides(course, leader, at_s, patience, standing)
        looks.append(Look(at_s, leader, standing, ordered))
    return looks


def broken(looks: Sequence[Look], patience: Patience) -> str:
    """The first law that is broken; empty when none is."""
    for number, look in enumerate(looks):
        before = looks[:number]
        asked = next((each.ordered for each in reversed(before) if each.ordered), None)
        if wrong := _wrong(look, before, asked, patience):
            return f"{wrong}: {[(each.leader.name, each.ordered) for each in looks[: number + 1]]}"
    return ""


def _wrong(look: Look, before: Sequence[Look], asked: Verb | None, patience: Patience) -> str:
    due = _due(look, before, asked, patience)
    if look.ordered is not None and look.ordered is not due:
        return f"{look.ordered} without a reason"
    if due is not None and due is not asked and look.ordered is None:
        return f"no {due}"
    if look.ordered is not None and look.ordered is asked and look.standing is not Standing.FAILED:
        return "the same order twice"
    return ""


def _due(look: Look, before: Sequence[Look], asked: Verb | None, patience: Patience) -> Verb | None:
    """What may be ordered now, and must have been by now."""
    match look.leader:
        case Leader.ME:
            return Verb.UP
        case Leader.ANOTHER:
            return Verb.DOWN
        case Leader.NOBODY:
            return Verb.DOWN if look.at_s - _since(look, before) >= patience.nobody_s else None
        case Leader.UNKNOWN:
            unfinished = asked is Verb.UP and look.standing in (Standing.AT_WORK, Standing.FAILED)
            limit_s = patience.nobody_s if unfinished else patience.drop_after_s
            return Verb.DOWN if limit_s is not None and look.at_s - _known_s(before) >= limit_s else None
    return None


def _since(look: Look, before: Sequence[Look]) -> float:
    """When what is seen now was first seen, without a break."""
    since_s = look.at_s
    for each in reversed(before):
        if each.leader is not look.leader:
            break
        since_s = each.at_s
    return since_s


def _known_s(before: Sequence[Look]) -> float:
    """When it was last known who leads, or that people decide; the start, when never."""
    return max((each.at_s for each in before if each.leader is not Leader.UNKNOWN), default=0.0)
