"""A move as a line: what is written is read again, and what is not a move is refused."""

from __future__ import annotations

import json

import pytest

from tests.unit.moves import TAKEOVER, moved
from vipswitch.model import Verb
from vipswitch.move import Move, PlaceEnd, id_of

WRONG = {
    "a field is missing": lambda raw: raw.pop("steps"),
    "text for a number": lambda raw: raw.update(began="noon"),
    "true for a number": lambda raw: raw.update(seconds=True),
    "not a number at all": lambda raw: raw.update(seconds=float("nan")),
    "no clock shows it": lambda raw: raw.update(began=1e300),
    "no float holds it": lambda raw: raw.update(began=10**400),
    "a number for text": lambda raw: raw.update(vip=7),
    "an unknown verb": lambda raw: raw.update(verb="sideways"),
    "an unknown reason": lambda raw: raw.update(reason="boredom"),
    "a process without its start": lambda raw: raw["hook"].pop("started"),
    "a fraction of an exit code": lambda raw: raw.update(exit_code=0.5),
    "a list of errors that are none": lambda raw: raw.update(errors=[1]),
    "no list": lambda raw: raw.update(places={}),
    "an unknown kind of step": lambda raw: raw["steps"][0].update(kind="dance"),
    "a step that is no object": lambda raw: raw["steps"].append(None),
}


def test_a_move_survives_being_written() -> None:
    """Every field, also those that are not known."""
    assert Move.from_json(TAKEOVER.to_json()) == TAKEOVER
    person = moved(caller=None, caller_started_s=None, hook_started_s=None, finished=False, rounds=3)
    nobody = moved(places=(PlaceEnd("rtb-1", "left", None),), errors=("rtb-1: denied",), steps=())
    for other in (person, nobody):
        assert Move.from_json(other.to_json().encode()) == other


def test_a_move_is_one_line() -> None:
    """Whatever an error says."""
    assert "\n" not in moved(errors=("two\nlines",)).to_json()


@pytest.mark.parametrize("spoil", WRONG.values(), ids=WRONG)
def test_what_is_not_exactly_a_move_is_refused(spoil) -> None:  # type: ignore[no-untyped-def]
    """By one kind of error, so that a reader can skip it."""
    raw = json.loads(TAKEOVER.to_json())
    spoil(raw)
    with pytest.raises(ValueError):
        Move.from_json(json.dumps(raw))


@pytest.mark.parametrize("line", ["", "{", "[]", "null", "7", '"up"', "\x00", "[" * 100_000, b"\xff\xfe"])
def test_garbage_is_refused(line: str | bytes) -> None:
    """Also what is not JSON, not text, or nested without end."""
    with pytest.raises(ValueError):
        Move.from_json(line)


def test_a_newer_field_is_left_alone() -> None:
    """An older vipswitch reads the history that a newer one wrote."""
    raw = {**json.loads(TAKEOVER.to_json()), "mood": "calm"}
    assert Move.from_json(json.dumps(raw)) == TAKEOVER


def test_a_move_keeps_its_id_and_others_have_another() -> None:
    """Two VIPs of a group are moved in the same moment."""
    assert moved(exit_code=4, seconds=2.0).id == TAKEOVER.id
    assert len({TAKEOVER.id, moved(vip="replica").id, moved(began=1.0).id, moved(verb=Verb.DOWN).id}) == 4
    assert TAKEOVER.id == id_of("primary", Verb.UP, TAKEOVER.hook, TAKEOVER.began)
