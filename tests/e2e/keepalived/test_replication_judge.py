"""The judge of streaming replication itself, on evidence made by hand."""

from dataclasses import replace

import pytest

from tests.e2e.evidence import AddressEvent, Evidence, Query, Request, Route
from tests.e2e.keepalived import replication_judge as judge
from tests.e2e.keepalived.replicated import Look, Replicated


@pytest.fixture
def good() -> Replicated:
    """n1 dies at 100 s; n2 confirms rows from 108 s on; n1 returns at 110 s, as a standby at 120 s."""
    written = [*range(900, 1000), *range(1080, 1300)]
    queries = [Query(at / 10, at / 10 + 0.02) for at in written]
    queries += [Query(at / 10, at / 10 + 0.5, "timeout") for at in range(1000, 1080)]
    leads = Look("n2", primary=True, followers=["db3 sync"])
    standbys = [Look(node, primary=False, followers=[]) for node in ("n1", "n3")]
    return Replicated(
        seen=Evidence(
            marks={"fault": 100.0, "return": 110.0, "returned": 116.0, "rejoined": 120.0},
            requests=[Request("n2", "ReplaceRoute", 107.8, True, 107.9)],
            routes=[Route(80.0, "rtb-1", "n1"), Route(107.9, "rtb-1", "n2")],
            addresses=[AddressEvent(80.0, "n1", True), AddressEvent(111.0, "n1", False)],
            queries=sorted(queries, key=lambda query: query.started),
            logs={"n2-postgres": judge.CAUGHT_UP},
        ),
        confirmed=written,
        kept=[*written, 1001],
        looks={
            "returned": [leads, *standbys],
            "rejoined": [replace(leads, followers=["db1 sync", "db3 potential"]), *standbys],
        },
    )


def test_a_clean_failover_violates_nothing(good: Replicated) -> None:
    """A row that was written though the client was not told so is no loss."""
    assert judge.failover(good) == []


def test_a_confirmed_row_that_is_gone_is_lost(good: Replicated) -> None:
    """One is enough."""
    good.kept.remove(950)
    assert judge.failover(good) == ["1 confirmed rows are lost: 950"]


def test_an_old_primary_that_takes_the_vip_is_seen(good: Replicated) -> None:
    """However short it has it."""
    good.seen.routes += [Route(112.0, "rtb-1", "n1"), Route(112.5, "rtb-1", "n2")]
    assert any("leads to n1, not n2, for 0.500 s" in each for each in judge.failover(good))


def test_an_address_that_stays_on_the_old_primary_is_seen(good: Replicated) -> None:
    """It returned, so somebody is there to take it off."""
    good.seen.addresses.pop()
    assert judge.failover(good) == ["n1 has the address at the end"]


def test_nobody_may_follow_the_old_primary(good: Replicated) -> None:
    """A second primary that a standby follows can confirm commits."""
    good.looks["returned"][1] = Look("n1", primary=True, followers=["db3 sync"])
    assert judge.failover(good) == ["returned: n1 is followed by db3 sync"]


def test_a_third_node_that_does_not_follow_is_seen(good: Replicated) -> None:
    """The new primary would confirm nothing."""
    good.looks["returned"][0] = Look("n2", primary=True, followers=[])
    assert any("n2 is not Look" in each for each in judge.failover(good))


def test_rows_that_are_never_confirmed_again_are_seen(good: Replicated) -> None:
    """A primary to which nobody can write is none."""
    good.seen.queries = [query for query in good.seen.queries if query.started < 108.0]
    assert judge.failover(good)[0] == "no row was confirmed after the fault"


def test_a_play_without_anything_to_catch_up_proves_less(good: Replicated) -> None:
    """The third node must have had more than the new primary."""
    good.seen.logs.clear()
    assert judge.failover(good) == ["n2 took nothing from db3"]


def test_evidence_is_the_same_after_it_was_written_and_read(good: Replicated) -> None:
    """A play leaves it in a file."""
    assert Replicated.from_json(good.to_json()) == good
