"""What the agent does by itself, as a table: what the cloud says, against what this node was last asked for.

Pure. The agent acts on two looks that agree, an interval apart and both later than its last write; this says
what on. Nothing here takes a VIP from another node: what may, is an order, or an authority that was asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum, auto

from vipswitch.model import Holding, NodeId, State, Verb
from vipswitch.orders import Order
from vipswitch.processes import Process
from vipswitch.result import Report

OFTEN_S = 5.0
"""Between two looks while the last order is `up`."""

SELDOM_S = 60.0
"""Between two looks otherwise: an account's API limit is shared by all clusters."""


class Standing(StrEnum):
    """What the last order was, and whether anybody stands behind it."""

    UP = "up"
    UP_GONE = "up, caller gone"
    DOWN = "down"
    NONE = "none"


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

    `me` is this node. `holders` are the places with whom they point at and whether that one has let go.
    `host` says of each address whether it is on this host, empty where the method needs none. `order` is who
    brought the last one.
    """

    state: State
    standing: Standing
    me: NodeId | None
    holders: tuple[tuple[str, str | None, bool], ...]
    host: tuple[bool, ...]
    order: Process | None

    @property
    def vacant(self) -> bool:
        """Whether nobody holds some place, or its holder has let go."""
        return any(holder is None or released for _, holder, released in self.holders)

    @property
    def ours(self) -> bool:
        """Whether this node holds some place, and has not let go."""
        return any(holder == self.me and not released for _, holder, released in self.holders)


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
        report.node,
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
    """The row and the column, or as much of it as there is to do."""
    act = TABLE[look.state][look.standing]
    if act is Act.RESTORE and look.holders and not look.vacant:
        act = Act.HEAL
    if act is Act.RELEASE and look.holders and not look.ours:
        act = Act.CLEAR
    if act is Act.HEAL and all(look.host):
        return Act.NOTHING
    if act is Act.CLEAR and not any(look.host):
        return Act.NOTHING
    return act


def interval_s(last: Order | None) -> float:
    """How long until the next look."""
    return OFTEN_S if last is not None and last.verb is Verb.UP else SELDOM_S
