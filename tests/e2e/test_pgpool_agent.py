"""Agents on all nodes, under a real Pgpool-II: what hooks alone cannot mend, and what agents must not break.

The same is played without agents where only they can help: that it is then left broken, and caught, proves
that the scenarios bite.
"""

import pytest

from tests.e2e import agent_judge, run
from tests.e2e.agent_scenarios import SCENARIOS
from tests.e2e.evidence import Evidence


def violations(scenario: str, mover: str, evidence: Evidence) -> list[str]:
    """What was violated; what the agents did goes to the terminal, and their logs after a violation."""
    print(run.summary(scenario, mover, evidence))
    return run.violations(scenario, evidence)


@pytest.mark.parametrize("mover", ["agent"])
@pytest.mark.parametrize("scenario", ["killed", "stopped", "late-request"])
def test_with_agents_the_new_leader_has_the_vip_from_the_return_of_its_up_on(
    scenario: str, mover: str, repetition: int, evidence: Evidence
) -> None:
    """All that holds for hooks alone, and each order was handed over."""
    assert violations(scenario, mover, evidence) == []
    assert agent_judge.alone(evidence) == []


@pytest.mark.parametrize("mover", ["agent"])
@pytest.mark.parametrize("scenario", list(SCENARIOS))
def test_agents_mend_what_callers_leave_behind(
    scenario: str, mover: str, repetition: int, evidence: Evidence
) -> None:
    """In time, by the mildest request, and without disturbing any other node."""
    assert violations(scenario, mover, evidence) == []


@pytest.mark.parametrize("mover", ["vipswitch"])
@pytest.mark.parametrize(
    ("scenario", "left"),
    [
        ("route-deleted", "leads to nobody, not n1"),
        ("hook-killed", "leads to n1, not n2"),
        ("stale-address", "n1: the address was not gone"),
    ],
)
def test_without_agents_it_is_left_behind(
    scenario: str, mover: str, left: str, repetition: int, evidence: Evidence
) -> None:
    """Nobody calls again, so nothing that a hook could do would help."""
    assert any(left in each for each in violations(scenario, mover, evidence))
