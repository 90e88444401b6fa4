"""The methods beyond routes, each under a real Pgpool-II watchdog, with a client whose packets must follow.

vipswitch must violate nothing. A counter-example goes through the same for each method: what it gets right is
to the lab's credit, and where it fails, a mover that keeps the promises must not.
"""

from pathlib import Path

import pytest

from tests.e2e import run
from tests.e2e.evidence import Evidence
from vipswitch.testing.fabric.dns import DNSMASQ
from vipswitch.testing.fabric.nat import NFT


def _needing(method: str, program: str) -> object:
    missing = not Path(program).exists()
    return pytest.param(method, marks=pytest.mark.skipif(missing, reason=f"needs {program} (make e2e-deps)"))


METHODS = ["aws-secondary-ip", _needing("aws-elastic-ip", NFT), _needing("aws-route53", str(DNSMASQ))]


def violations(scenario: str, mover: str, evidence: Evidence, method: str) -> list[str]:
    """What was violated; the blackout and its parts go to the terminal."""
    print(run.summary(scenario, mover, evidence, method))
    return run.violations(scenario, evidence, method)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("mover", ["vipswitch"])
@pytest.mark.parametrize("scenario", ["killed", "stopped", "late-request"])
def test_the_new_leader_has_the_vip_from_the_return_of_its_up_on(
    scenario: str, mover: str, method: str, repetition: int, evidence: Evidence
) -> None:
    """Whether the old one is dead, lets go in order, or lets go late."""
    assert violations(scenario, mover, evidence, method) == []


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("mover", ["sample"])
@pytest.mark.parametrize("scenario", ["late-request"])
def test_a_late_down_that_asks_who_has_the_vip_takes_it_from_the_new_leader(
    scenario: str, mover: str, method: str, repetition: int, evidence: Evidence
) -> None:
    """It frees what it finds when it is heard, which by then is another's, and the clients have no answer."""
    found = violations(scenario, mover, evidence, method)
    assert any("leads to nobody" in each for each in found)
    assert any("no query succeeded" in each for each in found)
