"""Explores everything that can happen to an order, and judges the planner by what becomes of it.

A node `me` carries out one order on two places. At every point any of the planned steps may come
next; a write may be acknowledged, be lost after or before it was done, or be refused for now; another
node may seize a place; the process may die, and start again knowing nothing. Every path is walked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from ipaddress import ip_address

from vipswitch.errors import OutcomeUnknown, Unavailable
from vipswitch.model import Holding, NodeId, Place, Verb
from vipswitch.plan import AddAddress, Announce, Claim, Prepare, Read, Release, RemoveAddress, Rules, Step
from vipswitch.world import (
    Acknowledged,
    AddressAdded,
    AddressRemoved,
    Announced,
    Conflicted,
    Fact,
    OutcomeLost,
    Prepared,
    Saw,
    Troubled,
    World,
    Wrote,
    blank,
    learn,
)

ME, OTHER, THIRD = NodeId("me"), NodeId("other"), NodeId("third")
ADDRESS = ip_address("10.99.0.50")
PLACES = (Place("one", ADDRESS), Place("two", ADDRESS))
MOST_STEPS = 30

Planner = Callable[[Rules, World], tuple[Step, ...]]


@dataclass(frozen=True)
class Reality:
    """What is true, whoever knows it: each place's holder, the host's address, the neighbours' belief."""

    holders: tuple[NodeId | None, NodeId | None]
    address: bool
    announced: bool = False
    mischief: int = 1
    deaths: int = 1
    seized: bool = False

    def holding(self, place: Place) -> Holding:
        holder = self.holders[PLACES.index(place)]
        return Holding(holder, token=str(holder))

    def held_by(self, place: Place, holder: NodeId | None) -> Reality:
        holders = tuple(holder if p == place else h for p, h in zip(PLACES, self.holders, strict=True))
        return replace(self, holders=(holders[0], holders[1]))


@dataclass(frozen=True)
class Path:
    """One way through: what is true, what the order knows, how it came here."""

    reality: Reality
    world: World
    steps: tuple[str, ...] = ()


class Explorer:
    """Walks all paths of one order under one planner and collects broken promises."""

    def __init__(self, rules: Rules, planner: Planner) -> None:
        self.rules = rules
        self.planner = planner
        self.violations: set[str] = set()
        self.visited: set[str] = set()
        self.ends = 0

    def explore(self, reality: Reality) -> None:
        """Walk every path from here."""
        waiting = [Path(reality, self._blank(reality))]
        while waiting:
            path = waiting.pop()
            known = repr((path.reality, path.world))
            if known in self.visited:
                continue
            self.visited.add(known)
            waiting += self._continue(path)

    def _blank(self, reality: Reality) -> World:
        host = {ADDRESS: reality.address} if self.rules.needs_address else {}
        return blank(ME, host, PLACES)

    def _continue(self, path: Path) -> Iterator[Path]:
        if len(path.steps) > MOST_STEPS:
            self._blame("does not end", path)
            return
        steps = self.planner(self._rules(path), path.world)
        if not steps:
            self.ends += 1
            self._judge_end(path)
            return
        for step in steps:
            self._judge_step(path, step)
            for reality, facts, what in _outcomes(path.reality, step):
                yield from self._after(path, reality, facts, what)

    def _rules(self, path: Path) -> Rules:
        """As the switch has them: an address on the host makes the first request a read."""
        return replace(self.rules, write_first=self.rules.write_first and "looks first" not in path.steps)

    def _after(self, path: Path, reality: Reality, facts: list[Fact], what: str) -> Iterator[Path]:
        world = path.world
        for fact in facts:
            world = learn(world, fact)
        yield Path(reality, world, (*path.steps, what))
        if reality.deaths:
            born = replace(reality, deaths=reality.deaths - 1, announced=False)
            look = ("looks first",) if born.address else ()
            yield Path(born, self._blank(born), (*look, *path.steps[-8:], what, "dies"))
        if reality.mischief:
            for place in PLACES:
                raided = replace(reality.held_by(place, THIRD), mischief=0, seized=True)
                yield Path(raided, world, (*path.steps, what, f"third seizes {place.id}"))

    def _judge_step(self, path: Path, step: Step) -> None:
        reality, world = path.reality, path.world
        if isinstance(step, Claim):
            view = world.places[step.place]
            if self.rules.needs_address and not reality.address:
                self._blame("moves the cloud before the host is able", path)
            if view.wrote is Wrote.UNKNOWN and view.holding is None:
                self._blame("writes again without looking after a lost answer", path)
            if not self.rules.seizes:
                self._blame("a repeated up seizes", path)
            if view.wrote is Wrote.ACKNOWLEDGED:
                self._blame("takes it back after its own write", path)
            if view.holding is not None and view.holding.holder == ME:
                self._blame("writes what it already holds", path)
        if isinstance(step, Claim | AddAddress | Announce) and self.rules.verb is Verb.DOWN:
            self._blame("down takes", path)
        if isinstance(step, Release):
            seen = world.places[step.place].holding
            if seen is None or seen.holder != ME or step.seen != seen:
                self._blame("releases what it has not read as its own", path)
            if reality.address and self.rules.needs_address:
                self._blame("frees the cloud before the host", path)
        if isinstance(step, AddAddress) and not self.rules.seizes and ME not in _seen(world):
            self._blame("a repeated up touches the host of a node that does not hold the VIP", path)

    def _judge_end(self, path: Path) -> None:
        reality, world = path.reality, path.world
        if self.rules.verb is Verb.DOWN:
            if reality.address and self.rules.needs_address:
                self._blame("down leaves the address", path)
            if self.rules.frees and ME in reality.holders:
                self._blame("down leaves a place of ours", path)
            return
        if not self.rules.seizes:
            return
        if all(view.holding == Holding(ME, token=str(ME)) for view in world.places.values()):
            if self.rules.needs_address and not reality.address:
                self._blame("up ends without the address", path)
            if self.rules.announces and self.rules.needs_address and not reality.announced:
                self._blame("up ends without an announcement", path)
        elif not reality.seized:
            self._blame("up ends without having read itself as holder", path)

    def _blame(self, what: str, path: Path) -> None:
        self.violations.add(f"{what}: {' > '.join(path.steps)}")


def _outcomes(reality: Reality, step: Step) -> Iterator[tuple[Reality, list[Fact], str]]:
    """What may come of one step: each is a new reality, and the facts that the order learns."""
    match step:
        case AddAddress(address):
            yield replace(reality, address=True), [AddressAdded(address)], "adds address"
        case RemoveAddress(address):
            yield replace(reality, address=False), [AddressRemoved(address)], "removes address"
        case Announce():
            yield replace(reality, announced=reality.address), [Announced(None)], "announces"
        case Prepare():
            yield reality, [Prepared(())], "prepares"
        case Read(places):
            facts: list[Fact] = [Saw(p, reality.holding(p)) for p in places]
            yield reality, facts, f"reads {[reality.holding(p).holder for p in places]}"
        case Claim(place, _):
            yield from _writes(reality, place, ME)
        case Release(place, seen):
            if reality.holding(place) != seen:
                yield reality, [Conflicted(place)], f"conflict at {place.id}"
            else:
                yield from _writes(reality, place, None)


def _writes(
    reality: Reality, place: Place, holder: NodeId | None
) -> Iterator[tuple[Reality, list[Fact], str]]:
    done = reality.held_by(place, holder)
    yield done, [Acknowledged(place)], f"writes {place.id}"
    if reality.mischief:
        lost: list[Fact] = [OutcomeLost(place, OutcomeUnknown("lost"))]
        yield replace(done, mischief=0), lost, f"writes {place.id}, answer lost"
        yield replace(reality, mischief=0), lost, f"write of {place.id} lost"
        busy: list[Fact] = [Troubled(place, Unavailable("busy"))]
        yield replace(reality, mischief=0), busy, f"write of {place.id} refused for now"


def _seen(world: World) -> set[NodeId | None]:
    return {view.holding.holder for view in world.places.values() if view.holding is not None}
