"""Three nodes on a local cloud, each process of which is an actor that stands still at every request."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from pathlib import Path

from tests.merges.life import Left, Life, order
from tests.merges.remembered import Remembered
from vipswitch import processes
from vipswitch.model import Verb
from vipswitch.orders import OrderState
from vipswitch.processes import Process
from vipswitch.provider import Provider
from vipswitch.result import Result
from vipswitch.testing.cloud import NODES
from vipswitch.testing.hosts import MemoryHost
from vipswitch.testing.merges import Actor, Choice, Effect, Memory, Stage
from vipswitch.testing.wire import Answer, Request

UP_S = 0.7
"""How long an order may take, which is some five looks at what does not change."""

CLOUD = "cloud"
"""The actor that ends operations, where no look at them does."""

ALIVE = processes.me()
"""A caller that lives."""


@dataclass(frozen=True, slots=True)
class Death:
    """An actor dies at its write of that number, before it is carried out or before it hears of that."""

    actor: str
    write: int
    carried_out: bool


class Scene:
    """One play."""

    def __init__(
        self,
        cloud: Remembered,
        stage: Stage[Request, Answer],
        folder: Path,
        *,
        memory: Memory,
        make: Callable[..., Provider],
        death: Death | None = None,
        patience_s: float = UP_S,
        host: type[MemoryHost] = MemoryHost,
    ) -> None:
        self.patience_s = patience_s
        self.cloud = cloud
        self.method = cloud.method
        self.left = dict.fromkeys(NODES, Left())
        self.actors: dict[str, Actor] = {}
        self.writes: Counter[str] = Counter()
        self.accepted: Counter[str] = Counter()
        self.moments = [cloud.now]
        self._stage = stage
        self._folder = folder
        self._memory = memory
        self._make = make
        self._host = host
        self._death = death
        self._nodes: dict[str, str] = {}
        self._numbers = itertools.count(1000)

    # the cast

    def up(
        self, name: str, *, caller: Process | None = None, seconds: float | None = None, frozen: int = 0
    ) -> str:
        """A node takes the VIP, by a new process; it stands still for 15 s at its request of that number."""
        return self._order(Verb.UP, name, caller, seconds, frozen)

    def down(self, name: str, *, caller: Process | None = None) -> str:
        """A node lets go of it."""
        return self._order(Verb.DOWN, name, caller, None, 0)

    def agent(self, name: str, looks: int, rest_s: float | None = None) -> str:
        """A node's agent looks so many times."""
        return self._enter(f"agent {name}", name, (looks, rest_s), lambda life: life.look(looks, rest_s))

    def stranger(self) -> str:
        """Somebody who is none of the nodes changes the object that node a writes to, keeping all else."""
        return self._enter("somebody", "c", (), lambda life: self.method.meddle(life.line))

    def told(self, name: str, verb: Verb, caller: Process | None = ALIVE) -> None:
        """Let this be a node's last order, which was carried out."""
        last = order(self.method.vip, verb, next(self._numbers), caller)
        addresses = frozenset(self.method.vip.addresses if self.holder == name else ())
        self.left[name] = Left(addresses, replace(last, state=OrderState.DONE), self.left[name].cached)

    def _order(
        self, verb: Verb, name: str, caller: Process | None, seconds: float | None, frozen: int
    ) -> str:
        number, within_s = next(self._numbers), seconds or self.patience_s

        def run(life: Life) -> Result:
            requests = itertools.count(1)
            life.line.before = lambda: life.clock.wait(15.0) if next(requests) == frozen else None
            return life.carry_out(order(self.method.vip, verb, number, caller), within_s)

        return self._enter(f"{verb} {name}", name, (number, caller, within_s, frozen), run)

    def _enter(self, actor: str, name: str, how: Hashable, run: Callable[[Life], object]) -> str:
        """An actor enters; the name that it has in this play."""
        actor += "'" * sum(1 for each in self.actors if each.rstrip("'") == actor)
        left = self.left[name]

        def come_alive() -> Callable[[], Left]:
            life = self._life(actor, name, left)
            self._stage.start(actor, lambda: run(life))
            return life.left

        key = (actor, how, left.addresses, repr(left.order), left.cached)
        self.actors[actor] = Actor(actor, self._stage, come_alive, memory=self._memory, key=key)
        self._nodes[actor] = name
        self._leave(actor)
        return actor

    def _life(self, actor: str, name: str, left: Left) -> Life:
        method = self.method
        return Life(
            actor,
            self._stage,
            left,
            vip=method.vip,
            clients=method.clients,
            provider=lambda machine: self._make(method.settings(), method.vip, machine),
            node=method.node_id(name),
            nodes=[method.node_id(each) for each in NODES],
            folder=self._folder / actor,
            label=method.short,
            host=self._host,
        )

    # the play

    def choices(self) -> list[Choice]:
        """The requests that wait, and the operations that can end."""
        asks = [choice for actor in self.actors.values() for choice in actor.now.asks]
        return [*asks, *(Choice(CLOUD, each, True) for each in self.cloud.now.running)]

    def take(self, choice: Choice) -> Effect:
        """One request is carried out, and its actor goes on; or an operation ends."""
        effect = self._take(choice)
        self.moments.append(self.cloud.now)
        return effect

    def _take(self, choice: Choice) -> Effect:
        if choice.actor == CLOUD:
            return self.cloud.take(choice.what, writes=True)[1]
        actor = self.actors[choice.actor]
        asked: Request = actor.now.asks[choice]
        answer, effect = self.cloud.take(asked, writes=choice.writes)
        self.writes[choice.actor] += choice.writes
        self.accepted[choice.actor] += choice.writes and answer.status < 400
        if choice.writes and self._dies(choice, carried_out=True):
            actor.die()
        else:
            actor.hear(choice, answer, _said(answer))
        self._leave(choice.actor)
        return effect

    def _leave(self, actor: str) -> None:
        """Before its last write an actor may die; what it has come to so far is what it leaves behind."""
        now = self.actors[actor].now
        if any(choice.writes for choice in now.asks) and self._dies(next(iter(now.asks)), carried_out=False):
            self.actors[actor].die()
        self.left[self._nodes[actor]] = now.left

    def _dies(self, choice: Choice, *, carried_out: bool) -> bool:
        number = self.writes[choice.actor] - carried_out
        return self._death == Death(choice.actor, number, carried_out)

    def play_on(self) -> None:
        """Let everything go on, whoever comes first; the cloud takes no time."""
        while waiting := self.choices():
            self.take(min(waiting, key=lambda choice: (choice.actor != CLOUD, str(choice))))

    def be_done(self) -> None:
        """Let the cloud carry out what it has accepted and nobody looks at any more."""
        for object_ in self.cloud.now.unfinished:
            self.cloud.take(object_, writes=True)
            self.moments.append(self.cloud.now)

    # the end

    def code(self, actor: str) -> int | None:
        """The exit code of an order; nothing if its process died."""
        found = self.actors[actor].now.ended
        if isinstance(found, BaseException):
            raise found
        return found.exit_code if found is not None else None

    @property
    def died(self) -> bool:
        """Whether the actor that was to die has come to that."""
        death = self._death
        return death is not None and death.actor in self.actors and self.code(death.actor) is None

    @property
    def state(self) -> str:
        """All that outlives the processes, and how they ended."""
        codes = {actor: self.code(actor) for actor in self.actors if not actor.startswith("agent")}
        return repr((json.dumps(self.cloud.now.documents, sort_keys=True), self.left, codes))

    @property
    def holder(self) -> str | None:
        """The node that holds the VIP."""
        return self.cloud.now.holder

    @property
    def ordered(self) -> set[str]:
        """The nodes that have had an order."""
        return {name for name, left in self.left.items() if left.order is not None}

    def node_of(self, actor: str) -> str:
        """Whose process it is."""
        return self._nodes[actor]

    @property
    def carrying(self) -> set[str]:
        """The nodes whose hosts have its address."""
        return {name for name, left in self.left.items() if left.addresses}


def _said(answer: Answer) -> Hashable:
    """All of an answer but the numbers of the requests."""
    headers = [(name, value) for name, value in answer.headers.items() if not name.startswith("x-ms-")]
    return (answer.status, answer.body, tuple(headers))
