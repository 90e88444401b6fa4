"""A real Pgpool-II with the pgpool.conf of examples/pgpool-rds: the VIP is all that it fails over."""

import pytest

from tests.e2e import run
from tests.e2e.evidence import Evidence
from tests.e2e.managed_scenarios import SCENARIOS


@pytest.mark.parametrize("mover", ["vipswitch"])
@pytest.mark.parametrize("scenario", list(SCENARIOS))
def test_the_vip_is_the_next_pgpools_and_the_database_where_it_was(
    scenario: str, mover: str, repetition: int, evidence: Evidence
) -> None:
    """The pgpool that had the VIP is killed; the client's queries are answered through the next one."""
    print(run.summary(scenario, mover, evidence))
    assert run.violations(scenario, evidence) == []
