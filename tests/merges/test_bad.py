"""Every rule has a provider that breaks it, and is caught by the merges."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.contract.gcp_instances_bad import (
    DeletesWhoseverItIs,
    NamesAllAlike,
    TakesItOffWhoeverHasIt,
    WritesAnOldList,
)
from tests.contract.gcp_route_bad import DeletesThenInserts, ReleasesByAFixedName, TidiesEverythingElse
from tests.merges import azure_bad, google_bad
from tests.merges.azure_methods import IpConfiguration, PublicIp, RouteTable
from tests.merges.crashes import ALONE, UP_REPAIRS, all_deaths
from tests.merges.google_methods import AliasIp, CloudDns, ExternalIp, Route
from tests.merges.method import Method
from tests.merges.pairs import UP_AND_AGENT, UP_AND_DOWN, UP_AND_RESTORE, UP_AND_STRANGER, UPS, Pair
from tests.merges.trial import all_merges
from vipswitch.model import Address
from vipswitch.testing.hosts import MemoryHost

CAUGHT = [
    (azure_bad.WritesBlindly, IpConfiguration, UP_AND_STRANGER),
    (azure_bad.MovesPublicIpBlindly, PublicIp, UP_AND_STRANGER),
    (azure_bad.WritesItsOwnFirst, IpConfiguration, UPS),
    (azure_bad.TakesLossForTrouble, IpConfiguration, UPS),
    (azure_bad.StopsHalfway, IpConfiguration, UP_AND_AGENT),
    (azure_bad.FreesWhoeverHasIt, IpConfiguration, UP_AND_DOWN),
    (azure_bad.WaitsForNobody, IpConfiguration, UP_AND_AGENT),
    (azure_bad.DeletesItsRoute, RouteTable, UP_AND_DOWN),
    (azure_bad.RoutesBlindly, RouteTable, UP_AND_RESTORE),
    (azure_bad.RestoresByForce, RouteTable, UP_AND_RESTORE),
    (google_bad.PublishesBlindly, CloudDns, UP_AND_RESTORE),
    (DeletesThenInserts, Route, UPS),
    (ReleasesByAFixedName, Route, UP_AND_DOWN),
    (TidiesEverythingElse, Route, UP_AND_STRANGER),
    (WritesAnOldList, AliasIp, UP_AND_STRANGER),
    (TakesItOffWhoeverHasIt, AliasIp, UP_AND_DOWN),
    (NamesAllAlike, ExternalIp, UP_AND_DOWN),
    (DeletesWhoseverItIs, ExternalIp, UP_AND_DOWN),
]

WRITE = r"up a: (PUT|POST|PATCH|DELETE)"


class ClingingHost(MemoryHost):
    """Keeps every address that it has."""

    def remove(self, address: Address, timeout_s: float) -> None:
        return


@pytest.mark.parametrize(("make", "method", "pair"), CAUGHT, ids=lambda each: getattr(each, "__name__", None))
def test_broken_rule_is_seen_in_some_merge(
    tmp_path: Path, make: type[Any], method: type[Method], pair: Pair
) -> None:
    """Which is said with what went before."""
    with pytest.raises(AssertionError, match=WRITE):
        all_merges(tmp_path, method, pair, make=make)


def test_address_that_a_loser_keeps_is_seen(tmp_path: Path) -> None:
    """By a host from which nothing can be taken off."""
    with pytest.raises(AssertionError, match=WRITE):
        all_merges(tmp_path, IpConfiguration, UPS, host=ClingingHost)


def test_route_that_is_deleted_before_the_next_one_is_made_is_missed_after_a_crash(tmp_path: Path) -> None:
    """At the moment of the crash, whatever would repair it later."""
    with pytest.raises(AssertionError, match="without a holder"):
        all_deaths(tmp_path, Route, ALONE, "up a", [], make=DeletesThenInserts)


def test_takeover_that_nobody_finishes_is_seen(tmp_path: Path) -> None:
    """After a crash between the two writes."""
    with pytest.raises(AssertionError, match=WRITE):
        all_deaths(tmp_path, IpConfiguration, ALONE, "up a", UP_REPAIRS, make=azure_bad.WaitsForTheOther)
