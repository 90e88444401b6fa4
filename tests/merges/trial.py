"""Trying every merge of a pair, and counting them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.merges.always import never_without
from tests.merges.method import Ends, Method
from tests.merges.pairs import Check, Pair, has_address, up_and_restore
from tests.merges.scene import UP_S, Scene
from tests.merges.theatre import Theatre
from vipswitch.testing.merges import explore

IMPATIENT_S = 0.1
"""For an order that looks at what does not change three times at most."""


@dataclass
class Tally:
    """How much was tried."""

    schedules: int = 0
    merges: int = 0
    deaths: int = 0
    repairs: int = 0

    def __str__(self) -> str:
        """In one line."""
        if self.deaths:
            return f"{self.deaths} schedules with a crash, {self.repairs} repairs"
        merges = f" stand for {_rounded(self.merges)} merges" if self.merges else ""
        return f"{self.schedules} schedules{merges}"


def _rounded(number: int) -> str:
    """All digits of a number that has not many."""
    return str(number) if number < 10**6 else f"{number:.2e}"


def in_the_end(check: Check) -> Check:
    """The same, where the cloud may take longer than an order lives: the next one finds it done with."""

    def checked_later(scene: Scene) -> None:
        ordered = [actor for actor in scene.actors if actor.startswith(("up", "down"))]
        late = [actor for actor in ordered if scene.code(actor) in (5, 6)]
        for actor in late:
            verb, _, name = actor.rstrip("'").partition(" ")
            (_up_again if verb == "up" else _down_again)(scene, name)
        if not late:
            check(scene)

    return checked_later


def _up_again(scene: Scene, name: str) -> None:
    again_ = scene.up(name, seconds=2 * UP_S)
    scene.play_on()
    assert (scene.code(again_), scene.holder) == (0, name)
    assert has_address(scene, name)


def _down_again(scene: Scene, name: str) -> None:
    """Which leaves alone whoever else has the VIP by now."""
    before = scene.holder
    again_ = scene.down(name)
    scene.play_on()
    assert scene.code(again_) == 0
    assert name not in scene.carrying
    assert scene.holder == before or before == name


def holder_of(method: type[Method], pair: Pair) -> str | None:
    """Who holds the VIP at the beginning."""
    return "c" if pair.enter is up_and_restore and not method.gap_s else pair.holder


def all_merges(folder: Path, method: type[Method], pair: Pair, *, counted: bool = True, **how: Any) -> Tally:
    """Try them all; how many there are takes longer to count, where there are many, than to try."""
    theatre = Theatre(folder, method, pair.enter, holder=holder_of(method, pair), **how)
    tally = Tally()
    check = in_the_end(pair.check) if how.get("ends") is Ends.AT_ANY_TURN else pair.check
    for run in explore(theatre.begin()):
        tally.schedules += 1
        tally.merges += run.merges if counted else 0
        checked(check, run.play, run.schedule)
    return tally


def judged_always(scene: Scene, schedule: str) -> None:
    """What must be true at every moment, of a play that is over or whose actor has died."""
    if scene.method.gap_s:
        return
    try:
        never_without(scene)
    except AssertionError as wrong:
        raise AssertionError(f"{wrong}\n{schedule}") from wrong


def checked(check: Check, scene: Scene, schedule: str) -> None:
    """What is wrong is said with the schedule that led there."""
    try:
        scene.be_done()
        check(scene)
        judged_always(scene, schedule)
    except AssertionError as wrong:
        ended = {name: actor.now.ended for name, actor in scene.actors.items()}
        raise AssertionError(f"{wrong}\n{schedule}\n{ended}\nhost addresses: {scene.carrying}") from wrong
