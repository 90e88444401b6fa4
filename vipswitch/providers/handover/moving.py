"""Moving something from one network interface to another: which write is next, by what was read. Pure.

A network interface can be given what no other has, so a takeover takes two writes at least: off the
interface that has it, then onto our own, which may have to be made free for it before. Each write is bound to
what was read, so that whoever read something else has changed nothing. Between two of them nobody has it;
whoever reads that, this node or another one, a minute or a day later, makes the next one.

- An interface that shows it has it, unless the last operation there failed: then ours is written again,
  and another's has it still, so that it is taken off. Ours is also written again where something is
  missing.
- One that cannot be read may have it, so that nobody is said to have it only where all could be read; but
  what another interface visibly has, this one has not, and what we have just taken off another neither.
- An interface that shows it no more keeps it until its operation is over, and the cloud says so when ours is
  written too early. Which one that is, is known then (`awaited`); the operations of all others keep nobody
  waiting, because one of a machine that is dead may never end. Where the operation that is waited for has
  failed, the interface is written once more as it is.

An interface stands for a node; in a cloud that keeps these writes at the instance, it is the instance.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Generic, Protocol, TypeVar

from vipswitch.errors import VipswitchError
from vipswitch.model import NodeId


class Interface(Protocol):
    """What every cloud's network interface tells, as it was read."""

    @property
    def id(self) -> NodeId:
        """The node that it stands for."""
        ...

    @property
    def token(self) -> str:
        """Its state: another one where anything has changed that a write depends on."""
        ...

    @property
    def at_work(self) -> bool:
        """Whether the cloud says that it is at an operation on it."""
        ...

    @property
    def failed(self) -> bool:
        """Whether the cloud says that the last operation on it failed."""
        ...


N = TypeVar("N", bound=Interface)


class Movable(Protocol[N]):
    """What moves: a private address, or a public one."""

    @property
    def subject(self) -> str:
        """What people call it."""
        ...

    @property
    def part(self) -> str:
        """What a write of an interface for its sake is noted under."""
        ...

    def on(self, nic: N) -> bool:
        """Whether the network interface shows it."""
        ...

    def complete(self, nic: N) -> bool:
        """Whether it is there as it should be on this node."""
        ...

    def put_on(self, nic: N) -> N:
        """The network interface with it; or as it has to be written before. Raises ConfigError, Refused."""
        ...

    def taken_off(self, nic: N) -> N:
        """The network interface without it. Raises ConfigError."""
        ...

    def elsewhere(self, nic: N) -> bool:
        """Whether the network interface shows a part of it where it does not belong, and keeps that."""
        ...


@dataclass(frozen=True, slots=True)
class Reading(Generic[N]):
    """This node's network interface, and others, or why they could not be read, all at one time.

    Those in `running` are at work whatever they say.
    """

    own: N
    others: Mapping[NodeId, N | VipswitchError] = field(default_factory=dict)
    running: frozenset[NodeId] = frozenset()

    @property
    def nics(self) -> tuple[N, ...]:
        """Those that could be read, our own first."""
        return (self.own, *(each for each in self.others.values() if not isinstance(each, VipswitchError)))

    @property
    def unread(self) -> tuple[VipswitchError, ...]:
        """Why the others could not be."""
        return tuple(each for each in self.others.values() if isinstance(each, VipswitchError))

    @property
    def token(self) -> str:
        """The state of all that could be read."""
        return " ".join(f"{nic.id}={nic.token}" for nic in self.nics)

    @property
    def whole(self) -> bool:
        """Whether all could be read."""
        return not self.unread

    @property
    def readable(self) -> Reading[N]:
        """The same without those that could not be read."""
        return replace(self, others={nic.id: nic for nic in self.nics if nic.id != self.own.id})

    def of(self, id: NodeId) -> N | None:
        """The network interface with that id, if it could be read."""
        return next((nic for nic in self.nics if nic.id == id), None)

    def at_work(self, nic: N) -> bool:
        """Whether an operation on it is not over."""
        return nic.at_work or nic.id in self.running

    def failed(self, nic: N) -> bool:
        """Whether the last operation on it failed, and none has begun since."""
        return nic.failed and nic.id not in self.running


@dataclass(frozen=True, slots=True)
class Write(Generic[N]):
    """A network interface as it is to be written; `last` if nothing is left to do once that is done."""

    nic: N
    last: bool


def holder(what: Movable[N], seen: Reading[N]) -> N | None:
    """The network interface that has it; None for nobody. Raises why one that may have it was not read."""
    showing = [nic for nic in seen.nics if what.on(nic) and (nic.id != seen.own.id or what.complete(nic))]
    well = [nic for nic in showing if not seen.failed(nic)]
    if well:
        return well[0]
    if seen.unread:
        raise seen.unread[0]
    return next((nic for nic in showing if nic.id != seen.own.id), None)


def at_work(what: Movable[N], seen: Reading[N], awaited: Collection[NodeId]) -> N | None:
    """The network interface whose operation has to end before the next write, if there is one."""
    needed = {seen.own.id, *awaited}
    if (has := holder(what, seen)) is not None:
        needed = {seen.own.id, has.id}
    return next((nic for nic in seen.nics if seen.at_work(nic) and nic.id in needed), None)


def next_write(what: Movable[N], seen: Reading[N], awaited: Collection[NodeId]) -> Write[N]:
    """What to write next so that this node's network interface comes to have it.

    Raises what stands in the way of the last write before anything is taken from anybody.
    """
    has, given = holder(what, seen), what.put_on(seen.own)
    if has is not None and has.id != seen.own.id:
        return Write(what.taken_off(has), last=False)
    for nic in seen.nics:
        if nic.id in awaited and nic.id != seen.own.id and seen.failed(nic):
            return Write(nic, last=False)
    return Write(given, last=what.on(given))
