"""Handing something from one network interface to another, one write at a time, each by what was read
before.

Rules: nothing here waits or tries again; the switch does. A claim is made from the very reading that its
token stands for, which is remembered here, so that no request lies between what was decided on and the
write; a token that is not remembered any more is a Conflict, and the place is read again. What becomes of
an accepted write is told by the read that finds it out. What a cloud says is in use, and not by what, may
pass: it may let go of something later than it shows.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Generic, Protocol, TypeVar

from vipswitch.deadline import Deadline
from vipswitch.errors import Conflict, Halfway, Overtaken, Unavailable, Undone, VipswitchError
from vipswitch.model import Holding, NodeId, Place
from vipswitch.providers.handover.in_use import InUse
from vipswitch.providers.handover.moving import Interface, Movable, N, Reading, at_work, holder, next_write

Written = TypeVar("Written", bound=Interface, contravariant=True)

_REMEMBERED = 32
"""Readings; a claim follows its read within a second."""


Running = frozenset[NodeId] | VipswitchError
"""Where something is being carried out, or why something was not."""


class Writes(Protocol[Written]):
    """What a cloud does for a handover. Every method raises our errors only."""

    def write(self, nic: Written, part: str, subject: str, deadline: Deadline) -> None:
        """Have the network interface become as `nic` says; Conflict if it has changed since it was read."""
        ...

    def running(self, id: NodeId, part: str, deadline: Deadline) -> bool:
        """Whether our last write of it for the sake of `part` is still being carried out.

        Raises, once, why it was not: Undone, or what the cloud says; Unavailable where that could not be
        asked.
        """
        ...


class Handover(Generic[N]):
    """The moves of one provider in `cloud`; `named` is the node that an "in use" speaks of. Thread-safe.

    It knows of each place which network interfaces were written for it, by which deadline, and whose
    operation its next write waits for.
    """

    def __init__(
        self, cloud: str, writes: Callable[[], Writes[N]], *, named: Callable[[str], NodeId | None]
    ) -> None:
        self._cloud = cloud
        self._writes = writes
        self._named = named
        self._changing = threading.Lock()
        self._readings: dict[str, Reading[N]] = {}
        self._written: defaultdict[Place, dict[NodeId, Deadline]] = defaultdict(dict)
        self._awaited: defaultdict[Place, set[NodeId]] = defaultdict(set)
        self._halfway: set[Place] = set()
        self._lingers: set[Place] = set()
        self._said: dict[Place, InUse] = {}

    def running(self, place: Place, part: str, deadline: Deadline, *, also: Sequence[NodeId] = ()) -> Running:
        """The interfaces on which a write of ours under `part` is still carried out; or why one was not.

        Where the cloud shows what was there before until then, it is asked ahead of the reading; `also` of
        those that another process of this machine may have written.
        """
        with self._changing:
            written = dict.fromkeys([*self._written[place], *also])
        try:
            return frozenset(id for id in written if self._runs(place, part, id, deadline))
        except VipswitchError as wrong:
            return wrong

    def holding(
        self,
        place: Place,
        what: Movable[N],
        seen: Reading[N],
        deadline: Deadline,
        *,
        running: Running | None = None,
        note: str = "",
    ) -> Holding:
        """Who has it, and whether the cloud is still at something that the next write has to wait for.

        Raises why a network interface that may have it was not read; Undone, Overtaken, or what the cloud
        says, where a write for this place was accepted and not carried out. That is looked at now, unless it
        was before.
        """
        if isinstance(running, VipswitchError):
            raise running
        seen = self._with_running(place, what, self._in_question(place, seen), deadline, running)
        awaited = self._still_awaited(place, seen)
        has, busy = holder(what, seen), at_work(what, seen, awaited)
        self._found(place, what, seen, has)
        self._remember(seen)
        note = f"{self._cloud} is still at an operation on network interface {busy.id}" if busy else note
        return Holding(has.id if has else None, seen.token, note, settled=busy is None, busy=busy is not None)

    def claim(self, place: Place, what: Movable[N], seen: Holding | None, deadline: Deadline) -> None:
        """Make the next write, by what was `seen`; Halfway after each but the last."""
        reading = self._recalled(place, seen)
        with self._changing:
            awaited = frozenset(self._awaited[place])
        write = next_write(what, reading, awaited)
        try:
            self._write(place, what, write.nic, deadline)
        except InUse as wrong:
            raise self._taken(place, what, reading, wrong) from wrong
        self._settle(place, halfway=not write.last)
        if not write.last:
            self.wait_for(place, write.nic.id)
            raise Halfway(f"{what.subject}: {write.nic.id} is to let go of it")

    def release(
        self, place: Place, what: Movable[N], node: NodeId, seen: Holding, deadline: Deadline
    ) -> None:
        """Take it off this node's network interface; Conflict, and nothing asked, if `seen` names another."""
        if seen.holder != node:
            raise Conflict(f"{what.subject}: held by {seen.holder or 'nobody'}, not by this node")
        own = self._recalled(place, seen).own
        self._write(place, what, what.taken_off(own), deadline)

    def _write(self, place: Place, what: Movable[N], nic: N, deadline: Deadline) -> None:
        with self._changing:
            self._written[place][nic.id] = deadline
        self._writes().write(nic, what.part, what.subject, deadline)

    def _taken(self, place: Place, what: Movable[N], seen: Reading[N], wrong: InUse) -> VipswitchError:
        """What it means that it is in use: by a node, by something else, or it was not said by what."""
        if not wrong.by:
            return self._unsaid(place, wrong)
        if self._is_a_node(place, what, seen, wrong):
            return Conflict(f"{what.subject}: another node has it")
        return wrong

    def _is_a_node(self, place: Place, what: Movable[N], seen: Reading[N], wrong: InUse) -> bool:
        """A node that gives it away has it a while longer than it shows; or has come to have it since."""
        by = self._named(wrong.by)
        nic = seen.of(by) if by else None
        if nic is None or what.elsewhere(nic):
            return False
        self.wait_for(place, nic.id)
        return True

    def _unsaid(self, place: Place, wrong: InUse) -> VipswitchError:
        """By a node that has come to have it, as the next look shows; or the cloud lets go of it late."""
        with self._changing:
            again = place in self._lingers
            self._lingers.add(place)
        if again:
            return Unavailable(f"{wrong.message}, or {self._cloud} has not let go of it yet", hint=wrong.hint)
        return Conflict(wrong.message, hint=wrong.hint)

    def _found(self, place: Place, what: Movable[N], seen: Reading[N], has: N | None) -> None:
        """Raises what an operation said of who has it, where that is no node."""
        with self._changing:
            said = self._said.pop(place, None)
            if has is not None:
                self._halfway.discard(place)
                self._lingers.discard(place)
        if has is None and said is not None and not self._is_a_node(place, what, seen, said):
            raise said

    def wait_for(self, place: Place, id: NodeId) -> None:
        """That network interface is giving it away: until it has, the next write has to wait."""
        with self._changing:
            self._awaited[place].add(id)

    def _still_awaited(self, place: Place, seen: Reading[N]) -> frozenset[NodeId]:
        done = {nic.id for nic in seen.nics if not (seen.at_work(nic) or seen.failed(nic))}
        with self._changing:
            self._awaited[place] -= done
            return frozenset(self._awaited[place])

    def _in_question(self, place: Place, seen: Reading[N]) -> Reading[N]:
        """What is to be looked at: between our two writes nobody has it but who shows it.

        Whoever came to have it since, and cannot be read, makes the cloud refuse the second one.
        """
        with self._changing:
            return seen.readable if place in self._halfway else seen

    def _settle(self, place: Place, *, halfway: bool) -> None:
        with self._changing:
            (self._halfway.add if halfway else self._halfway.discard)(place)
            if halfway:
                self._lingers.add(place)

    def _with_running(
        self,
        place: Place,
        what: Movable[N],
        seen: Reading[N],
        deadline: Deadline,
        running: frozenset[NodeId] | None,
    ) -> Reading[N]:
        """The same, where an interface of which a write is still carried out is at work whatever it says."""
        if running is None:
            with self._changing:
                written = frozenset(self._written[place])
            ours = {nic.id for nic in (seen.own,) if nic.at_work}
            looked_at = [nic.id for nic in seen.nics if nic.id in written - ours]
            running = frozenset(id for id in looked_at if self._runs(place, what.part, id, deadline))
        return replace(seen, running=running)

    def _runs(self, place: Place, part: str, id: NodeId, deadline: Deadline) -> bool:
        """Whether our own write of it is, which says more of another's interface than its state does.

        What keeps a write of an earlier round from being carried out need not keep the next one.
        """
        try:
            runs = self._writes().running(id, part, deadline)
        except Unavailable:
            raise
        except VipswitchError as wrong:
            mine = self._forget(place, id) is deadline
            if mine and not isinstance(wrong, InUse):
                raise
            if mine and isinstance(wrong, InUse) and wrong.by:
                with self._changing:
                    self._said[place] = wrong
            raise (Overtaken if mine else Undone)(wrong.message, hint=wrong.hint) from wrong
        if not runs and self._forget(place, id):
            with self._changing:
                self._awaited[place].discard(id)
        return runs

    def _forget(self, place: Place, id: NodeId) -> Deadline | None:
        with self._changing:
            return self._written[place].pop(id, None)

    def _remember(self, seen: Reading[N]) -> None:
        with self._changing:
            self._readings.pop(seen.token, None)
            self._readings[seen.token] = seen
            while len(self._readings) > _REMEMBERED:
                del self._readings[next(iter(self._readings))]

    def _recalled(self, place: Place, seen: Holding | None) -> Reading[N]:
        with self._changing:
            found = self._readings.get(seen.token) if seen else None
        if found is None:
            raise Conflict(f"{place}: not read yet, or too long ago")
        return found
