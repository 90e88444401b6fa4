"""Who leads, over time, and the orders that follow: every course of five looks, and bad followers."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from tests.unit.follow.laws import FOR_EVER, PATIENT, Decides, broken, played, traces
from vipswitch.follow.course import Course, Patience, Standing, onward
from vipswitch.follow.sighting import Leader
from vipswitch.model import Verb

LENGTH = 5
ME, ANOTHER, NOBODY, PEOPLE, UNKNOWN = (
    Leader.ME,
    Leader.ANOTHER,
    Leader.NOBODY,
    Leader.PEOPLE,
    Leader.UNKNOWN,
)


def good(
    course: Course, leader: Leader, now_s: float, patience: Patience, standing: Standing
) -> tuple[Course, Verb | None]:
    return onward(course, leader, now_s, patience, standing)


@pytest.mark.parametrize("patience", [PATIENT, FOR_EVER], ids=["drops", "never drops"])
def test_every_course_keeps_the_laws(patience: Patience) -> None:
    """Whatever is seen, in whatever order, whether orders succeed or fail."""
    for seen in traces(LENGTH):
        assert broken(played(good, seen, patience), patience) == ""


def seen_as(wrongly: Leader, truly: Leader) -> Decides:
    """A follower that takes one thing for another."""

    def decides(
        course: Course, leader: Leader, now_s: float, patience: Patience, standing: Standing
    ) -> tuple[Course, Verb | None]:
        return good(course, wrongly if leader is truly else leader, now_s, patience, standing)

    return decides


def never_drops(
    course: Course, leader: Leader, now_s: float, patience: Patience, standing: Standing
) -> tuple[Course, Verb | None]:
    return good(course, leader, now_s, FOR_EVER, standing)


def loses_count(
    course: Course, leader: Leader, now_s: float, patience: Patience, standing: Standing
) -> tuple[Course, Verb | None]:
    """Each unknown begins the time anew."""
    after, verb = good(course, leader, now_s, patience, standing)
    return replace(after, known_s=now_s), verb


def impatient(
    course: Course, leader: Leader, now_s: float, patience: Patience, standing: Standing
) -> tuple[Course, Verb | None]:
    """The first look at a key that is gone is enough."""
    return good(course, leader, now_s, replace(patience, nobody_s=0.0), standing)


def forgetful(
    course: Course, leader: Leader, now_s: float, patience: Patience, standing: Standing
) -> tuple[Course, Verb | None]:
    """Does not know what it has ordered."""
    after, verb = good(course, leader, now_s, patience, standing)
    return replace(after, asked=None), verb


def stubborn(
    course: Course, leader: Leader, now_s: float, patience: Patience, standing: Standing
) -> tuple[Course, Verb | None]:
    """Remembers an election that is over: once leader, always leader while nothing is known."""
    remembered = ME if leader is UNKNOWN and course.asked is Verb.UP else leader
    after, verb = good(course, remembered, now_s, patience, standing)
    return after, verb


def clinging(
    course: Course, leader: Leader, now_s: float, patience: Patience, standing: Standing
) -> tuple[Course, Verb | None]:
    """Lets an `up` that is not done go on, whoever may lead by then."""
    return good(course, leader, now_s, patience, Standing.DONE if leader is UNKNOWN else standing)


BAD = {
    "unknown is no": seen_as(ANOTHER, UNKNOWN),
    "unknown is yes": seen_as(ME, UNKNOWN),
    "nobody is another": seen_as(ANOTHER, NOBODY),
    "nobody is unknown": seen_as(UNKNOWN, NOBODY),
    "a pause is an election": seen_as(NOBODY, PEOPLE),
    "a pause is an outage": seen_as(UNKNOWN, PEOPLE),
    "another is nobody": seen_as(NOBODY, ANOTHER),
    "never drops": never_drops,
    "loses count": loses_count,
    "impatient": impatient,
    "forgetful": forgetful,
    "stubborn": stubborn,
    "clinging": clinging,
}


@pytest.mark.parametrize("bad", BAD)
def test_bad_follower_is_found_out(bad: str) -> None:
    """So that the laws can be broken."""
    assert any(broken(played(BAD[bad], seen, PATIENT), PATIENT) for seen in traces(LENGTH))


def test_order_that_failed_is_given_again_with_growing_pauses() -> None:
    """While this node leads; nobody else gives it again when no agent does."""
    course, given = Course(known_s=0.0), []
    for tick in range(1200):
        course, verb = onward(course, ME, tick / 10, FOR_EVER, Standing.FAILED)
        given += [tick / 10] if verb else []
    pauses = [b - a for a, b in pairwise(given)]
    assert pauses[0] == pytest.approx(1.0, abs=0.11)
    assert all(later >= earlier - 0.11 for earlier, later in pairwise(pauses))
    assert max(pauses) == pytest.approx(30.0, abs=0.11)


@pytest.mark.parametrize("leader", [NOBODY, PEOPLE, UNKNOWN])
def test_up_that_failed_waits_for_the_next_sight_of_the_leader(leader: Leader) -> None:
    """It was right then; whether it still is, is not known."""
    course, verb = onward(Course(known_s=0.0), ME, 0.0, FOR_EVER, Standing.DONE)
    assert verb is Verb.UP
    course, verb = onward(course, leader, 1.5, FOR_EVER, Standing.FAILED)
    assert verb is None
    assert onward(course, ME, 60.0, FOR_EVER, Standing.FAILED)[1] is Verb.UP


@pytest.mark.parametrize(
    ("standing", "verb"),
    [
        (Standing.AT_WORK, Verb.DOWN),
        (Standing.FAILED, Verb.DOWN),
        (Standing.DONE, None),
        (Standing.REPLACED, None),
    ],
)
def test_up_that_is_not_done_is_withdrawn_when_nobody_knows_who_leads(
    standing: Standing, verb: Verb | None
) -> None:
    """An agent that goes on with it could take the VIP from the next leader; one that is done stays."""
    course, _ = onward(Course(known_s=0.0), ME, 0.0, FOR_EVER, Standing.DONE)
    course, given = onward(course, UNKNOWN, 1.0, FOR_EVER, standing)
    assert given is None
    assert onward(course, UNKNOWN, 3.0, FOR_EVER, standing)[1] is verb


def test_order_of_somebody_else_stands_until_the_leader_changes() -> None:
    """A person's `vipswitch down` on the leader is not undone at the next look."""
    course, _ = onward(Course(known_s=0.0), ME, 0.0, FOR_EVER, Standing.DONE)
    course, verb = onward(course, ME, 60.0, FOR_EVER, Standing.DONE)
    assert verb is None
    assert onward(course, ANOTHER, 62.0, FOR_EVER, Standing.DONE)[1] is Verb.DOWN
