"""What is done to a lab, one function per scenario; what must come of it stands in `judge`.

Rules: a scenario notes each thing it does as a mark, and who was the leader (`old`) and who became it
(`new`); it asserts nothing, so that the movers it is meant to catch run to the end as well. What takes long
takes as long as it would outside in the full run (`make test-full`) only.
"""

import time
from collections.abc import Callable

from tests.e2e import acts, judge, movers
from tests.e2e.acts import HALF_VOTES, Scenario
from tests.e2e.cloud import Gate
from tests.e2e.lab import Lab
from vipswitch.testing.fabric.host import Host

CUT_S, CUT_SHORTLY_S = 45.0, 25.0
WATCHED_AFTER_HEAL_S, WATCHED_SHORTLY_S = 45.0, 25.0
HELD_AFTER_UP_S = 5.0
PAIRS, PAIRS_SHORTLY = 50, 5
PAIRS_AFTER_HEAL = 5
_SETTLE_S = 3.0


def killed(lab: Lab) -> None:
    """SIGKILL of all the leader's processes."""
    old = acts.leader(lab, lifecheck=False)
    lab.mark("fault")
    old.kill()
    acts.await_new(lab)
    time.sleep(_SETTLE_S)


def stopped(lab: Lab) -> None:
    """A clean stop: the old leader's `down` overlaps the new one's `up`."""
    old = acts.leader(lab, lifecheck=False)
    lab.mark("fault")
    old.stop()
    acts.await_new(lab)
    acts.await_down(lab, old)
    time.sleep(_SETTLE_S)


def cut(lab: Lab) -> None:
    """The leader's network is silent, while its `down` tries to reach the API, and comes back."""
    old = acts.leader(lab)
    lab.mark("fault")
    lab.vpc.router.cut(old.host)
    acts.await_new(lab)
    acts.sleep_until(lab.marks["fault"] + acts.long(CUT_S, CUT_SHORTLY_S))
    lab.vpc.router.heal(old.host)
    lab.mark("heal")
    time.sleep(acts.long(WATCHED_AFTER_HEAL_S, WATCHED_SHORTLY_S))


def late_request(lab: Lab) -> None:
    """Whatever the old leader's `down` asks of the cloud is held until 5 s after the new leader's `up`."""
    stopped_late(lab, lab.cloud.hold)


def stopped_late(lab: Lab, hold: Callable[[Host], Gate]) -> None:
    """The same with what `hold` holds of the old leader's requests."""
    old = acts.leader(lab, lifecheck=False)
    gate = hold(old.host)
    lab.mark("fault")
    old.stop()
    acts.await_new(lab)
    time.sleep(HELD_AFTER_UP_S)
    lab.mark("release")
    gate.release()
    acts.await_down(lab, old)
    time.sleep(_SETTLE_S)


def storm(lab: Lab) -> None:
    """Network events on the leader make Pgpool-II run `up` again, once the address is gone from the host."""
    leader = acts.leader(lab)
    lab.roles["new"] = leader.host.name
    lab.mark("storm")
    acts.drop_address(lab, leader.host)
    acts.storm(leader.host, PAIRS)
    acts.await_quiet(lab)


def split_storm(lab: Lab) -> None:
    """The same on a leader that has lost the VIP to a second leader, during the split and after its heal."""
    old = acts.leader(lab)
    other = acts.other(lab, old)
    lab.mark("fault")
    lab.vpc.router.split(old.host, other.host)
    acts.await_new(lab)
    lab.mark("storm")
    acts.drop_address(lab, old.host)
    acts.storm(old.host, acts.long(PAIRS, PAIRS_SHORTLY))
    acts.await_quiet(lab)
    lab.vpc.router.join(old.host, other.host)
    lab.mark("heal")
    time.sleep(_SETTLE_S)
    acts.storm(old.host, PAIRS_AFTER_HEAL)
    acts.await_quiet(lab)


SCENARIOS = {
    "killed": Scenario(killed, judge.killed),
    "stopped": Scenario(stopped, judge.stopped),
    "cut": Scenario(cut, judge.cut),
    "stopped-escalation": Scenario(stopped, judge.stopped, style=movers.escalation),
    "late-request": Scenario(late_request, judge.late_request),
    "storm": Scenario(storm, judge.storm),
    "split-storm": Scenario(
        split_storm, judge.split_storm, nodes=2, settings=HALF_VOTES, spoiled=judge.first_elected_anew
    ),
}
