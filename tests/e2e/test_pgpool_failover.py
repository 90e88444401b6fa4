"""A real Pgpool-II watchdog moves the VIP of a local AWS, and a client's packets must follow.

vipswitch must violate nothing. A mover like the sample that Pgpool-II ships goes through the same: that it
is caught where its faults lie proves that the scenarios bite.
"""

import pytest

from tests.e2e import run
from tests.e2e.evidence import Evidence
from tests.e2e.scenarios import SCENARIOS


def violations(scenario: str, mover: str, evidence: Evidence) -> list[str]:
    """What was violated; the blackout and its parts go to the terminal."""
    print(run.summary(scenario, mover, evidence))
    return run.violations(scenario, evidence)


@pytest.mark.parametrize("mover", ["vipswitch"])
@pytest.mark.parametrize(
    "scenario",
    [pytest.param(s, marks=[pytest.mark.full] if s == "stopped-escalation" else []) for s in SCENARIOS],
)
def test_the_new_leader_has_the_vip_from_the_return_of_its_up_on(
    scenario: str, mover: str, repetition: int, evidence: Evidence
) -> None:
    """No instant without or with a wrong holder, answers in 200 ms, no needless write, no stale address."""
    assert violations(scenario, mover, evidence) == []


@pytest.mark.parametrize("mover", ["vipswitch"])
@pytest.mark.parametrize("scenario", ["split-storm"])
def test_a_repeated_up_comes_from_a_process_older_than_the_order(
    scenario: str, mover: str, repetition: int, evidence: Evidence
) -> None:
    """An escalation comes from a fresh process, a repetition from the watchdog: so they can be told apart."""
    loser = evidence.roles["old"]
    order, *repeated = [hook for hook in evidence.hooks if (hook.node, hook.hook) == (loser, "up")]
    assert order.caller_started is not None
    assert 0 <= order.started - order.caller_started < 1
    assert repeated
    assert all(hook.caller_started and hook.caller_started < order.caller_started for hook in repeated)


@pytest.mark.parametrize("mover", ["sample"])
@pytest.mark.parametrize(
    "scenario",
    [
        pytest.param("killed", marks=pytest.mark.full),
        "stopped",
        pytest.param("stopped-escalation", marks=pytest.mark.full),
    ],
)
def test_the_sample_does_well_where_no_request_is_late(
    scenario: str, mover: str, repetition: int, evidence: Evidence
) -> None:
    """What the scenarios blame on the sample is its fault, and not the lab's."""
    assert violations(scenario, mover, evidence) == []


@pytest.mark.parametrize("mover", ["sample"])
@pytest.mark.parametrize("scenario", [pytest.param("cut", marks=pytest.mark.full), "late-request"])
def test_the_late_down_of_the_sample_takes_the_vip_from_the_new_leader(
    scenario: str, mover: str, repetition: int, evidence: Evidence
) -> None:
    """Its DeleteRoute reaches the cloud after the new leader's `up`, and the clients have no answer."""
    found = violations(scenario, mover, evidence)
    assert any("DeleteRoute took effect" in each for each in found)
    assert any("leads to nobody" in each for each in found)
    assert any("no query succeeded" in each for each in found)


@pytest.mark.parametrize("mover", ["sample"])
@pytest.mark.parametrize("scenario", ["storm", pytest.param("split-storm", marks=pytest.mark.full)])
def test_network_events_make_the_sample_write_again(
    scenario: str, mover: str, repetition: int, evidence: Evidence
) -> None:
    """A repeated `up` is a write for it, also where another node has been chosen since."""
    assert any("ReplaceRoute was asked for" in each for each in violations(scenario, mover, evidence))
