"""Actors that are threads: what they ask at once, how they die, and what is remembered of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from vipswitch.providers.side_by_side import side_by_side
from vipswitch.testing.merges import Actor, Choice, Killed, Memory, Stage


@pytest.fixture
def stage() -> Iterator[Stage[str, str]]:
    """An empty one."""
    with Stage() as stage:
        yield stage


def asks(stage: Stage[str, str], name: str, *whats: str) -> list[str]:
    """What an actor is answered that asks all of that side by side."""

    def ask(what: str) -> Callable[[], str]:
        return lambda: stage.ask(Choice(name, what), what)

    return side_by_side([ask(what) for what in whats])


def test_all_that_is_asked_at_once_waits_at_once(stage: Stage[str, str]) -> None:
    """The actor goes on when it has all answers, whichever came first."""
    stage.start("a", lambda: asks(stage, "a", "x", "y", "z") + asks(stage, "a", "last"))
    for what in ("z", "x", "y"):
        assert Choice("a", what) in stage.waiting("a")
        assert "a" not in stage.ended
        stage.answer(Choice("a", what), what.upper())
    assert list(stage.waiting("a")) == [Choice("a", "last")]
    stage.answer(Choice("a", "last"), "LAST")
    assert stage.ended["a"] == ["X", "Y", "Z", "LAST"]


def test_dead_actor_does_nothing_more(stage: Stage[str, str]) -> None:
    """Neither upon its request nor after it."""
    did: list[str] = []
    stage.start("a", lambda: did.extend(asks(stage, "a", "x", "y")))
    stage.kill("a")
    assert (stage.waiting("a"), did, stage.ended) == ({}, [], {})
    with pytest.raises(Killed):
        stage.ask(Choice("a", "again"), "again")


def test_actor_comes_alive_only_for_what_is_new(stage: Stage[str, str]) -> None:
    """Whatever the order in which it has heard the rest."""
    memory: Memory = {}
    lives: list[str] = []

    def actor(name: str) -> Actor:
        def come_alive() -> Callable[[], int]:
            lives.append(name)
            stage.start("a", lambda: asks(stage, "a", "x", "y") + asks(stage, "a", "last"))
            return lambda: len(lives)

        return Actor("a", stage, come_alive, memory=memory, key="a")

    def hears(actor: Actor, *answers: tuple[str, str]) -> None:
        for what, answer in answers:
            actor.hear(Choice("a", what), answer, answer)

    first = actor("first")
    hears(first, ("x", "1"), ("y", "2"))
    stage.kill("a")
    second = actor("second")
    hears(second, ("x", "1"), ("y", "2"))
    assert list(second.now.asks) == [Choice("a", "last")]
    assert lives == ["first"]
