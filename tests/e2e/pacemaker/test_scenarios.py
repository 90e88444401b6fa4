"""A VIP in a real Pacemaker cluster: moves, outages of the API, kills, a partition.

Each scenario is played by `tests.e2e.pacemaker.run`; what must come of it stands in `judge`.
"""

import pytest

from tests.e2e.pacemaker.evidence import Evidence
from tests.e2e.pacemaker.scenarios import SCENARIOS

PLAYED_BY = "tests.e2e.pacemaker.run"
NEEDS = ("corosync", "pacemakerd", "crm", "unshare", "nsenter")


@pytest.fixture
def noted(left: str) -> Evidence:
    """What the play of this test has noted."""
    return Evidence.from_json(left)


@pytest.mark.parametrize(
    ("scenario", "mover"),
    [
        ("steady", "agent"),
        ("outage", "vipswitch"),
        pytest.param("steady", "vipswitch", marks=pytest.mark.full),
        pytest.param("outage", "agent", marks=pytest.mark.full),
    ],
)
def test_the_vip_is_where_the_cluster_wants_it(
    noted: Evidence, scenario: str, mover: str, repetition: int
) -> None:
    """Whatever the API does, nobody is fenced for it and nothing stays stopped; what kills leave is gone."""
    assert SCENARIOS[scenario].violations(noted) == []


@pytest.mark.parametrize(("scenario", "mover"), [("away", "naive")])
def test_an_agent_as_they_often_are_is_found_guilty(
    noted: Evidence, scenario: str, mover: str, repetition: int
) -> None:
    """So that the test before this one can fail."""
    violations = SCENARIOS[scenario].violations(noted)
    assert "the resource stays stopped for good" in violations
