"""What the agent does by itself, as a table: what the cloud says, against what this node was last asked for.

Pure. The agent acts on two looks that agree, an interval apart and both later than its last write; this says
what on. Nothing here takes a VIP from another node: what may, is an order, or an authority that was asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from vipswitch.model import Holding, State, Verb
from vipswitch.orders import Order
from vipswitch.processes import Process
from vipswitch.result import Report

OFTEN_S = 5.0
"""Between two looks while the last order is `up`."""

SELDOM_S = 60.0
"""Between two looks otherwise: an account's API limit is shared by all clusters."""


class Standing(Enum):
    """What the last order was, and whether anybody stands behind it."""

    UP = auto()
    UP_GONE = auto()
    DOWN = auto()
    NONE = auto()


class Act(Enum):
    """What to do.

    LEAVE: nothing, and say so. HEAL: put a missing host address back. RESTORE: fill the places that nobody
    holds. CONTESTED: leave everything, and ask the authority if there is one. CLEAR: take the address off the
    host. RELEASE: what `down` does.
    """

    NOTHING = auto()
    LEAVE = auto()
    HEAL = auto()
    RESTORE = auto()
    CONTESTED = auto()
    CLEAR = auto()
    RELEASE = auto()


TABLE: dict[State, dict[Standing, Act]] = {
    State.SELF: {
        Standing.UP: Act.HEAL,
        Standing.UP_GONE: Act.LEAVE,
        Standing.DOWN: Act.RELEASE,
        Standing.NONE: Act.LEAVE,
    },
    State.OTHER: {
        Standing.UP: Act.CONTESTED,
        Standing.UP_GONE: Act.CLEAR,
        Standing.DOWN: Act.CLEAR,
        Standing.NONE: Act.CLEAR,
    },
    State.NOBODY: {
        Standing.UP: Act.RESTORE,
        Standing.UP_GONE: Act.CLEAR,
        Standing.DOWN: Act.CLEAR,
        Standing.NONE: Act.NOTHING,
    },
    State.MIXED: {
        Standing.UP: Act.RESTORE,
        Standing.UP_GONE: Act.LEAVE,
        Standing.DOWN: Act.RELEASE,
        Standing.NONE: Act.LEAVE,
    },
    State.UNKNOWN: {
        Standing.UP: Act.NOTHING,
        Standing.UP_GONE: Act.NOTHING,
        Standing.DOWN: Act.CLEAR,
        Standing.NONE: Act.NOTHING,
    },
}


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a VIP. Two that are equal agree.

    `holders` are the places with whom they point at and whether that one has let go; `host` says of each
    address whether it is on this host, empty where the method needs none; `order` is who brought the last
    one.
    """

    state: State
    standing: Standing
    holders: tuple[tuple[str, str | None, bool], ...]
    host: tuple[bool, ...]
    order: Process | None


def look_at(report: Report, last: Order | None, *, somebody: bool) -> Look:
    """What a report says, for somebody whose last order was this; `somebody` stands behind it."""
    holders = tuple(
        (str(place), answer.holder, answer.released)
        for place, answer in report.places.items()
        if isinstance(answer, Holding)
    )
    return Look(
        report.state,
        standing_of(last, somebody=somebody),
        holders,
        tuple(report.host.values()),
        last.by if last else None,
    )


def standing_of(last: Order | None, *, somebody: bool) -> Standing:
    """The column of the table."""
    if last is None:
        return Standing.NONE
    if last.verb is Verb.DOWN:
        return Standing.DOWN
    return Standing.UP if somebody else Standing.UP_GONE


def act_on(look: Look) -> Act:
    """The row and the column, and nothing where that would change nothing."""
    act = TABLE[look.state][look.standing]
    if act is Act.HEAL and all(look.host):
        return Act.NOTHING
    if act is Act.CLEAR and not any(look.host):
        return Act.NOTHING
    return act


def interval_s(last: Order | None) -> float:
    """How long until the next look."""
    return OFTEN_S if last is not None and last.verb is Verb.UP else SELDOM_S
