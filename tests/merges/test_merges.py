"""Two at work on one VIP: every merge of their requests, for each method that moves it in steps.

The real switch, agent, provider and client; the local cloud answers one request at a time, whichever is
chosen.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.merges.azure_methods import RouteTable
from tests.merges.google_methods import AliasIp, Route
from tests.merges.method import Method
from tests.merges.methods import METHODS
from tests.merges.pairs import PAIRS, UP_AND_AGENT, UP_AND_DOWN, UPS, UPS_FOR_MANAGERS, Pair, applies
from tests.merges.theatre import Theatre
from tests.merges.trial import all_merges
from vipswitch.testing.merges import explore

IN_FULL = [(Route, UPS_FOR_MANAGERS), (AliasIp, UPS_FOR_MANAGERS)]
"""As many schedules as for two persons, and only the loser's address is another's matter."""

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


@pytest.mark.parametrize("pair", [UPS, UP_AND_DOWN, UP_AND_AGENT], ids=lambda pair: pair.name)
def test_what_is_left_out_makes_no_difference(tmp_path: Path, pair: Pair) -> None:
    """Without the reduction the same ends are reached, by as many schedules as it stands for."""
    theatre = Theatre(tmp_path, RouteTable, pair.enter, holder=pair.holder)
    all_ = [run.play.state for run in explore(theatre.begin(), reduced=False)]
    runs = [(run.play.state, run.merges) for run in explore(theatre.begin())]
    assert {state for state, _ in runs} == set(all_)
    assert sum(merges for _, merges in runs) == len(all_)
