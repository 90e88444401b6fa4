"""A PG-REX pair under a real Pacemaker, with the very files of examples/pg-rex-aws, in a local AWS."""

import pytest

from tests.e2e.pacemaker.pgrex_evidence import Evidence
from tests.e2e.pacemaker.pgrex_run import summary, violations

PLAYED_BY = "tests.e2e.pacemaker.pgrex_run"
NEEDS = ("corosync", "pacemakerd", "crm", "unshare", "nsenter", "pg_ctl")

pytestmark = pytest.mark.usefixtures("pacemaker")


@pytest.mark.parametrize("mover", ["vipswitch"])
@pytest.mark.parametrize("scenario", ["events"])
def test_the_pair_goes_through_its_events(left: str, scenario: str, mover: str, repetition: int) -> None:
    """No row is lost, every VIP is where it belongs, each walreceiver comes by the replication VIP."""
    evidence = Evidence.from_json(left)
    print(f"\n{summary(scenario, evidence)}")
    assert violations(scenario, evidence) == []


@pytest.mark.full
@pytest.mark.parametrize("mover", ["ipaddr2", "vipswitch"])
@pytest.mark.parametrize("scenario", ["first-rows"])
def test_only_the_name_of_the_agent_differs_from_ipaddr2(
    left: str, scenario: str, mover: str, repetition: int
) -> None:
    """The same file runs with IPaddr2, whose address reaches nobody in a cloud."""
    evidence = Evidence.from_json(left)
    unwritten = ["no row was ever written"] if mover == "ipaddr2" else []
    assert violations(scenario, evidence) == unwritten
