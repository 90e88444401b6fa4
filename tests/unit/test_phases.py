"""Where the time of a move went: every moment counts once, and for the right thing."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.unit.moves import TABLE, TAKEOVER, moved, step
from vipswitch.move import Kind, Reason
from vipswitch.phases import Phase, partition, segments, spent


def test_the_phases_add_up_to_the_whole() -> None:
    """From the start of the caller's process to the last moment."""
    found = segments(TAKEOVER)
    assert (found[0].from_s, found[-1].to_s) == (-0.08, 0.1)
    assert all(one.to_s == other.from_s for one, other in pairwise(found))
    assert sum(spent(TAKEOVER).values()) == pytest.approx(0.18)


def test_a_takeover_is_taken_apart() -> None:
    """Caller, hook, host, write, verification, and the rest."""
    ms = {phase: round(seconds * 1000, 3) for phase, seconds in spent(TAKEOVER).items() if seconds}
    assert ms == {
        Phase.CALLER: 60,
        Phase.HOOK: 20,
        Phase.HOST: 4,
        Phase.WRITE: 60,
        Phase.VERIFY: 30,
        Phase.OWN: 6,
    }


def test_places_side_by_side_count_once() -> None:
    """Three writes of 100 ms at once are 100 ms."""
    move = moved(steps=tuple(step(Kind.CLAIM, 0, 100, f"rtb-{n}") for n in range(3)))
    assert spent(move)[Phase.WRITE] == pytest.approx(0.1)


def test_a_read_is_verification_only_after_an_acknowledged_write() -> None:
    """Before it, and after one that was refused, it is a look."""
    steps = (
        step(Kind.READ, 0, 10, TABLE),
        step(Kind.CLAIM, 10, 20, TABLE, fails="throttled"),
        step(Kind.READ, 20, 30, TABLE),
        step(Kind.CLAIM, 30, 40, TABLE),
        step(Kind.READ, 40, 50, TABLE),
    )
    phases = [segment.phase for segment in partition(steps)]
    assert phases == [Phase.LOOK, Phase.WRITE, Phase.LOOK, Phase.WRITE, Phase.VERIFY]


def test_a_rest_between_tries_is_told_from_our_own_work() -> None:
    """A failure or a repetition after 10 ms of nothing is a wait; the start and the end are not."""
    steps = (
        step(Kind.CLAIM, 50, 60, TABLE, fails="throttled"),
        step(Kind.READ, 100, 110, TABLE),
        step(Kind.READ, 400, 410, TABLE),
    )
    phases = spent(moved(steps=steps, seconds=0.5, hook_started_s=None))
    assert phases[Phase.REST] == pytest.approx(0.040 + 0.290)
    assert phases[Phase.OWN] == pytest.approx(0.050 + 0.090)


def test_a_caller_that_ran_for_long_says_nothing_of_this_order() -> None:
    """keepalived started days ago; Pgpool-II's escalation process a moment ago."""
    assert spent(moved(caller_started_s=-90_000.0))[Phase.CALLER] == 0
    assert spent(moved(caller_started_s=None, hook_started_s=None))[Phase.HOOK] == 0


def test_what_the_agent_does_by_itself_has_no_hook() -> None:
    """Its own process brought the order, and did not start for it."""
    phases = spent(moved(reason=Reason.HEAL))
    assert phases[Phase.HOOK] == phases[Phase.CALLER] == 0


def test_a_move_without_steps_is_our_own_work() -> None:
    """It was over before anything was done."""
    assert spent(moved(steps=(), seconds=0.002, hook_started_s=None))[Phase.OWN] == 0.002


def test_the_care_of_the_attach_point_counts_only_where_it_is_waited_for() -> None:
    """It runs beside the writes, and is rarely what a takeover waits for."""
    steps = (step(Kind.CLAIM, 0, 60, TABLE), step(Kind.PREPARE, 0, 100), step(Kind.READ, 60, 90, TABLE))
    phases = [(s.phase, round(s.seconds * 1000)) for s in partition(steps)]
    assert phases == [(Phase.WRITE, 60), (Phase.VERIFY, 30), (Phase.PREPARE, 10)]


def test_the_looks_at_an_operation_belong_to_it() -> None:
    """The time went into the operation; whoever looks again does not take it."""
    steps = (
        step(Kind.CLAIM, 0, 100, TABLE),
        step(Kind.READ, 110, 120, TABLE),
        step(Kind.OPERATION, 120, 1000, TABLE),
        step(Kind.READ, 500, 510, TABLE),
        step(Kind.READ, 990, 1000, TABLE),
    )
    phases = [(found.phase, round(found.seconds * 1000)) for found in partition(steps)]
    assert phases == [(Phase.WRITE, 100), (Phase.VERIFY, 10), (Phase.OPERATION, 880)]
