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
@pytest.mark.parametrize("scenario", [pytest.param("killed", marks=pytest.mark.full), "late-request"])
def test_with_agents_the_new_leader_has_the_vip_from_the_return_of_its_up_on(
    scenario: str, mover: str, repetition: int, evidence: Evidence
) -> None:
    """All that holds for hooks alone, and each order was handed over."""
    assert violations(scenario, mover, evidence) == []
    assert agent_judge.alone(evidence) == []


@pytest.mark.parametrize("mover", ["agent"])
@pytest.mark.parametrize(
    "scenario",
    [pytest.param(s, marks=[pytest.mark.full] if s == "api-refuses" else []) for s in SCENARIOS],
)
def test_agents_mend_what_callers_leave_behind(
    scenario: str, mover: str, repetition: int, evidence: Evidence
) -> None:
    """In time, by the mildest request, and without disturbing any other node."""
    assert violations(scenario, mover, evidence) == []


@pytest.mark.full
@pytest.mark.parametrize("mover", ["vipswitch"])
@pytest.mark.parametrize("scenario", ["neglected"])
def test_without_agents_it_is_left_behind(
    scenario: str, mover: str, repetition: int, evidence: Evidence
) -> None:
    """Nobody calls again, so nothing that a hook could do would help."""
    found, new = violations(scenario, mover, evidence), evidence.roles["new"]
    assert any(f"leads to n1, not {new}" in each for each in found)
    assert any("n1: the address was not gone" in each for each in found)
    assert any(f"leads to nobody, not {new}" in each for each in found)


@pytest.mark.full
@pytest.mark.parametrize("mover", ["vipswitch"])
@pytest.mark.parametrize("scenario", ["api-refuses"])
def test_without_an_agent_a_failed_up_is_final(
    scenario: str, mover: str, repetition: int, evidence: Evidence
) -> None:
    """The API is back after seconds, and the VIP stays with a node that is dead."""
    left = f"leads to n1, not {evidence.roles['new']}"
    assert any(left in each for each in violations(scenario, mover, evidence))


@pytest.mark.parametrize("mover", ["vipswitch"])
@pytest.mark.parametrize("scenario", ["split-storm"])
def test_without_agents_a_vip_that_is_orphaned_stays_so(
    scenario: str, mover: str, repetition: int, evidence: Evidence
) -> None:
    """After the heal the node that leads does not get it back."""
    found = race_judge.healed_by_mark(evidence)
    assert any("the VIP did not come to n1 for good" in each for each in found)


@pytest.mark.full
@pytest.mark.parametrize("mover", ["sample"])
@pytest.mark.parametrize("scenario", ["split-storm"])
def test_a_leader_that_writes_whenever_it_is_called_is_caught(
    scenario: str, mover: str, repetition: int, evidence: Evidence
) -> None:
    """It takes the VIP back from the second leader, event after event."""
    found = race_judge.contested(evidence)
    assert sum("n1: ReplaceRoute was asked for" in each for each in found) > race_judge.MOST_WRITES
