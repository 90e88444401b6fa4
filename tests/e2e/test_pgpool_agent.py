"""Agents on all nodes, under a real Pgpool-II: what hooks alone cannot mend, and what agents must not break.

The same is played without agents where only they can help: that it is then left broken, and caught, proves
that the scenarios bite.
"""

import pytest

from tests.e2e import agent_judge, agent_scenarios, outage_scenarios, race_judge, race_scenarios, run
from tests.e2e.evidence import Evidence

SCENARIOS = agent_scenarios.SCENARIOS | race_scenarios.SCENARIOS | outage_scenarios.SCENARIOS


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
        ("healed-by-mark", "leads to n2, not n1"),
        ("api-refuses", "leads to n1, not n2"),
    ],
)
def test_without_agents_it_is_left_behind(
    scenario: str, mover: str, left: str, repetition: int, evidence: Evidence
) -> None:
    """Nobody calls again, so nothing that a hook could do would help."""
    assert any(left in each for each in violations(scenario, mover, evidence))


@pytest.mark.parametrize("mover", ["sample"])
@pytest.mark.parametrize("scenario", ["split-storm"])
def test_a_leader_that_writes_whenever_it_is_called_is_caught(
    scenario: str, mover: str, repetition: int, evidence: Evidence
) -> None:
    """It takes the VIP back from the second leader, event after event."""
    found = race_judge.contested(evidence)
    assert sum("n1: ReplaceRoute was asked for" in each for each in found) > race_judge.MOST_WRITES
