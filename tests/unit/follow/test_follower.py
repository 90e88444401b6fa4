"""One source and its VIPs: what is seen reaches every VIP, and what was slept over reaches none."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest

from vipswitch.deadline import Instant
from vipswitch.follow.course import Patience, Standing
from vipswitch.follow.follower import Follower, Rhythm
from vipswitch.follow.sighting import Leader, Sighting
from vipswitch.model import Verb
from vipswitch.testing.clock import ManualClock

RHYTHM = Rhythm(2.0, Patience(2.0))


@dataclass
class Scripted:
    """A source that says one thing after the other, each after so many seconds, on that clock."""

    clock: ManualClock
    says: list[tuple[Leader, float]]
    rests: list[float] = field(default_factory=list)

    def look(self) -> Sighting:
        since = self.clock.now()
        leader, seconds = self.says.pop(0)
        self.clock.wait(seconds)
        return Sighting(leader, f"as said, {len(self.says)} left", since)

    def rest(self, seconds: float, ended: threading.Event) -> None:
        """Long enough; the script's end is the end."""
        self.rests.append(seconds)
        self.clock.wait(seconds)
        if not self.says:
            ended.set()


@dataclass
class Palm:
    """Takes down which orders are given, and says how far they got."""

    name: str = "primary"
    standing: Standing = Standing.DONE
    given: list[tuple[Verb, float]] = field(default_factory=list)

    def give(self, verb: Verb, since: Instant) -> None:
        self.given.append((verb, since.boot))


def followed(clock: ManualClock, says: Iterable[tuple[Leader, float]], *palms: Palm) -> Follower:
    """A follower that has seen it all."""
    follower = Follower("cluster", Scripted(clock, list(says)), palms, RHYTHM, clock)
    follower.run(threading.Event())
    return follower


def test_every_vip_has_its_order() -> None:
    """Side by side, by one answer; the order is as old as the question."""
    clock, one, two = ManualClock(), Palm("one"), Palm("two")
    clock.wait(100.0)
    followed(clock, [(Leader.ME, 0.5)], one, two)
    assert one.given == two.given == [(Verb.UP, 100.0)]


def test_vips_have_their_own_fate() -> None:
    """The order of one has failed, and is given again; that of the other is done."""
    good, bad = Palm("good"), Palm("bad", Standing.FAILED)
    followed(ManualClock(), [(Leader.ME, 0.0)] * 20, good, bad)
    assert [verb for verb, _ in good.given] == [Verb.UP]
    assert len(bad.given) > 2
    assert {verb for verb, _ in bad.given} == {Verb.UP}


@pytest.mark.parametrize("standing", [Standing.AT_WORK, Standing.REPLACED, Standing.DONE])
def test_order_is_given_once(standing: Standing) -> None:
    """An agent that still works on it needs no second one, and a person has the last word."""
    palm = Palm(standing=standing)
    followed(ManualClock(), [(Leader.ANOTHER, 0.0)] * 4, palm)
    assert [verb for verb, _ in palm.given] == [Verb.DOWN]


def test_answer_that_was_slept_over_is_unknown() -> None:
    """Whoever wakes up with the news that he leads may not lead any more."""
    palm = Palm()
    followed(ManualClock(), [(Leader.ME, 3.0), (Leader.ME, 30.0), (Leader.ANOTHER, 5.0)], palm)
    assert palm.given == []


@pytest.mark.parametrize("jump", [{"boot": 60.0}, {"wall": 60.0}], ids=["suspended", "paused"])
def test_machine_that_stood_still_acts_on_no_answer(jump: dict[str, float]) -> None:
    """However little time its own clock says has passed."""

    class Frozen(Scripted):
        def look(self) -> Sighting:
            seen = super().look()
            self.clock.jump(**jump)
            return seen

    clock, palm = ManualClock(), Palm()
    source = Frozen(clock, [(Leader.ME, 0.0)])
    Follower("cluster", source, [palm], RHYTHM, clock).run(threading.Event())
    assert palm.given == []


def test_no_order_once_the_end_was_asked_for() -> None:
    """A config that was read again has other followers."""
    clock, palm, ended = ManualClock(), Palm(), threading.Event()
    ended.set()
    Follower("cluster", Scripted(clock, [(Leader.ME, 0.0)]), [palm], RHYTHM, clock).look(ended)
    assert palm.given == []


def test_bug_in_one_look_does_not_end_the_following(caplog: pytest.LogCaptureFixture) -> None:
    """It is said, and the next look comes."""

    class Broken(Scripted):
        def look(self) -> Sighting:
            seen = super().look()
            if len(self.says) == 1:
                raise ZeroDivisionError("a bug")
            return seen

    clock, palm = ManualClock(), Palm()
    with caplog.at_level(logging.INFO, "vipswitch.follow"):
        source = Broken(clock, [(Leader.ME, 0.0)] * 2)
        Follower("cluster", source, [palm], RHYTHM, clock).run(threading.Event())
    assert [verb for verb, _ in palm.given] == [Verb.UP]
    assert "bug while following cluster" in caplog.text


def test_rest_that_fails_does_not_end_the_following(caplog: pytest.LogCaptureFixture) -> None:
    """A watch takes a thread, and the machine may have none: the next look comes all the same."""

    class Restless(Scripted):
        def rest(self, seconds: float, ended: threading.Event) -> None:
            super().rest(seconds, ended)
            if len(self.says) == 1:
                raise RuntimeError("can't start new thread")

    clock, palm = ManualClock(), Palm()
    rhythm = Rhythm(0.2, Patience(0.2))
    with caplog.at_level(logging.INFO, "vipswitch.follow"):
        source = Restless(clock, [(Leader.ME, 0.0), (Leader.ANOTHER, 0.0)])
        Follower("cluster", source, [palm], rhythm, clock).run(threading.Event())
    assert [verb for verb, _ in palm.given] == [Verb.UP, Verb.DOWN]
    assert "can't start new thread" in caplog.text


def test_looks_are_spread_and_never_too_close() -> None:
    """Three nodes must not ask at the same moments for ever."""
    clock = ManualClock()
    source = Scripted(clock, [(Leader.ANOTHER, 0.0)] * 50)
    Follower("cluster", source, [Palm()], RHYTHM, clock).run(threading.Event())
    assert 1.4 < min(source.rests) < max(source.rests) < 2.4
    assert max(source.rests) - min(source.rests) > 0.1


def test_each_decision_is_one_line(caplog: pytest.LogCaptureFixture) -> None:
    """What stays as it is, is not said again, whatever the reasons for not knowing are."""
    with caplog.at_level(logging.INFO, "vipswitch.follow"):
        says = [(Leader.ME, 0.0), *[(Leader.UNKNOWN, 0.0)] * 3, (Leader.ANOTHER, 0.0)]
        followed(ManualClock(), says, Palm())
    assert [record.getMessage() for record in caplog.records] == [
        "cluster: this node leads: as said, 4 left",
        "primary: up: as said, 4 left",
        "cluster: who leads is unknown: as said, 3 left",
        "cluster: another node leads: as said, 0 left",
        "primary: down: as said, 0 left",
    ]
