"""A VIP as node b's agent sees it: the cloud, b's host, b's last order, and who stands behind it."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from vipswitch import processes
from vipswitch.agent.answer import Answer
from vipswitch.agent.callers import CallerWatch
from vipswitch.agent.chronicle import Chronicle
from vipswitch.agent.keeper import Keeper
from vipswitch.authority import Authority, Question
from vipswitch.deadline import Deadline
from vipswitch.errors import VipswitchError
from vipswitch.model import Holding, NodeId, Place, State, Verb
from vipswitch.move import Move
from vipswitch.orders import Order, OrderBook, OrderState
from vipswitch.processes import Process
from vipswitch.testing.bed import VIP, Bed
from vipswitch.testing.clock import ManualClock
from vipswitch.testing.cloud import FileCloud, MarkingFile, Wire, WiredFile

ALIVE = processes.me()
"""Stands for the caller: a process that is alive."""

GONE = Process(ALIVE.pid, 1)
"""A caller whose pid has come back as another process."""

WATCH = CallerWatch()
"""One thread for all tests."""


@contextlib.contextmanager
def some_program() -> Iterator[Process]:
    """A program that lives until the end of the block, or until somebody kills it."""
    with subprocess.Popen(["sleep", "60"]) as child:
        stat = processes._stat(child.pid)
        assert stat is not None
        try:
            yield stat.process
        finally:
            child.kill()


def end(program: Process) -> None:
    """Kill it, and see to it that it is buried."""
    os.kill(program.pid, signal.SIGKILL)
    os.waitid(os.P_PID, program.pid, os.WEXITED | os.WNOWAIT)


@dataclass
class Counting(Wire):
    """A wire that counts the requests sent over it; `before` the one of a number, something happens."""

    requests: int = 0
    before: dict[int, Callable[[], object]] = field(default_factory=dict)

    def request(self) -> None:
        with self.lock:
            self.requests += 1
            happens = self.before.pop(self.requests, None)
        if happens is not None:
            happens()
        super().request()


class Ears:
    """A hook's side of the conversation."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def no(self, reason: str) -> None:
        self.heard.append(f"no {reason}")

    def taken(self) -> None:
        self.heard.append("taken")

    def say(self, line: str) -> None:
        self.heard.append(f"say {line}")

    def exit(self, code: int) -> None:
        """Nothing that is said later is heard."""
        self.heard.append(f"exit {code}")
        self.say = self.exit = lambda word: None  # type: ignore[method-assign]


class Noted(Chronicle):
    """Remembers here what the agent would write to disk and count."""

    def __init__(self) -> None:
        self.moves: list[Move] = []
        self.states: list[tuple[State, bool]] = []
        self.pendings: list[bool] = []
        self.forgotten: list[str] = []

    def moved(self, move: Move) -> None:
        self.moves.append(move)

    def state(self, vip: str, state: State, *, contested: bool) -> None:
        self.states.append((state, contested))

    def pending(self, vip: str, on: bool) -> None:
        self.pendings.append(on)

    def forget(self, vip: str) -> None:
        self.forgotten.append(vip)


class Scene:
    """Three nodes on a file cloud, and a keeper on node b."""

    def __init__(
        self,
        folder: Path,
        make: type[WiredFile] = MarkingFile,
        *,
        authority: Authority | None = None,
        paused: Callable[[], bool] = lambda: False,
    ) -> None:
        (folder / "cloud").mkdir()
        self.cloud = FileCloud(folder / "cloud", VIP.addresses, make)
        assert isinstance(self.cloud.clock, ManualClock)
        self.clock = self.cloud.clock
        self.wire = self.cloud.faults = Counting(self.clock)
        self.bed = Bed(self.cloud, folder)
        self.host = self.bed.hosts["b"]
        self.orders = OrderBook(folder / "run-b", self.clock)
        self.noted = Noted()
        self.provider = self.bed.switches["b"].provider
        self._make = make
        self._starts = itertools.count(1000)
        self.keeper = Keeper(
            self.bed.switches["b"],
            self.orders,
            self.clock,
            chronicle=self.noted,
            callers=WATCH,
            authority=authority,
            question=lambda me, holder: Question(VIP.name, me, holder, "host-b", "host-of-holder"),
            paused=paused,
        )

    # setting the scene, past orders, faults and journal

    def held(self, *nodes: str | None) -> None:
        """Let each place be held by that node, or by nobody."""
        for place, node in zip(self.provider.places, nodes, strict=True):
            self._unheard()._write(place, None if node is None else NodeId(node), None, self._soon())

    def marked(self, *nodes: str) -> None:
        """Let each place have a mark that names that node."""
        provider = self._unheard()
        assert isinstance(provider, MarkingFile)
        for place, node in zip(self.provider.places, nodes, strict=True):
            provider.mark(place, NodeId(node), 1, self._soon())

    def told(
        self, verb: Verb, caller: Process | None, state: OrderState = OrderState.DONE, **changes: object
    ) -> Order:
        """Let this be b's last order, brought by a hook that has ended."""
        by = Process(1_000_000, next(self._starts))
        order = Order(VIP.name, verb, by, caller, processes.boot_id(), runner=caller, asked_by="pgpool")
        order = replace(order, **{"worker": by, "taken_s": self.clock.now().boot, **changes})
        self.orders.take(order, self._soon())
        self.orders.end(order, state, order.first_seen)
        return replace(order, state=state)

    def orders_now(
        self,
        verb: Verb,
        caller: Process | None = ALIVE,
        *,
        detach: bool = False,
        wait_s: float = 2.0,
        asked_by: str = "pgpool",
    ) -> list[str]:
        """Hand an order over as the agent does, wait for its end, and return what the hook hears."""
        hook = Ears()
        by = Process(1_000_000, next(self._starts))
        order = Order(VIP.name, verb, by, caller, processes.boot_id(), runner=caller, asked_by=asked_by)
        order = replace(order, worker=ALIVE, taken_s=self.clock.now().boot)
        deadline = Deadline(wait_s, self.clock)
        self.keeper.order(order, deadline, Answer(hook, 1, detach=detach), self.clock.now())
        return hook.heard

    def address(self, on: bool) -> None:
        """Let b's host have the VIP's address, or not."""
        self.host.addresses = set(VIP.addresses) if on else set()
        self.host.changes.clear()

    # looking

    def look(self, times: int = 1) -> float:
        """Look, each time after the interval that the look before asked for; the next interval."""
        interval = 0.0
        for _ in range(times):
            interval = self.keeper.look()
            self.clock.wait(interval)
        return interval

    # what has become of it

    @property
    def requests(self) -> int:
        """How many requests b has made to the cloud."""
        return self.wire.requests

    @property
    def has_address(self) -> bool:
        """Whether b's host has the VIP's address."""
        return self.bed.has_addresses("b")

    @property
    def writes(self) -> int:
        """How many writes have reached the cloud."""
        return len(self.cloud.writes())

    @property
    def holders(self) -> tuple[str | None, ...]:
        """Who holds each place; nobody where its holder has let go."""
        answers = self._read()
        seen = [answers[place] for place in self.provider.places]
        assert all(isinstance(holding, Holding) for holding in seen)
        return tuple(None if h.released else h.holder for h in seen if isinstance(h, Holding))

    @property
    def last(self) -> Order:
        """B's last order."""
        found = self.orders.last(VIP.name)
        assert found is not None
        return found

    def _read(self) -> Mapping[Place, Holding | VipswitchError]:
        places: Sequence[Place] = self.provider.places
        return self._unheard().read(places, self._soon())

    def _unheard(self) -> WiredFile:
        provider = self.cloud.provider("b")
        provider.wire = Wire(ManualClock())
        return provider

    def _soon(self) -> Deadline:
        return Deadline(5.0, self.clock)
