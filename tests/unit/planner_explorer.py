"""Explores everything that can happen to an order, and has the planner judged by what becomes of it.

A node `me` carries out one order on two places. At every point any of the planned steps may come next; a
write may be acknowledged, be lost after or before it was done, or be refused for now; another node may
seize a place, let go of it, or take it up again; the process may die, and start again knowing nothing, or the
round may end, and the next one go on with what is remembered. Every path is walked.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import replace
from typing import NamedTuple

from tests.unit.planner_judge import broken_by_end, broken_by_outcome, broken_by_step
from tests.unit.planner_reality import ADDRESS, ME, PLACES, Reality, outcomes, raids
from vipswitch.plan import Rules, Step
from vipswitch.world import World, again, blank, learn

MOST_STEPS = 30

_BESIDE_PLACES = slice(3, None)
"""What a reality has beside each place's holder, mark and operation."""

Planner = Callable[[Rules, World], tuple[Step, ...]]


class Path(NamedTuple):
    """One way through: what is true, what the order knows, how it came here.

    `looks_first`: the host had the address at the start, or this is a `later` round.
    """

    reality: Reality
    world: World
    steps: tuple[str, ...] = ()
    looks_first: bool = False
    later: bool = False

    @property
    def known(self) -> Hashable:
        """What decides how it goes on.

        The two places are alike, so a path and its mirror image go on alike.
        """
        reality, world = self.reality, self.world
        places = frozenset(
            zip(reality.holders, reality.marks, reality.busy, world.places.values(), strict=True)
        )
        told = world.prepared, world.announced, tuple(world.host.values())
        return places, reality[_BESIDE_PLACES], told, self.looks_first, self.later


class Explorer:
    """Walks all paths of one order under one planner and collects broken promises."""

    def __init__(self, rules: Rules, planner: Planner) -> None:
        self.rules = rules
        self.reads_first = replace(rules, write_first=False)
        self.planner = planner
        self.violations: set[str] = set()
        self.visited: set[Hashable] = set()
        self.ends = 0

    def explore(self, reality: Reality) -> None:
        """Walk every path from here."""
        waiting = [self._born(reality)]
        while waiting:
            path = waiting.pop()
            before = len(self.visited)
            self.visited.add(path.known)
            if len(self.visited) > before:
                waiting += self._continue(path)

    def _born(self, reality: Reality, steps: tuple[str, ...] = ()) -> Path:
        """As an errand begins: an address on the host makes the first request a read."""
        host = {ADDRESS: reality.address} if self.rules.needs_address else {}
        looks_first = self.rules.needs_address and reality.address
        return Path(reality, blank(ME, host, PLACES), steps, looks_first)

    def _continue(self, path: Path) -> Iterator[Path]:
        if len(path.steps) > MOST_STEPS:
            self._blame("does not end", path)
            return
        rules = self.reads_first if path.looks_first else self.rules
        steps = self.planner(rules, path.world)
        if not steps:
            self.ends += 1
            self._judge(broken_by_end(rules, path.reality, path.world), path)
        for step in steps:
            self._judge(broken_by_step(rules, path.reality, path.world, step, later=path.later), path)
            yield from self._what_may_come_of(path, step)

    def _what_may_come_of(self, path: Path, step: Step) -> Iterator[Path]:
        """A method that must read before it writes is one whose cloud compares."""
        for reality, facts, what in outcomes(path.reality, step, compares=not self.rules.write_first):
            self._judge(broken_by_outcome(self.rules, path.reality, reality), path)
            world = path.world
            for fact in facts:
                world = learn(world, fact)
            after = path._replace(reality=reality, world=world, steps=(*path.steps, what))
            yield after
            yield from self._interrupted(after)
            if reality.mischief:
                for raided, told in raids(reality):
                    yield after._replace(reality=raided, steps=(*after.steps, told))

    def _interrupted(self, path: Path) -> Iterator[Path]:
        if not path.reality.interruptions:
            return
        left = path.reality.interruptions - 1
        spent = path.reality._replace(interruptions=left, announced=False)
        yield self._born(spent, (*path.steps[-8:], "dies"))
        host = {address: spent.address for address in path.world.host}
        steps = (*path.steps[-8:], "the round ends")
        yield Path(spent, again(path.world, host), steps, looks_first=True, later=True)

    def _judge(self, broken: Iterator[str], path: Path) -> None:
        for what in broken:
            self._blame(what, path)

    def _blame(self, what: str, path: Path) -> None:
        self.violations.add(f"{what}: {' > '.join(path.steps)}")
