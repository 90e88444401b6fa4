"""What is done to a lab, one function per scenario; what must come of it stands in `judge`.

Rules: a scenario notes each thing it does as a mark, and who was the leader (`old`) and who became it
(`new`); it asserts nothing, so that the movers it is meant to catch run to the end as well.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.e2e import judge, movers
from tests.e2e.evidence import Evidence
from tests.e2e.lab import Lab
from tests.e2e.pgpool import ESCALATED, LIFECHECK_STARTED, Pgpool
from vipswitch.testing.fabric.host import Host

CUT_S = 45.0
WATCHED_AFTER_HEAL_S = 45.0
HELD_AFTER_UP_S = 5.0
PAIRS = 50
PAIRS_AFTER_HEAL = 5
_SETTLE_S = 3.0


def killed(lab: Lab) -> None:
    """SIGKILL of all the leader's processes."""
    old = _leader(lab)
    lab.mark("fault")
    old.kill()
    _await_new(lab)
    time.sleep(_SETTLE_S)


def stopped(lab: Lab) -> None:
    """A clean stop: the old leader's `down` overlaps the new one's `up`."""
    old = _leader(lab)
    lab.mark("fault")
    old.stop()
    _await_new(lab)
    _await_down(lab, old)
    time.sleep(_SETTLE_S)


def cut(lab: Lab) -> None:
    """The leader's network is silent for 45 s, while its `down` tries to reach the API, and comes back."""
    old = _leader(lab)
    lab.mark("fault")
    lab.vpc.router.cut(old.host)
    _await_new(lab)
    time.sleep(max(0.0, lab.marks["fault"] + CUT_S - time.monotonic()))
    lab.vpc.router.heal(old.host)
    lab.mark("heal")
    time.sleep(WATCHED_AFTER_HEAL_S)


def late_request(lab: Lab) -> None:
    """Whatever the old leader's `down` asks of the cloud is held until 5 s after the new leader's `up`."""
    old = _leader(lab)
    gate = lab.cloud.aws.faults.hold(None, str(old.host.address), times=1000)
    lab.mark("fault")
    old.stop()
    _await_new(lab)
    time.sleep(HELD_AFTER_UP_S)
    lab.mark("release")
    gate.release()
    _await_down(lab, old)
    time.sleep(_SETTLE_S)


def storm(lab: Lab) -> None:
    """Network events on the leader make Pgpool-II run `up` again, once the address is gone from the host."""
    leader = _leader(lab)
    lab.roles["new"] = leader.host.name
    lab.mark("storm")
    _drop_address(lab, leader.host)
    _storm(leader.host)
    _await_quiet(lab)


def split_storm(lab: Lab) -> None:
    """The same on a leader that has lost the VIP to a second leader, during the split and after its heal."""
    old = _leader(lab)
    other = next(node for node in lab.nodes.values() if node is not old)
    lab.mark("fault")
    lab.vpc.router.split(old.host, other.host)
    _await_new(lab)
    lab.mark("storm")
    _drop_address(lab, old.host)
    _storm(old.host)
    _await_quiet(lab)
    lab.vpc.router.join(old.host, other.host)
    lab.mark("heal")
    time.sleep(_SETTLE_S)
    _storm(old.host, PAIRS_AFTER_HEAL)
    _await_quiet(lab)


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is done, in which cluster, and what must come of it."""

    act: Callable[[Lab], None]
    violations: Callable[[Evidence, judge.Rules], list[str]]
    nodes: int = 3
    settings: Mapping[str, str] = field(default_factory=dict)
    style: movers.Style = movers.delegate_ip


SCENARIOS = {
    "killed": Scenario(killed, judge.killed),
    "stopped": Scenario(stopped, judge.stopped),
    "cut": Scenario(cut, judge.cut),
    "stopped-escalation": Scenario(stopped, judge.stopped, style=movers.escalation),
    "late-request": Scenario(late_request, judge.late_request),
    "storm": Scenario(storm, judge.storm),
    "split-storm": Scenario(
        split_storm, judge.split_storm, nodes=2, settings={"enable_consensus_with_half_votes": "on"}
    ),
}


def _leader(lab: Lab) -> Pgpool:
    """The leader of a cluster that has come to rest.

    While the escalation still pings the VIP, a clean stop would delay its `down`. Before the lifecheck
    starts, nothing but 30 s without beacons tells of a silent fault.
    """
    leader = lab.wait_for_up()
    leader.wait_for(ESCALATED, within_s=60)
    for node in lab.nodes.values():
        node.wait_for(LIFECHECK_STARTED, within_s=40)
    lab.roles["old"] = leader.host.name
    return leader


def _await_new(lab: Lab) -> None:
    lab.roles["new"] = lab.wait_for_up(since=lab.marks["fault"]).host.name


def _await_down(lab: Lab, node: Pgpool) -> None:
    lab.wait_for(lambda hook: hook.hook == "down" and hook.node == node.host.name, within_s=90)


def _await_quiet(lab: Lab, *, quiet_s: float = 5.0, within_s: float = 120.0) -> None:
    """Wait until no hook has run for a while."""
    deadline = time.monotonic() + within_s
    since = time.monotonic()
    while time.monotonic() < min(deadline, since + quiet_s):
        time.sleep(0.2)
        since = max([since, *(hook.ended or time.monotonic() for hook in lab.hooks())])


def _drop_address(lab: Lab, host: Host) -> None:
    host.namespace.ip("address", "del", f"{lab.vip.address}/32", "dev", "eth0")


def _storm(host: Host, pairs: int = PAIRS) -> None:
    """Each pair makes Pgpool-II run `up` about twice while the address is missing, one after the other."""
    for number in range(pairs):
        pair = f"storm{number}"
        host.namespace.batch([f"link add {pair} type veth peer name {pair}p", f"link del {pair}"])
