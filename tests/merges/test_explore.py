"""The search itself, on toys: what it leaves out makes no difference, and how much that is."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from vipswitch.testing.merges import Choice, Effect, explore

Program = list[list[tuple[str, str]]]
"""Rounds of one actor; each is what it asks for at once: (`get` or `put` or `swap`, a register)."""


class Registers:
    """Actors that read and write registers, and write what they have read so far."""

    def __init__(self, programs: Mapping[str, Program]) -> None:
        self.registers = dict.fromkeys("xyz", "")
        self.read = dict.fromkeys(programs, "")
        self._rounds = {actor: [list(each) for each in rounds] for actor, rounds in programs.items()}
        self._heard: dict[str, dict[str, str]] = {actor: {} for actor in programs}

    def choices(self) -> list[Choice]:
        """What each waits for."""
        asked = [(actor, each) for actor, rounds in self._rounds.items() if rounds for each in rounds[0]]
        return [Choice(actor, f"{verb} {name}", verb != "get") for actor, (verb, name) in asked]

    def take(self, choice: Choice) -> Effect:
        """One request; the actor goes on when all that it has asked for at once is answered."""
        verb, name = choice.what.split()
        before = self.registers[name]
        if verb == "put" or (verb == "swap" and len(before) < 3):
            self.registers[name] = f"{self.read[choice.actor]}{choice.actor}"[-4:]
        self._answer(choice.actor, (verb, name), before)
        changed = {name} if self.registers[name] != before else set()
        return Effect(frozenset({name}), frozenset(changed))

    def _answer(self, actor: str, request: tuple[str, str], said: str) -> None:
        rounds, heard = self._rounds[actor], self._heard[actor]
        rounds[0].remove(request)
        heard[request[1]] = said
        if not rounds[0]:
            rounds.pop(0)
            self.read[actor] = "".join(heard[name] for name in sorted(heard))
            heard.clear()

    @property
    def end(self) -> tuple[object, ...]:
        """What is true at the end."""
        return tuple(self.registers.items()), tuple(self.read.items())


def of_chance(seed: int) -> dict[str, Program]:
    """Two or three short programs."""
    chance = random.Random(seed)

    def round_() -> list[tuple[str, str]]:
        if chance.random() < 0.4:
            return [("get", name) for name in chance.sample("xyz", 2)]
        return [(chance.choice(["get", "put", "swap"]), chance.choice("xyz"))]

    return {actor: [round_() for _ in range(2)] for actor in "ab"} | {"c": [round_()]}


@pytest.mark.parametrize("seed", range(12))
def test_what_is_left_out_makes_no_difference(seed: int) -> None:
    """With and without the reduction the same ends are reached, and the merges are counted exactly."""

    @contextmanager
    def begin() -> Iterator[Registers]:
        yield Registers(of_chance(seed))

    all_ = [run.play.end for run in explore(begin, reduced=False)]
    runs = list(explore(begin))
    assert {run.play.end for run in runs} == set(all_)
    assert sum(run.merges for run in runs) == len(all_)
    assert len(runs) < len(all_)


def test_requests_that_never_meet_are_run_once() -> None:
    """Two actors at registers of their own: one schedule stands for all twenty."""

    @contextmanager
    def begin() -> Iterator[Registers]:
        yield Registers({"a": [[("put", "x")]] * 3, "b": [[("put", "y")]] * 3})

    (run,) = explore(begin)
    assert run.merges == 20
