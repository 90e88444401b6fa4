"""The same where operations take their time: the cloud ends them when it likes, at any turn.

An order then may come to its end before the cloud does; the next one finds what it has left.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.merges.azure_methods import IpConfiguration, RouteTable
from tests.merges.google_methods import AliasIp, Route
from tests.merges.method import Ends, Method
from tests.merges.methods import METHODS
from tests.merges.pairs import DOWN_AND_AGENT, PAIRS, UP_AND_DOWN, UPS, UPS_FOR_MANAGERS, Pair, applies
from tests.merges.trial import IMPATIENT_S, all_merges

_SHORT = {
    (RouteTable, UPS),
    (RouteTable, UP_AND_DOWN),
    (IpConfiguration, UP_AND_DOWN),
    (Route, UP_AND_DOWN),
    (Route, DOWN_AND_AGENT),
    (AliasIp, UP_AND_DOWN),
}


def _cases() -> list[Any]:
    """All, of which most are left to the full run."""
    return [
        pytest.param(
            method,
            pair,
            id=f"{method.name}-{pair.name}",
            marks=[] if (method, pair) in _SHORT else [pytest.mark.full],
        )
        for method in METHODS
        for pair in PAIRS
        if pair is not UPS_FOR_MANAGERS and applies(method, pair)
    ]


@pytest.mark.parametrize(("method", "pair"), _cases())
def test_operations_end_at_any_turn(
    tmp_path: Path, method: type[Method], pair: Pair, record_property: Callable[[str, object], None]
) -> None:
    """Nothing is written into a running operation, and nobody takes it for the end of the matter."""
    slow = {"ends": Ends.AT_ANY_TURN, "patience_s": IMPATIENT_S}
    tally = all_merges(tmp_path, method, pair, counted=(method, pair) in _SHORT, **slow)
    record_property("merges", f"{method.name}: {pair.name}, operations end at any turn: {tally}")
