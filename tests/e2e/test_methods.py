"""All methods beyond AWS routes, each under a real Pgpool-II watchdog, with a client whose packets follow.

vipswitch must violate nothing. A counter-example goes through the same for each method: what it gets right is
to the lab's credit, and where it fails, a mover that keeps the promises must not.
"""

from collections.abc import Collection, Sequence
from pathlib import Path

import pytest

from tests.e2e import agent_judge, run
from tests.e2e.evidence import Evidence
from vipswitch.testing.fabric.dns import DNSMASQ
from vipswitch.testing.fabric.nat import NFT

ROUTE_DELETE = "compute.routes.delete"
NEEDED = {"aws-elastic-ip": NFT, "aws-route53": str(DNSMASQ)}
AZURE = ["azure-route-table", "azure-ip-configuration"]
GCP = ["gcp-route", "gcp-alias-ip"]
METHODS = ["aws-secondary-ip", *NEEDED, *AZURE, *GCP]
FREED_AS_FOUND = [method for method in METHODS if method != "gcp-route"]


def _plays(
    *scenarios: str, of: Sequence[str] = METHODS, in_full: Collection[tuple[str, str]] = ()
) -> list[object]:
    """Each scenario with each method that this machine has the program for; some in the full run only."""
    return [
        pytest.param(scenario, method, marks=[*_needs(method), *_full((scenario, method) in in_full)])
        for scenario in scenarios
        for method in of
    ]


def _needs(method: str) -> list[pytest.MarkDecorator]:
    program = NEEDED.get(method, "/")
    return [pytest.mark.skipif(not Path(program).exists(), reason=f"needs {program} (make e2e-deps)")]


def _full(only: bool) -> list[pytest.MarkDecorator]:
    return [pytest.mark.full] if only else []


def violations(scenario: str, mover: str, evidence: Evidence, method: str) -> list[str]:
    """What was violated; the blackout and its parts go to the terminal."""
    print(run.summary(scenario, mover, evidence, method))
    return run.violations(scenario, evidence, method)


@pytest.mark.parametrize("mover", ["vipswitch"])
@pytest.mark.parametrize(
    ("scenario", "method"),
    _plays(
        "killed",
        "stopped",
        "late-request",
        in_full=[
            *(("stopped", method) for method in METHODS),  # held requests are those of a clean stop
            *(("late-request", method) for method in ("azure-ip-configuration", *NEEDED, *GCP)),
            *(("killed", method) for method in ("aws-secondary-ip", "azure-route-table")),
        ],
    ),
)
def test_the_new_leader_has_the_vip_from_the_return_of_its_up_on(
    scenario: str, mover: str, method: str, repetition: int, evidence: Evidence
) -> None:
    """Whether the old one is dead, lets go in order, or lets go late."""
    assert violations(scenario, mover, evidence, method) == []


@pytest.mark.full
@pytest.mark.parametrize("mover", ["sample"])
@pytest.mark.parametrize(("scenario", "method"), _plays("late-request", of=FREED_AS_FOUND))
def test_a_late_down_that_asks_who_has_the_vip_takes_it_from_the_new_leader(
    scenario: str, mover: str, method: str, repetition: int, evidence: Evidence
) -> None:
    """It frees what it finds when it is heard, which by then is another's, and the clients have no answer."""
    found = violations(scenario, mover, evidence, method)
    assert any("leads to nobody" in each for each in found)
    assert any("no query succeeded" in each for each in found)


@pytest.mark.parametrize("method", ["azure-ip-configuration", *GCP])
@pytest.mark.parametrize("mover", ["vipswitch"])
@pytest.mark.parametrize("scenario", ["late-write"])
def test_what_a_late_down_writes_comes_to_nothing(
    scenario: str, mover: str, method: str, repetition: int, evidence: Evidence
) -> None:
    """It was right when it was sent; by a token or a name it says what it was made for, and is refused."""
    assert violations(scenario, mover, evidence, method) == []


@pytest.mark.full
@pytest.mark.parametrize("method", ["azure-ip-configuration"])
@pytest.mark.parametrize("mover", ["sample"])
@pytest.mark.parametrize("scenario", ["late-write"])
def test_a_late_down_that_writes_blindly_is_caught(
    scenario: str, mover: str, method: str, repetition: int, evidence: Evidence
) -> None:
    """It writes a copy that is old by then, whatever has become of the interface."""
    found = violations(scenario, mover, evidence, method)
    assert any("networkInterfaces/write took effect" in each for each in found)


@pytest.mark.parametrize("method", ["gcp-route"])
@pytest.mark.parametrize("mover", ["sample"])
@pytest.mark.parametrize("scenario", ["late-write"])
def test_a_late_down_that_deletes_a_route_of_a_fixed_name_is_caught(
    scenario: str, mover: str, method: str, repetition: int, evidence: Evidence
) -> None:
    """It looked before, and what bears the name by now is the new leader's."""
    found = violations(scenario, mover, evidence, method)
    old, new = evidence.roles["old"], evidence.roles["new"]
    assert any(each.startswith(f"{old}: {ROUTE_DELETE} changed {new}") for each in found)
    assert any("leads to nobody" in each for each in found)


@pytest.mark.parametrize("method", ["gcp-route"])
@pytest.mark.parametrize("mover", ["sample"])
@pytest.mark.parametrize("scenario", ["killed"])
def test_an_up_that_deletes_a_route_before_it_makes_the_next_is_caught(
    scenario: str, mover: str, method: str, repetition: int, evidence: Evidence
) -> None:
    """In between the VIP leads nowhere; the script that dies there leaves it so. All else it does right."""
    (found,) = violations(scenario, mover, evidence, method)
    assert "leads to nobody for" in found


@pytest.mark.parametrize(
    "method", [pytest.param("azure-ip-configuration", marks=pytest.mark.full), "gcp-alias-ip"]
)
@pytest.mark.parametrize("mover", ["agent"])
@pytest.mark.parametrize("scenario", ["halfway"])
def test_what_a_leader_that_was_killed_between_two_writes_left_is_mended(
    scenario: str, mover: str, method: str, repetition: int, evidence: Evidence
) -> None:
    """By the next leader's agent, which finds the address with nobody."""
    assert violations(scenario, mover, evidence, method) == []
    assert agent_judge.no_deed(evidence, evidence.roles["new"], "up", "order") == []
