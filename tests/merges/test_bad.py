"""Every rule has a provider that breaks it, and is caught by the merges."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.merges import bad
from tests.merges.azure_methods import IpConfiguration, PublicIp, RouteTable
from tests.merges.crashes import ALONE, UP_REPAIRS, all_deaths
from tests.merges.method import Method
from tests.merges.pairs import UP_AND_AGENT, UP_AND_DOWN, UP_AND_RESTORE, UP_AND_STRANGER, UPS, Pair
from tests.merges.trial import all_merges

CAUGHT = [
    (bad.WritesBlindly, IpConfiguration, UP_AND_STRANGER),
    (bad.MovesPublicIpBlindly, PublicIp, UP_AND_STRANGER),
    (bad.WritesItsOwnFirst, IpConfiguration, UPS),
    (bad.TakesLossForTrouble, IpConfiguration, UPS),
    (bad.StopsHalfway, IpConfiguration, UP_AND_AGENT),
    (bad.FreesWhoeverHasIt, IpConfiguration, UP_AND_DOWN),
    (bad.WaitsForNobody, IpConfiguration, UP_AND_AGENT),
    (bad.DeletesItsRoute, RouteTable, UP_AND_DOWN),
    (bad.RoutesBlindly, RouteTable, UP_AND_RESTORE),
    (bad.RestoresByForce, RouteTable, UP_AND_RESTORE),
]


@pytest.mark.parametrize(("make", "method", "pair"), CAUGHT, ids=lambda each: getattr(each, "__name__", None))
def test_broken_rule_is_seen_in_some_merge(
    tmp_path: Path, make: type[Any], method: type[Method], pair: Pair
) -> None:
    """Which is said with what went before."""
    with pytest.raises(AssertionError, match=r"up a: PUT"):
        all_merges(tmp_path, method, pair, make=make)


def test_address_that_a_loser_keeps_is_seen(tmp_path: Path) -> None:
    """By a host from which nothing can be taken off."""
    with pytest.raises(AssertionError, match=r"up a: PUT"):
        all_merges(tmp_path, IpConfiguration, UPS, host=bad.ClingingHost)


def test_takeover_that_nobody_finishes_is_seen(tmp_path: Path) -> None:
    """After a crash between the two writes."""
    with pytest.raises(AssertionError, match=r"up a: PUT"):
        all_deaths(tmp_path, IpConfiguration, ALONE, "up a", UP_REPAIRS, make=bad.WaitsForTheOther)
