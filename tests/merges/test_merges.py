"""Two at work on one VIP: every merge of their requests, for each method that moves it in steps.

The real switch, agent, provider and client; the local cloud answers one request at a time, whichever is
chosen.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.merges.azure_methods import IpConfiguration, PublicIp, RouteTable
from tests.merges.google_methods import AliasIp, ExternalIp, Route
from tests.merges.method import Ends, Method
from tests.merges.methods import METHODS
from tests.merges.pairs import (
    DOWN_AND_AGENT,
    PAIRS,
    UP_AND_AGENT,
    UP_AND_DOWN,
    UPS,
    UPS_FOR_MANAGERS,
    Pair,
    applies,
)
from tests.merges.theatre import Theatre
from tests.merges.trial import IMPATIENT_S, Tally, all_merges, judged_always
from vipswitch.testing.merges import explore

IN_FULL = [(method, UPS_FOR_MANAGERS) for method in (Route, AliasIp, IpConfiguration)]
"""As many schedules as for two persons, and only the loser's address is another's matter."""

IN_FULL += [(PublicIp, UPS), (ExternalIp, UPS), (AliasIp, UPS)]
"""They take long, and the handover is tried with the other cloud's; from nobody they are always tried."""

CASES = [
    pytest.param(
        method,
        pair,
        id=f"{method.name}-{pair.name}",
        marks=[pytest.mark.full] if (method, pair) in IN_FULL else [],
    )
    for method in METHODS
    for pair in PAIRS
    if applies(method, pair)
]


@pytest.mark.parametrize(("method", "pair"), CASES)
def test_whoever_comes_first_at_any_turn(
    tmp_path: Path, method: type[Method], pair: Pair, record_property: Callable[[str, object], None]
) -> None:
    """One holder in the end, and everybody knows as much as their exit code and host address say."""
    tally = all_merges(tmp_path, method, pair)
    assert tally.schedules > 1
    record_property("merges", f"{method.name}: {pair.name}: {tally}")


@pytest.mark.parametrize(
    ("method", "pair"),
    [
        *((RouteTable, pair) for pair in (UPS, UP_AND_DOWN, UP_AND_AGENT)),
        *((Route, pair) for pair in (UP_AND_DOWN, UP_AND_AGENT)),
        pytest.param(Route, UPS, marks=pytest.mark.full),
    ],
    ids=lambda each: each.name,
)
def test_what_is_left_out_makes_no_difference(tmp_path: Path, method: type[Method], pair: Pair) -> None:
    """Without the reduction the same ends are reached, by as many schedules as it stands for.

    Of two `up`s on Google's routes some more are counted without it than it stands for: see below.
    """
    stands_for, all_ = compared(Theatre(tmp_path, method, pair.enter, holder=pair.holder))
    assert stands_for == all_ or ((method, pair) == (Route, UPS) and stands_for < all_)


@pytest.mark.parametrize(
    ("pair", "fewer"),
    [
        pytest.param(UP_AND_DOWN, 0, id=UP_AND_DOWN.name, marks=pytest.mark.full),
        pytest.param(UP_AND_AGENT, 0, id=UP_AND_AGENT.name),
        pytest.param(DOWN_AND_AGENT, 5, id=DOWN_AND_AGENT.name),
    ],
)
def test_what_is_left_out_where_operations_end_at_any_turn_makes_no_difference(
    tmp_path: Path, pair: Pair, fewer: int
) -> None:
    """Also where the last route goes.

    A look at the own instance waits beside others, and whatever its actor does later counts as led to by it
    where it was answered before: the schedules in which it comes even later are not counted.
    """
    slow = {"ends": Ends.AT_ANY_TURN, "patience_s": IMPATIENT_S}
    stands_for, all_ = compared(Theatre(tmp_path, Route, pair.enter, holder=pair.holder, **slow))
    assert stands_for == all_ - fewer


def compared(theatre: Theatre) -> tuple[int, int]:
    """How many schedules the reduction stands for, and how many there are; they reach the same ends."""
    all_ = [run.play.state for run in explore(theatre.begin(), reduced=False)]
    runs = [(run.play.state, run.merges) for run in explore(theatre.begin())]
    assert {state for state, _ in runs} == set(all_)
    return sum(merges for _, merges in runs), len(all_)


@pytest.mark.parametrize(
    "pair", [pytest.param(UPS, marks=pytest.mark.full), UP_AND_DOWN], ids=lambda pair: pair.name
)
def test_there_is_a_route_at_every_moment_of_every_merge(
    tmp_path: Path, pair: Pair, record_property: Callable[[str, object], None]
) -> None:
    """Each is played, and none left out for being like another."""
    theatre = Theatre(tmp_path, Route, pair.enter, holder=pair.holder)
    tally = Tally()
    for run in explore(theatre.begin(), reduced=False):
        run.play.be_done()
        judged_always(run.play, run.schedule)
        tally.schedules += 1
    assert tally.schedules > 100
    record_property("merges", f"{Route.name}: {pair.name}: all {tally}")
