"""One process of a node: the real switch, or the real agent's keeper, over the real provider and its client.

What it leaves behind when it ends, or dies, is what its host and its order book are then.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from tests.unit.agent.scene import WATCH, Noted
from vipswitch.agent.keeper import Keeper
from vipswitch.deadline import Deadline
from vipswitch.errand import Tools
from vipswitch.model import Address, NodeId, Verb, Vip
from vipswitch.orders import Order, OrderBook
from vipswitch.processes import Process, boot_id
from vipswitch.provider import Provider
from vipswitch.recorder import Observers
from vipswitch.result import Observer, Result
from vipswitch.switch import Switch
from vipswitch.testing.bed import Silence
from vipswitch.testing.cloud import Named
from vipswitch.testing.hosts import MemoryHost, Segment
from vipswitch.testing.merges import Choice, PacedClock, Stage, Watch
from vipswitch.testing.wire import Answer, Request

T = TypeVar("T")

Label = Callable[[Request], str]


@dataclass(frozen=True, slots=True)
class Left:
    """What outlives the processes of a node: the addresses of its host, its last order, its cache."""

    addresses: frozenset[Address] = frozenset()
    order: Order | None = None
    cached: frozenset[tuple[str, bytes]] = frozenset()


class Line:
    """The way of an actor's requests, on which each stands still."""

    def __init__(self, stage: Stage[Request, Answer], actor: str, label: Label) -> None:
        self._stage = stage
        self._actor = actor
        self._label = label
        self.before: Callable[[], object] = lambda: None

    def handle(self, asked: Request) -> Answer:
        self.before()
        choice = Choice(self._actor, self._label(asked), asked.method != "GET")
        return self._stage.ask(choice, asked)


class Machine(Named):
    """A machine whose clients ask over a line of ours."""

    def __init__(self, id: NodeId, folder: Path, nodes: list[NodeId], clients: Callable[[], object]) -> None:
        super().__init__(id, folder, nodes=nodes)
        self._clients = clients

    def shared(self, key: Hashable, make: Callable[[], T]) -> Any:
        return self._clients()


class WatchedSwitch(Switch):
    """A switch whose steps are counted."""

    watch: Watch

    def tools(self, observer: Observer | None = None) -> Tools:
        return super().tools(Observers(self.watch, observer or self._observer))


class Life:
    """A process that has begun, and what it works with."""

    def __init__(
        self,
        actor: str,
        stage: Stage[Request, Answer],
        left: Left,
        *,
        vip: Vip,
        clients: Callable[[Line, Path], object],
        provider: Callable[[Machine], Provider],
        node: NodeId,
        nodes: list[NodeId],
        folder: Path,
        label: Label,
        host: type[MemoryHost],
    ) -> None:
        folder.mkdir(parents=True)
        self.vip = vip
        self.clock = PacedClock(stage, actor)
        self.host = host(actor, Segment())
        self.host.addresses.update(left.addresses)
        self.orders = OrderBook(folder, self.clock)
        self.line = Line(stage, actor, label)
        if left.order is not None:
            self.orders.take(left.order, Deadline(1.0, self.clock))
        self._cache = folder / "cache"
        self._cache.mkdir()
        for file, content in left.cached:
            (self._cache / file).write_bytes(content)
        machine = Machine(node, self._cache, nodes, lambda: clients(self.line, self._cache))
        self.switch = WatchedSwitch(
            vip, provider(machine), self.host, orders=self.orders, clock=self.clock, observer=Silence()
        )
        self.switch.watch = Watch(stage, actor)

    def left(self) -> Left:
        """What it would leave behind now."""
        cached = frozenset((file.name, file.read_bytes()) for file in self._cache.iterdir())
        return Left(frozenset(self.host.addresses), self.orders.last(self.vip.name), cached)

    def carry_out(self, order: Order, seconds: float) -> Result:
        """A hook without an agent."""
        return self.switch.carry_out(order, Deadline(seconds, self.clock))

    def look(self, times: int, rest_s: float | None) -> None:
        """An agent that looks so many times, each time after the rest that it wants, or that one."""
        keeper = Keeper(self.switch, self.orders, self.clock, chronicle=Noted(), callers=WATCH)
        for _ in range(times):
            wanted = keeper.look()
            self.clock.wait(wanted if rest_s is None else rest_s)


def order(vip: Vip, verb: Verb, number: int, caller: Process | None) -> Order:
    """An order by a process that is not there any more, for that caller."""
    by = Process(1_000_000, number)
    return Order(vip.name, verb, by, caller, boot_id(), runner=caller, asked_by="pgpool")
