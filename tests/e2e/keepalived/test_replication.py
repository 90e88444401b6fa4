"""keepalived with streaming replication, as the example has it: the real programs, three nodes.

A promotion that asks nobody goes through the same: that it is caught proves that the scenarios bite.
"""

import pytest

from tests.e2e.keepalived import replication
from tests.e2e.keepalived.replicated import Replicated

PLAYED_BY = "tests.e2e.keepalived.replication"
NEEDS = ("keepalived", "psql", "initdb", "pg_rewind")


@pytest.fixture
def found(left: str) -> Replicated:
    """What the play of this test left."""
    return Replicated.from_json(left)


def violations(scenario: str, mover: str, found: Replicated) -> list[str]:
    """What was violated; the figures go to the terminal."""
    print(replication.summary(scenario, mover, found))
    return replication.violations(scenario, found)


@pytest.mark.parametrize("mover", ["example"])
@pytest.mark.parametrize("scenario", ["failover", "cut", pytest.param("maintained", marks=pytest.mark.full)])
def test_the_standby_leads_and_no_confirmed_row_is_lost(
    scenario: str, mover: str, repetition: int, found: Replicated
) -> None:
    """The client writes through the VIP again, the third node follows, the old primary moves nothing."""
    assert violations(scenario, mover, found) == []


@pytest.mark.parametrize("mover", ["naive"])
@pytest.mark.parametrize("scenario", ["returned"])
def test_who_promotes_without_asking_loses_rows(
    scenario: str, mover: str, repetition: int, found: Replicated
) -> None:
    """The old primary returns with the higher priority and without what was written meanwhile."""
    told = violations(scenario, mover, found)
    assert any("leads to n1, not n2" in each for each in told)
    assert any("confirmed rows are lost" in each for each in told)
