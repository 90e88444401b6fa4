"""Two real keepalived nodes move the VIP of a local AWS, and a client's packets must follow.

vipswitch must violate nothing. A script as people share them goes through the same: that it is caught where
its faults lie proves that the scenarios bite.
"""

import pytest

from tests.e2e.evidence import Evidence
from tests.e2e.keepalived import judge, run

PLAYED_BY = "tests.e2e.keepalived.run"
NEEDS = ("keepalived",)

FULL = pytest.mark.full


def violations(scenario: str, mover: str, evidence: Evidence) -> list[str]:
    """What was violated; the figures go to the terminal, and the logs after a violation."""
    print(run.summary(scenario, mover, evidence))
    return run.violations(scenario, evidence)


@pytest.mark.parametrize("scenario", ["turns"])
@pytest.mark.parametrize(
    "mover", ["vipswitch", "fifo-agent", pytest.param("agent", marks=FULL), pytest.param("fifo", marks=FULL)]
)
def test_the_vip_follows_the_master(scenario: str, mover: str, repetition: int, evidence: Evidence) -> None:
    """By priority, a reload, a stop, a return and a kill; the old node lets go in time, or harms nobody."""
    assert violations(scenario, mover, evidence) == []


@pytest.mark.parametrize("scenario", ["turns"])
@pytest.mark.parametrize("mover", ["fifo-agent"])
def test_scripts_need_no_root_where_there_is_an_agent(
    scenario: str, mover: str, repetition: int, evidence: Evidence
) -> None:
    """keepalived runs them as `script_user`, with `enable_script_security`; the agent does the rest."""
    if evidence.roles["script user"] == "root":
        pytest.skip("nobody else can read this Python and this project")
    since = min(evidence.marks.values())  # an agent that has just begun may not answer in time
    orders = [hook for hook in evidence.hooks if hook.started > since]
    assert len([deed for deed in evidence.deeds if deed.at > since]) >= len(orders) > 0
    assert "Disabling" not in evidence.logs["n1"]


@pytest.mark.parametrize("scenario", ["storm"])
@pytest.mark.parametrize("mover", ["agent", pytest.param("fifo-agent", marks=FULL)])
def test_after_a_storm_of_states_the_last_one_counts(
    scenario: str, mover: str, repetition: int, evidence: Evidence
) -> None:
    """Though a script of each node began its work after others that were started later."""
    assert violations(scenario, mover, evidence) == []


@pytest.mark.full
@pytest.mark.parametrize("scenario", ["storm"])
@pytest.mark.parametrize("mover", ["vipswitch"])
def test_without_agents_the_hosts_keep_to_the_last_state_too(
    scenario: str, mover: str, repetition: int, evidence: Evidence
) -> None:
    """In the cloud a request that was on its way for seconds may come last: only an agent sees that."""
    print(run.summary(scenario, mover, evidence))
    assert judge.misplaced(evidence) == []


@pytest.mark.parametrize("scenario", ["heals"])
@pytest.mark.parametrize("mover", ["agent", pytest.param("fifo-agent", marks=FULL)])
def test_after_a_split_the_master_has_the_vip_within_three_looks(
    scenario: str, mover: str, repetition: int, evidence: Evidence
) -> None:
    """A silent one, one between the peers only, one of the standby: keepalived tells the MASTER of none."""
    assert violations(scenario, mover, evidence) == []


@pytest.mark.full
@pytest.mark.parametrize("scenario", ["heals"])
@pytest.mark.parametrize("mover", ["vipswitch", "naive"])
def test_without_agents_a_healed_split_leaves_the_vip_with_nobody(
    scenario: str, mover: str, repetition: int, evidence: Evidence
) -> None:
    """Nobody is called, so no script can help."""
    found = violations(scenario, mover, evidence)
    heals = [mark for mark in evidence.marks if mark.startswith(("heal silent", "heal peers"))]
    for heal in heals:
        assert any(each.startswith(f"{heal}: n1 did not get the VIP") for each in found)


@pytest.mark.parametrize("scenario", ["storm"])
@pytest.mark.parametrize("mover", ["naive"])
def test_a_script_that_takes_states_as_they_come_is_caught(
    scenario: str, mover: str, repetition: int, evidence: Evidence
) -> None:
    """What began late has the last word: the address is where it should not be, or not where it should."""
    assert violations(scenario, mover, evidence)
    assert judge.misplaced(evidence)


@pytest.mark.parametrize("scenario", ["turns"])
@pytest.mark.parametrize("mover", ["fifo-agent"])
def test_the_judge_sees_what_is_wrong(scenario: str, mover: str, repetition: int, evidence: Evidence) -> None:
    """Of a play that went well: an address that stays, and a route that leads astray."""
    stays = Evidence.from_json(evidence.to_json())
    stays.addresses = [event for event in stays.addresses if event.present or event.node != "n1"]
    assert any("the address was not off" in each for each in judge.turns(stays))
    astray = Evidence.from_json(evidence.to_json())
    astray.routes = [route for route in astray.routes if route.holder != "n2"]
    assert any("leads to n1, not n2" in each for each in judge.turns(astray))
