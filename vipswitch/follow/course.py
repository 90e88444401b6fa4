"""Which order follows from who leads, pure: what was seen and ordered before, and what is seen now.

| seen | ordered |
|---|---|
| this node leads | `up`, once; again when it has failed and nobody works on it any more |
| another node leads | `down`, once; likewise |
| nobody leads | `down`, when that has been so for `nobody_s` |
| nobody leads, and the cluster is paused | nothing |
| unknown | nothing; `down` after `drop_after_s`, if that is wished, and for an `up` that is not done |

An `up` that is not done is gone on with by the agent, and rests on this node's leading. So it is withdrawn
when that has not been known for `nobody_s`: carried out later, it could take the VIP from the next leader.

The first answer decides, whatever was ordered before this process began: an `up` for a VIP that is here
costs one read, and a `down` clears what an earlier life has left.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from vipswitch.follow.sighting import Leader
from vipswitch.model import Verb

_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 30.0


class Standing(Enum):
    """How far the last order given here got; REPLACED: somebody else has given a newer one."""

    AT_WORK = "at work"
    DONE = "done"
    FAILED = "failed"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long nobody may lead, and how long that may be unknown (None: for ever), before a `down`."""

    nobody_s: float
    drop_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """What is remembered from one look to the next. Times are monotonic.

    `known_s` is when it was last known who leads, `nobody_s` since when nobody does, as far as seen without
    a break. `asked` is the last order, `again_s` when it may be given again, `pause_s` how long after that
    the next time.
    """

    known_s: float
    asked: Verb | None = None
    nobody_s: float | None = None
    again_s: float = 0.0
    pause_s: float = _FIRST_PAUSE_S


def onward(
    course: Course, leader: Leader, now_s: float, patience: Patience, standing: Standing
) -> tuple[Course, Verb | None]:
    """What to remember, and the order to give, if any; `standing` is that of the last one."""
    nobody_s = _nobody_since(course, leader, now_s)
    known_s = course.known_s if leader is Leader.UNKNOWN else now_s
    seen = Course(known_s, course.asked, nobody_s, course.again_s, course.pause_s)
    wanted = _wanted(seen, leader, now_s, patience, standing)
    again = standing is Standing.FAILED and now_s >= course.again_s
    if wanted is None or (wanted is course.asked and not again):
        return seen, None
    pause_s = _FIRST_PAUSE_S if wanted is not course.asked else min(course.pause_s * 2, _LONGEST_PAUSE_S)
    return Course(known_s, wanted, nobody_s, now_s + pause_s, pause_s), wanted


def _nobody_since(course: Course, leader: Leader, now_s: float) -> float | None:
    if leader is not Leader.NOBODY:
        return None
    return now_s if course.nobody_s is None else course.nobody_s


def _wanted(
    seen: Course, leader: Leader, now_s: float, patience: Patience, standing: Standing
) -> Verb | None:
    if leader is Leader.ME:
        return Verb.UP
    if leader is Leader.ANOTHER:
        return Verb.DOWN
    if leader is Leader.NOBODY:
        since_s = now_s if seen.nobody_s is None else seen.nobody_s
        return Verb.DOWN if now_s - since_s >= patience.nobody_s else None
    if leader is Leader.UNKNOWN:
        limit_s = _unknown_limit_s(seen, patience, standing)
        return Verb.DOWN if limit_s is not None and now_s - seen.known_s >= limit_s else None
    return None


def _unknown_limit_s(seen: Course, patience: Patience, standing: Standing) -> float | None:
    """How long who leads may be unknown; None: for ever."""
    if seen.asked is Verb.UP and standing in (Standing.AT_WORK, Standing.FAILED):
        return patience.nobody_s
    return patience.drop_after_s
