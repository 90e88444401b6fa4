"""`vipswitch follow` on a real Patroni with a real etcd, by each kind of source, as the examples say."""

import pytest

from tests.e2e.evidence import Evidence
from tests.e2e.follow import run

PLAYED_BY = "tests.e2e.follow.run"
NEEDS = ("patroni", "etcd", "initdb")


def violations(scenario: str, mover: str, evidence: Evidence) -> list[str]:
    """What was violated; what happened goes to the terminal."""
    print(run.summary(scenario, mover, evidence))
    return run.violations(scenario, evidence)


@pytest.mark.parametrize(("scenario", "mover"), [("followed", "patroni"), ("maintained", "etcd")])
def test_vip_goes_with_the_leader_and_stays_while_nobody_can_tell(
    scenario: str, mover: str, repetition: int, evidence: Evidence
) -> None:
    """A switchover, etcd stopped and started, a leader that dies; with etcd also a pause without a key."""
    assert violations(scenario, mover, evidence) == []


@pytest.mark.full
@pytest.mark.parametrize(("scenario", "mover"), [("maintained", "patroni")])
def test_pause_is_as_harmless_where_patroni_is_asked(
    scenario: str, mover: str, repetition: int, evidence: Evidence
) -> None:
    """The REST API that is asked is stopped itself."""
    assert violations(scenario, mover, evidence) == []


@pytest.mark.parametrize("mover", ["naive"])
@pytest.mark.parametrize("scenario", ["outage"])
def test_script_that_takes_unknown_for_no_is_found_out(
    scenario: str, mover: str, repetition: int, evidence: Evidence
) -> None:
    """Patroni demotes its primary in an outage, and such a script lets go of the VIP: the judge has eyes."""
    found = run.violations(scenario, evidence)
    assert any("the address came or went at outage" in each for each in found)
