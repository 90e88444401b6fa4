"""Handing something from one network interface to another, one write at a time, each by what was read
before.

Rules: nothing here waits or tries again; the switch does. A claim is made from the very reading that its
token stands for, which is remembered here, so that no request lies between what was decided on and the
write; a token that is not remembered any more is a Conflict, and the place is read again. What becomes of
an accepted write is told by the read that finds it out.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from vipswitch.deadline import Deadline
from vipswitch.errors import Conflict, Halfway, Unavailable, Undone, VipswitchError
from vipswitch.model import Holding, NodeId, Place
from vipswitch.providers.azure.api.meanings import AddressInUse, PublicAddressInUse
from vipswitch.providers.azure.configurations import Nic, Provisioning
from vipswitch.providers.azure.ids import resource_id
from vipswitch.providers.azure.moving import Movable, Reading, at_work, holder, next_write

if TYPE_CHECKING:
    from vipswitch.providers.azure.nics import Nics

_IN_USE = (AddressInUse, PublicAddressInUse)

_REMEMBERED = 32
"""Readings; a claim follows its read within a second."""


class Handover:
    """The moves of one provider; thread-safe.

    It knows of each place which network interfaces were written for it, by which deadline, and whose
    operation its next write waits for.
    """

    def __init__(self, nics: Callable[[], Nics]) -> None:
        self._nics = nics
        self._changing = threading.Lock()
        self._readings: dict[str, Reading] = {}
        self._written: defaultdict[Place, dict[NodeId, Deadline]] = defaultdict(dict)
        self._awaited: defaultdict[Place, set[NodeId]] = defaultdict(set)
        self._halfway: set[Place] = set()

    def holding(
        self, place: Place, what: Movable, seen: Reading, deadline: Deadline, *, note: str = ""
    ) -> Holding:
        """Who has it, and whether Azure is still at something that the next write has to wait for.

        Raises why a network interface that may have it was not read; Undone, or what ARM says, where a write
        for this place was accepted and not carried out.
        """
        seen = self._with_running(place, what, self._in_question(place, seen), deadline)
        awaited = self._still_awaited(place, seen)
        has, busy = holder(what, seen), at_work(what, seen, awaited)
        if has is not None:
            self._settle(place)
        self._remember(seen)
        note = f"Azure is still at an operation on network interface {busy.id}" if busy else note
        return Holding(has.id if has else None, seen.token, note, settled=busy is None, busy=busy is not None)

    def claim(self, place: Place, what: Movable, seen: Holding | None, deadline: Deadline) -> None:
        """Make the next write of two, or the only one, by what was `seen`; Halfway after the first."""
        reading = self._recalled(place, seen)
        with self._changing:
            awaited = frozenset(self._awaited[place])
        write = next_write(what, reading, awaited)
        try:
            self._write(place, what, write.nic, deadline)
        except _IN_USE as wrong:
            raise self._taken(place, what, reading, wrong) from wrong
        self._settle(place, halfway=not write.last)
        if not write.last:
            self.wait_for(place, write.nic.id)
            raise Halfway(f"{what.subject}: {write.nic.id} is to let go of it")

    def release(self, place: Place, what: Movable, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        """Take it off this node's network interface; Conflict, and nothing asked, if `seen` names another."""
        if seen.holder != node:
            raise Conflict(f"{what.subject}: held by {seen.holder or 'nobody'}, not by this node")
        own = self._recalled(place, seen).own
        self._write(place, what, what.taken_off(own), deadline)

    def _write(self, place: Place, what: Movable, nic: Nic, deadline: Deadline) -> None:
        with self._changing:
            self._written[place][nic.id] = deadline
        self._nics().write(nic, what.part, what.subject, deadline)

    def _taken(
        self, place: Place, what: Movable, seen: Reading, wrong: AddressInUse | PublicAddressInUse
    ) -> Exception:
        """A node that gives it away has it a while longer than it shows; or has come to have it since."""
        by = resource_id(wrong.by)
        nic = seen.of(by.node) if by else None
        if nic is None or what.elsewhere(nic):
            return wrong
        self.wait_for(place, nic.id)
        return Conflict(f"{what.subject}: {nic.id} has it")

    def wait_for(self, place: Place, id: NodeId) -> None:
        """That network interface is giving it away: until it has, the next write has to wait."""
        with self._changing:
            self._awaited[place].add(id)

    def _still_awaited(self, place: Place, seen: Reading) -> frozenset[NodeId]:
        done = {nic.id for nic in seen.nics if nic.state is Provisioning.SUCCEEDED}
        with self._changing:
            self._awaited[place] -= done
            return frozenset(self._awaited[place])

    def _in_question(self, place: Place, seen: Reading) -> Reading:
        """What is to be looked at: between our two writes nobody has it but who shows it.

        Whoever came to have it since, and cannot be read, makes ARM refuse the second one.
        """
        with self._changing:
            return seen.readable if place in self._halfway else seen

    def _settle(self, place: Place, *, halfway: bool = False) -> None:
        with self._changing:
            (self._halfway.add if halfway else self._halfway.discard)(place)

    def _with_running(self, place: Place, what: Movable, seen: Reading, deadline: Deadline) -> Reading:
        """The same, where an interface of which a write is still carried out is at work whatever it says."""
        with self._changing:
            written = frozenset(self._written[place])
        ours = {nic.id for nic in (seen.own,) if nic.state is Provisioning.UPDATING}
        looked_at = [nic for nic in seen.nics if nic.id in written - ours]
        return _at_work(seen, {nic.id for nic in looked_at if self._runs(place, what, nic, deadline)})

    def _runs(self, place: Place, what: Movable, nic: Nic, deadline: Deadline) -> bool:
        """Whether our own write of it is, which says more of another's interface than its state does.

        What keeps a write of an earlier round from being carried out need not keep the next one.
        """
        try:
            runs = self._nics().running(nic.id, what.part, deadline)
        except Unavailable:
            raise
        except VipswitchError as wrong:
            if self._forget(place, nic.id) is deadline and not isinstance(wrong, _IN_USE):
                raise
            raise Undone(wrong.message, hint=wrong.hint) from wrong
        if not runs and self._forget(place, nic.id):
            with self._changing:
                self._awaited[place].discard(nic.id)
        return runs

    def _forget(self, place: Place, id: NodeId) -> Deadline | None:
        with self._changing:
            return self._written[place].pop(id, None)

    def _remember(self, seen: Reading) -> None:
        with self._changing:
            self._readings.pop(seen.token, None)
            self._readings[seen.token] = seen
            while len(self._readings) > _REMEMBERED:
                del self._readings[next(iter(self._readings))]

    def _recalled(self, place: Place, seen: Holding | None) -> Reading:
        with self._changing:
            found = self._readings.get(seen.token) if seen else None
        if found is None:
            raise Conflict(f"{place}: not read yet, or too long ago")
        return found


def _at_work(seen: Reading, running: set[NodeId]) -> Reading:
    def marked(nic: Nic) -> Nic:
        return replace(nic, state=Provisioning.UPDATING) if nic.id in running else nic

    others = {id: marked(nic) if isinstance(nic, Nic) else nic for id, nic in seen.others.items()}
    return Reading(marked(seen.own), others)
