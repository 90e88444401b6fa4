"""The question to an authority, and its answer.

YES means exactly: this node leads with quorum, and the node that holds the VIP is known to the authority,
connected, and not leader. Only then may the agent take the VIP. NO means that the authority said clearly
that another node leads. Everything else is UNKNOWN, which is not YES: silence, errors, words that
nobody expected, a quorum on the edge, a cluster under maintenance.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from vipswitch.model import NodeId


class Verdict(Enum):
    """What the authority says of taking the VIP."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Question:
    """May `me` take `vip` from `holder`? The hosts are what the HA manager calls the two nodes.

    `holder` is None when nobody holds it; a host is None for a node that the config does not have.
    """

    vip: str
    me: NodeId
    holder: NodeId | None
    my_host: str | None
    holder_host: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """The verdict, and in one line for people where it comes from."""

    verdict: Verdict
    why: str


def yes(why: str) -> Answer:
    """The VIP may be taken."""
    return Answer(Verdict.YES, why)


def no(why: str) -> Answer:
    """Another node leads."""
    return Answer(Verdict.NO, why)


def unknown(why: str) -> Answer:
    """Nobody can tell."""
    return Answer(Verdict.UNKNOWN, why)


class Authority(Protocol):
    """Somebody who knows which node leads."""

    def ask(self, question: Question, timeout_s: float) -> Answer:
        """Answer within about `timeout_s` seconds; never raises, changes nothing."""
        ...
