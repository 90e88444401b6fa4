"""The cloud's API fails just when a new leader needs it, and comes back after the hook has given up.

Rules: those of `scenarios`; played without agents too, where the VIP must be seen to stay with the dead
leader.
"""

import time

from tests.e2e import acts, aws, outage_judge
from tests.e2e.acts import Scenario
from tests.e2e.lab import Lab

_AWAY_S, _AWAY_SHORTLY_S = 60.0, 25.0
"""The shorter is longer than the hook waits, and reaches into the agent's second round."""

_REFUSED_S = 6.0
_SETTLE_S = 3.0


def api_down(lab: Lab) -> None:
    """Nothing is heard from the API, from shortly before the fault on."""
    old = acts.leader(lab, lifecheck=False)
    lab.vpc.router.cut(lab.vpc.api)
    lab.mark("fault")
    old.kill()
    acts.await_new(lab)
    acts.sleep_until(lab.marks["fault"] + acts.long(_AWAY_S, _AWAY_SHORTLY_S))
    lab.mark("return")
    lab.vpc.router.heal(lab.vpc.api)
    _watch(lab)


def api_refuses(lab: Lab) -> None:
    """The API permits nobody to write, for some seconds."""
    old = acts.leader(lab, lifecheck=False)
    rules = [aws.of(lab.cloud).aws.faults.deny(action) for action in ("ReplaceRoute", "CreateRoute")]
    lab.mark("fault")
    old.kill()
    acts.await_new(lab)
    time.sleep(_REFUSED_S)
    lab.mark("return")
    for rule in rules:
        rule.disarm()
    _watch(lab)


SCENARIOS = {
    "api-down": Scenario(api_down, outage_judge.api_down),
    "api-refuses": Scenario(api_refuses, outage_judge.api_refuses),
}


def _watch(lab: Lab) -> None:
    acts.await_holder(lab, lab.nodes[lab.roles["new"]], within_s=outage_judge.BACK_WITHIN_S)
    time.sleep(_SETTLE_S)
