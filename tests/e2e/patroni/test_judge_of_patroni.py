"""The judge of Patroni's scenarios, on evidence made by hand: what must be caught is."""

from dataclasses import replace

import pytest

from tests.e2e.evidence import AddressEvent, Evidence, Hook, Query, Route
from tests.e2e.patroni import judge

MARKS = {
    "switchover": 8.0,
    "switched": 10.0,
    "second": 15.0,
    "released": 20.0,
    "paused": 25.0,
    "resumed": 35.0,
    "killed": 40.0,
    "promoted": 50.0,
    "returned": 65.0,
    "end": 70.0,
}
ROLES = {"old": "n1", "new": "n2", "second": "n3", "dead": "n3", "heir": "n1"}
MOVES = {1.0: "n1", 10.1: "n2", 20.1: "n3", 50.1: "n1"}
STALE_UNTIL = 58.0


def queries() -> list[Query]:
    """One row every half second, each acknowledged."""
    return [Query(float(at) / 2, at / 2 + 0.1, row=at) for at in range(140)]


def addresses() -> list[AddressEvent]:
    """The address goes with the VIP; where everything but the agent died, some time later."""
    came = [AddressEvent(at, node, True) for at, node in MOVES.items()]
    gone = [AddressEvent(at, node, False) for at, node in [(9.0, "n1"), (15.5, "n2"), (STALE_UNTIL, "n3")]]
    return sorted([*came, *gone], key=lambda event: event.at)


def good() -> Evidence:
    """All as it must be."""
    return Evidence(
        MARKS,
        ROLES,
        [Hook("n3", "on_role_change", 16.0)],
        routes=[Route(at, "rtb-1", node) for at, node in MOVES.items()],
        addresses=addresses(),
        queries=queries(),
        rows=list(range(140)),
    )


def test_what_went_well_is_left_in_peace() -> None:
    """Each of the others differs from this in one thing."""
    assert judge.led(good()) == []


CAUGHT = {
    "a lost row": (replace(good(), rows=[row for row in range(140) if row != 77]), "rows are lost: [77]"),
    "no row": (
        replace(good(), queries=[replace(query, error="refused") for query in queries()]),
        "no row was ever written",
    ),
    "late": (
        replace(good(), routes=[*good().routes[:1], Route(14.0, "rtb-1", "n2"), *good().routes[2:]]),
        "did not come to n2 for good within",
    ),
    "a move in maintenance": (
        replace(good(), routes=[*good().routes[:3], Route(30.0, "rtb-1", "n1"), good().routes[3]]),
        "leads to n1, not n3",
    ),
    "a stale address": (
        replace(good(), addresses=[event for event in addresses() if event.at != STALE_UNTIL]),
        "n3 still had the address",
    ),
    "no kill": (
        replace(good(), hooks=[Hook("n3", "on_role_change", 16.0, 17.0, 0)]),
        "the callback was not killed",
    ),
}


@pytest.mark.parametrize("wrong", CAUGHT)
def test_what_went_wrong_is_caught(wrong: str) -> None:
    """And told in words."""
    evidence, told = CAUGHT[wrong]
    assert any(told in each for each in judge.led(evidence)), judge.led(evidence)
