"""A VIP that follows the leader of a real Patroni cluster, and a client that writes through it.

The cluster is three nodes with etcd and PostgreSQL, synchronous, by the files of examples/patroni.
"""

import pytest

from tests.e2e.evidence import Evidence
from tests.e2e.patroni import movers, run

PLAYED_BY = "tests.e2e.patroni.run"
NEEDS = ("patroni", "etcd", "initdb")


def violations(scenario: str, mover: str, evidence: Evidence) -> list[str]:
    """What was violated; what happened when goes to the terminal, and the logs after a violation."""
    print(run.summary(scenario, mover, evidence))
    return run.violations(scenario, evidence)


@pytest.mark.parametrize("mover", ["agent"])
@pytest.mark.parametrize("scenario", ["led"])
def test_the_vip_is_where_patroni_s_leader_is(
    scenario: str, mover: str, repetition: int, evidence: Evidence
) -> None:
    """Switchover, callback killed half-way, maintenance, failover; no row that was acknowledged is lost."""
    assert violations(scenario, mover, evidence) == []


@pytest.mark.parametrize("mover", ["agent"])
@pytest.mark.parametrize("scenario", ["late"])
def test_a_request_that_is_late_by_a_whole_switchover_is_undone(
    scenario: str, mover: str, repetition: int, evidence: Evidence
) -> None:
    """Patroni does not call again: the replica's agent marks what it was given, the leader's takes it."""
    assert violations(scenario, mover, evidence) == []


@pytest.mark.full
@pytest.mark.skipif(movers.python() is None, reason="needs a Python with boto3 that postgres can run")
@pytest.mark.parametrize("mover", ["naive"])
@pytest.mark.parametrize("scenario", ["late"])
def test_a_callback_that_writes_blindly_is_caught(
    scenario: str, mover: str, repetition: int, evidence: Evidence
) -> None:
    """Its late request leaves the VIP with a replica for good."""
    found, second = violations(scenario, mover, evidence), evidence.roles["second"]
    assert any(f"leads to {second}, not {evidence.roles['third']}" in each for each in found)
