"""Moving something from one network interface to another: which write is next, by what was read. Pure.

A network interface can be given what no other has, so a takeover takes two writes: off the interface that
has it, then onto our own. Each write is one PUT, bound by If-Match to what was read, so that whoever read
something else has changed nothing. Between the two nobody has it; whoever reads that, this node or another
one, a minute or a day later, makes the second write.

- An interface that shows it has it, unless the last operation there failed: then ours is written again,
  and another's has it still, so that it is taken off. Ours is also written again where something is
  missing.
- One that cannot be read may have it, so that nobody is said to have it only where all could be read; but
  what another interface visibly has, this one has not, and what we have just taken off another neither.
- An interface that shows it no more keeps it until its operation is over, and ARM says so when ours is
  written too early. Which one that is, is known then (`awaited`); the operations of all others keep nobody
  waiting, because one of a machine that is dead may never end. Where the operation that is waited for has
  failed, the interface is written once more as it is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from vipswitch.errors import VipswitchError
from vipswitch.model import NodeId
from vipswitch.providers.azure.configurations import Nic, Provisioning


class Movable(Protocol):
    """What moves: an address with its configuration, or a public IP."""

    @property
    def subject(self) -> str:
        """What people call it."""
        ...

    @property
    def part(self) -> str:
        """The name of the configuration that it is in on this node."""
        ...

    def on(self, nic: Nic) -> bool:
        """Whether the network interface shows it."""
        ...

    def complete(self, nic: Nic) -> bool:
        """Whether it is there as it should be on this node."""
        ...

    def put_on(self, nic: Nic) -> Nic:
        """The network interface with it. Raises ConfigError, Refused."""
        ...

    def taken_off(self, nic: Nic) -> Nic:
        """The network interface without it. Raises ConfigError."""
        ...

    def elsewhere(self, nic: Nic) -> bool:
        """Whether the network interface shows a part of it where it does not belong, and keeps that."""
        ...


@dataclass(frozen=True, slots=True)
class Reading:
    """This node's network interface, and others, or why they could not be read, all at one time."""

    own: Nic
    others: Mapping[NodeId, Nic | VipswitchError] = field(default_factory=dict)

    @property
    def nics(self) -> tuple[Nic, ...]:
        """Those that could be read, our own first."""
        return (self.own, *(each for each in self.others.values() if isinstance(each, Nic)))

    @property
    def token(self) -> str:
        """The state of all that could be read."""
        return " ".join(f"{nic.id}={nic.etag}" for nic in self.nics)

    @property
    def whole(self) -> bool:
        """Whether all could be read."""
        return len(self.nics) == 1 + len(self.others)

    @property
    def readable(self) -> Reading:
        """The same without those that could not be read."""
        return Reading(self.own, {nic.id: nic for nic in self.nics if nic.id != self.own.id})

    def of(self, id: NodeId) -> Nic | None:
        """The network interface with that id, if it could be read."""
        return next((nic for nic in self.nics if nic.id == id), None)


@dataclass(frozen=True, slots=True)
class Write:
    """A network interface as it is to be written; `last` if nothing is left to do once that is done."""

    nic: Nic
    last: bool


def holder(what: Movable, seen: Reading) -> Nic | None:
    """The network interface that has it; None for nobody. Raises why one that may have it was not read."""
    showing = [nic for nic in seen.nics if what.on(nic) and (nic.id != seen.own.id or what.complete(nic))]
    well = [nic for nic in showing if nic.state is not Provisioning.FAILED]
    if well:
        return well[0]
    unread = [each for each in seen.others.values() if isinstance(each, VipswitchError)]
    if unread:
        raise unread[0]
    return next((nic for nic in showing if nic.id != seen.own.id), None)


def at_work(what: Movable, seen: Reading, awaited: Collection[NodeId]) -> Nic | None:
    """The network interface whose operation has to end before the next write, if there is one."""
    needed = {seen.own.id, *awaited}
    if (has := holder(what, seen)) is not None:
        needed = {seen.own.id, has.id}
    busy = (nic for nic in seen.nics if nic.state is Provisioning.UPDATING)
    return next((nic for nic in busy if nic.id in needed), None)


def next_write(what: Movable, seen: Reading, awaited: Collection[NodeId]) -> Write:
    """What to write next so that this node's network interface comes to have it.

    Raises what stands in the way of the last write before anything is taken from anybody.
    """
    has, given = holder(what, seen), what.put_on(seen.own)
    if has is not None and has.id != seen.own.id:
        return Write(what.taken_off(has), last=False)
    for nic in seen.nics:
        if nic.id in awaited and nic.id != seen.own.id and nic.state is Provisioning.FAILED:
            return Write(nic, last=False)
    return Write(given, last=True)
