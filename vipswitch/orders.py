"""Orders: what this node was last asked to do for each VIP, and the locks around doing it.

One small JSON file per VIP in a folder on tmpfs, replaced by rename and never synced: a stalling disk
is itself a cause of failovers, and a reboot rightly forgets everything (the boot id says so).

Rules: the newest order wins, by generation (the kernel start time of the process that brought it, and of
two that are equal its pid), whatever order they arrive in. Nothing is written, on the host or in the cloud,
for an order that is not the newest; the host's address changes only while the VIP's lock is held, so that a
`down` cannot slip between the question and the change.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from vipswitch import processes
from vipswitch.deadline import Clock, Deadline
from vipswitch.errors import Lost, TimeUp
from vipswitch.locks import Turn, is_locked, locked, open_shared
from vipswitch.model import Verb
from vipswitch.processes import Bringer, Process

PERSON = "person"
"""Who asks when no HA manager does."""

AGENT = "agent"
"""Who asks when the agent has asked an authority."""

_FAR = 16384
"""More processes than start in one tick, and fewer than half of the pids that there are at least."""

WATCHFUL = frozenset({"pacemaker"})
"""The HA managers that look after their VIPs themselves: by monitors, and by starting and stopping."""


WITHOUT_QUORUM = frozenset({"keepalived"})
"""The HA managers that elect by silence: a node that hears nobody leads, until it hears somebody again."""


class OrderState(StrEnum):
    """How far an order got."""

    PENDING = "pending"
    DONE = "done"
    LOST = "lost"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Order:
    """One order as it is written down.

    `by` is the process that brought it and its generation. `asked_by` is the program behind it, `caller` the
    outermost process of that program and `runner` the one that waits for the hook; a person has neither.
    `worker` is the process that carries the order out: the hook itself, or the agent. `taken_s` is when it
    was written down, in seconds since boot. `first_seen` has the holder first read at each place (None:
    nobody).
    """

    vip: str
    verb: Verb
    by: Process
    caller: Process | None
    boot_id: str
    state: OrderState = OrderState.PENDING
    first_seen: Mapping[str, str | None] = field(default_factory=dict)
    runner: Process | None = None
    asked_by: str = PERSON
    worker: Process | None = None
    taken_s: float = 0.0

    @property
    def generation(self) -> int:
        """The kernel start time of the process that brought the order, in ticks since boot."""
        return self.by.started

    def is_older_than(self, other: Order) -> bool:
        """Whether a caller asked for the other one later, by the processes that brought them.

        The kernel counts starts in hundredths of a second and pids one after the other, so of two hooks of
        one tick the pids tell; of two far apart the smaller one is the later, for pids start anew at their
        end. The agent's own order yields to any hook's.
        """
        if self.generation != other.generation:
            return self.generation < other.generation
        if AGENT in (self.asked_by, other.asked_by):
            return self.asked_by == AGENT != other.asked_by
        apart = other.by.pid - self.by.pid
        return 0 < apart < _FAR or apart < -_FAR

    def in_progress(self) -> bool:
        """Whether some process is still at work on it."""
        return self.state is OrderState.PENDING and processes.alive(self.worker or self.by)

    @property
    def decided_alone(self) -> bool:
        """Whether the HA manager may take it back as soon as it hears its peers."""
        return self.asked_by in WITHOUT_QUORUM

    @property
    def looked_after(self) -> bool:
        """Whether the HA manager that asked for it lives and looks after the VIP itself."""
        return self.asked_by in WATCHFUL and self.has_somebody_behind()

    def has_somebody_behind(self) -> bool:
        """Whether the HA manager that asked for it still lives; never so for a person's."""
        return self.caller is not None and processes.alive(self.caller)


def new(vip: str, verb: Verb) -> Order:
    """The order that this process brings."""
    return brought(vip, verb, processes.bringer())


def brought(vip: str, verb: Verb, bringer: Bringer) -> Order:
    """The order that a process brings, for an HA manager or a person; this process carries it out."""
    caller = bringer.caller
    return Order(
        vip,
        verb,
        bringer.by,
        caller.standing if caller else None,
        processes.boot_id(),
        runner=caller.runner if caller else None,
        asked_by=caller.program if caller else PERSON,
        worker=processes.me(),
        taken_s=time.clock_gettime(time.CLOCK_BOOTTIME),
    )


def told(order: Order) -> str:
    """The order in words: what, for whom, and how far it got."""
    pending = "under way" if order.in_progress() else "left over"
    ended = pending if order.state is OrderState.PENDING else order.state
    return f"{order.verb} for {'a person' if order.asked_by == PERSON else order.asked_by}: {ended}"


def repeats(order: Order, last: Order | None) -> bool:
    """Whether `order` only repeats the last one.

    Pgpool-II runs `up` again from its long-lived watchdog process on network events; a fresh
    escalation comes from a process that started after the last order. Nobody else repeats himself: the
    processes of keepalived, Pacemaker and Patroni live long too, and each `up` of theirs is a decision.
    """
    if last is None or order.verb is not Verb.UP or last.verb is not Verb.UP or order.by == last.by:
        return False
    if order.asked_by != "pgpool" or order.runner is None:
        return False
    return order.runner.started < last.generation


class OrderBook:
    """The orders of this node, in one folder."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock

    def last(self, vip: str) -> Order | None:
        """The order written last for this VIP since boot, if any. An unreadable file is none."""
        try:
            raw = json.loads((self._folder / _file(vip)).read_bytes())
            order = _from_json(raw)
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None
        return order if order.boot_id == processes.boot_id() else None

    def take(self, order: Order, deadline: Deadline, *, handed_over: bool = False) -> Order | None:
        """Make `order` the newest of its VIP; the one that was it before.

        Raises Lost when a newer one is there already, and, for one that was handed over, when its hook has
        meanwhile taken it in hand itself.
        """
        with self._lock(_file(order.vip), deadline):
            last = self.last(order.vip)
            if last is not None and order.is_older_than(last):
                raise _superseded(last)
            if last is not None and last.by == order.by and handed_over:
                raise Lost(f"the hook carries out this `{last.verb}` by itself")
            self._write(order)
            return last

    def note(self, order: Order, first_seen: Mapping[str, str | None]) -> None:
        """Note what was seen for an order that is still pending, and that this process works on it."""
        self.end(replace(order, worker=processes.me()), OrderState.PENDING, first_seen)

    def end(self, order: Order, state: OrderState, first_seen: Mapping[str, str | None]) -> None:
        """Note how an order ended, unless a newer one has taken its place."""
        with contextlib.suppress(Lost, TimeUp), self.newest(order, Deadline(1.0, self._clock)):
            self._write(replace(order, state=state, first_seen=first_seen))

    @contextlib.contextmanager
    def newest(self, order: Order, deadline: Deadline) -> Iterator[None]:
        """Hold the VIP's lock while `order` is its newest. Raises Lost when it no longer is."""
        with self._lock(_file(order.vip), deadline):
            self.still_newest(order)
            yield

    def still_newest(self, order: Order) -> None:
        """Raise Lost when another order has taken this one's place."""
        last = self.last(order.vip)
        if last is not None and last.by != order.by:
            raise _superseded(last)

    @contextlib.contextmanager
    def alone(self, key: str, deadline: Deadline) -> Iterator[Turn]:
        """Hold the lock of one cloud object against other processes and threads of this node."""
        with self._lock(_object(key), deadline) as fd:
            yield Turn(fd, self._clock)

    def being_written(self, key: str) -> bool:
        """Whether somebody on this node holds the lock of that cloud object at this moment."""
        return is_locked(self._folder / f"{_object(key)}.lock")

    def _lock(self, name: str, deadline: Deadline) -> contextlib.AbstractContextManager[int]:
        return locked(self._folder / f"{name}.lock", self._clock, deadline)

    def _write(self, order: Order) -> None:
        path = self._folder / _file(order.vip)
        draft = path.with_name(f"{path.name}.{order.by.pid}.new")
        draft.unlink(missing_ok=True)
        with os.fdopen(open_shared(draft), "w") as file:
            json.dump(_to_json(order), file)
        draft.replace(path)


class Jointly:
    """The lock of an order's VIP, held by several threads of one errand at once while it is the newest.

    The first one takes it, the last one gives it back.
    """

    def __init__(self, orders: OrderBook, order: Order) -> None:
        self._orders = orders
        self._order = order
        self._gate = threading.Lock()
        self._inside = 0
        self._held = contextlib.ExitStack()

    @contextlib.contextmanager
    def hold(self, deadline: Deadline) -> Iterator[None]:
        """Hold it inside. Raises as `OrderBook.newest`."""
        with self._gate:
            if self._inside == 0:
                self._held.enter_context(self._orders.newest(self._order, deadline))
            self._inside += 1
        try:
            yield
        finally:
            with self._gate:
                self._inside -= 1
                if self._inside == 0:
                    self._held.close()


def _file(vip: str) -> str:
    return f"order-{vip}"


def _object(key: str) -> str:
    import hashlib

    return f"object-{hashlib.sha256(key.encode()).hexdigest()[:24]}"


def _to_json(order: Order) -> dict[str, object]:
    def process(value: Process | None) -> object:
        return None if value is None else {"pid": value.pid, "started": value.started}

    return {
        "vip": order.vip,
        "verb": order.verb,
        "by": process(order.by),
        "caller": process(order.caller),
        "runner": process(order.runner),
        "worker": process(order.worker),
        "asked_by": order.asked_by,
        "boot_id": order.boot_id,
        "taken_s": order.taken_s,
        "state": order.state,
        "first_seen": dict(order.first_seen),
    }


def _from_json(raw: Mapping[str, object]) -> Order:
    def some(value: object) -> Process:
        if not isinstance(value, dict):
            raise TypeError(value)
        return Process(int(value["pid"]), int(value["started"]))

    def process(value: object) -> Process | None:
        return None if value is None else some(value)

    first_seen = raw["first_seen"]
    if not isinstance(first_seen, dict):
        raise TypeError(first_seen)
    return Order(
        vip=str(raw["vip"]),
        verb=Verb(str(raw["verb"])),
        by=some(raw["by"]),
        caller=process(raw["caller"]),
        runner=process(raw["runner"]),
        worker=process(raw["worker"]),
        asked_by=str(raw["asked_by"]),
        boot_id=str(raw["boot_id"]),
        taken_s=float(str(raw["taken_s"])),
        state=OrderState(str(raw["state"])),
        first_seen=first_seen,
    )


def _superseded(last: Order) -> Lost:
    return Lost(f"a newer `{last.verb}` has replaced this order on this node")
