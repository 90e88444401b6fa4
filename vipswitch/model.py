"""The nouns: a VIP, the places that point at its holder, and what was read of them.

Frozen data only. Addresses are `ipaddress` objects from the moment they are parsed: compared as text,
`10.0.2.123` is found inside `110.0.2.123`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address
from typing import NewType

Address = IPv4Address | IPv6Address

NodeId = NewType("NodeId", str)
"""A node as its provider names it: the thing a place can point at (on AWS a network interface id)."""


class Verb(StrEnum):
    """What a caller can ask of this node for one VIP."""

    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Vip:
    """One virtual IP by its name in the config; dual stack when it has two addresses."""

    name: str
    addresses: tuple[Address, ...]

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Place:
    """One cloud object that points one address at a node: a route table, a NIC, a record set."""

    id: str
    address: Address | None = None

    def __str__(self) -> str:
        return self.id if self.address is None else f"{self.id} {self.address}"


@dataclass(frozen=True, slots=True)
class Holding:
    """What one read of one place said.

    `holder` is None when the place points at nobody. `token` is what a compare-and-set on this state
    needs (an ETag, a fingerprint, a version); empty where the cloud has none. `note` is for people.
    `settled` is false while the cloud has accepted this state and does not act on it everywhere yet.
    `busy` is true while the cloud is at an operation on the object and would refuse another write, or let it
    supersede that operation; `note` says which.
    `released` is true when the place still points at `holder` and a mark beside it says that this holder
    has let go.
    `leftovers` is true while something older is left beside the place that has no effect any more.
    """

    holder: NodeId | None
    token: str = ""
    note: str = ""
    settled: bool = True
    released: bool = False
    busy: bool = False
    leftovers: bool = False


class State(StrEnum):
    """A VIP as a whole, seen from this node."""

    SELF = "self"
    OTHER = "other"
    NOBODY = "nobody"
    MIXED = "mixed"
    UNKNOWN = "unknown"


def summarise(me: NodeId, read: Mapping[Place, Holding | None], host: Collection[bool]) -> State:
    """The state of a VIP from what was read of its places; None is a place that could not be read.

    A VIP without places (the `local` provider) is where its addresses are: `host` says of each
    whether this host has it.
    """
    if not read:
        return State.SELF if host and all(host) else State.NOBODY
    if any(holding is None for holding in read.values()):
        return State.UNKNOWN
    states = {_state_of(me, holding) for holding in read.values() if holding is not None}
    return states.pop() if len(states) == 1 else State.MIXED


def _state_of(me: NodeId, holding: Holding) -> State:
    if holding.holder is None or holding.released:
        return State.NOBODY
    return State.SELF if holding.holder == me else State.OTHER
