"""What methods are in for whose writes say what they were made from, one function per scenario.

Rules: those of `scenarios`; what must come of it stands in `writes_judge`.
"""

import time

from tests.e2e import acts, scenarios, writes_judge
from tests.e2e.acts import HALF_VOTES, Scenario
from tests.e2e.azure import Azure
from tests.e2e.gcp import Gcp
from tests.e2e.lab import Lab
from tests.e2e.pgpool import Pgpool

_SETTLE_S = 3.0


def halfway(lab: Lab) -> None:
    """A new leader is killed with its agent and all between its two writes: then nobody has the address."""
    old = acts.leader(lab, lifecheck=False)
    gate = _writing(lab).hold_own_write()
    lab.mark("fault")
    _kill(lab, old)
    if not gate.arrived.wait(40):
        raise TimeoutError("no `up` has come to its second write")
    halfway = next(h.node for h in lab.hooks() if h.hook == "up" and h.started > lab.marks["fault"])
    lab.roles["halfway"] = halfway
    _kill(lab, lab.nodes[halfway])
    lab.mark("killed halfway")
    gate.release()
    lab.roles["new"] = lab.wait_for_up(since=lab.marks["killed halfway"]).host.name
    time.sleep(_SETTLE_S)


def late_write(lab: Lab) -> None:
    """The old leader's `down` has seen that it holds the VIP; what it then writes is late."""
    scenarios.stopped_late(lab, _writing(lab).hold_writes)


SCENARIOS = {
    "halfway": Scenario(halfway, writes_judge.halfway, nodes=4, settings=HALF_VOTES),
    "late-write": Scenario(late_write, writes_judge.late_write),
}


def _writing(lab: Lab) -> Azure | Gcp:
    """The cloud, which tells whose NIC a write is about."""
    assert isinstance(lab.cloud, Azure | Gcp), "not played on this cloud"
    return lab.cloud


def _kill(lab: Lab, node: Pgpool) -> None:
    """Everything on it."""
    for name, agent in lab.agents.items():
        if name == node.host.name:
            agent.kill()
    node.kill()
