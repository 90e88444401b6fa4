"""What is done to a Patroni cluster, one function per scenario; what must come of it stands in `judge`.

Rules: those of `tests.e2e.scenarios`. A cluster takes ten seconds to start and five to come to rest after a
change of leaders, so one scenario does several things, each of which is judged by itself.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tests.e2e import acts
from tests.e2e.evidence import Evidence
from tests.e2e.patroni import judge
from tests.e2e.patroni.lab import Lab
from tests.e2e.patroni.member import TTL_S, Member, wait_for

_SETTLE_S = 2.0
_WATCHES = ("--deadline", "60")
"""Lets a callback watch for so long that Patroni finds it running."""

_PAUSED_S, _PAUSED_SHORTLY_S = TTL_S + 10.0, 4.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is done, and what must come of it; `flags` are more words for each callback."""

    act: Callable[[Lab], None]
    violations: Callable[[Evidence], list[str]]
    flags: Sequence[str] = ()


def led(lab: Lab) -> None:
    """Switchovers, a callback killed half-way, maintenance, a leader that dies with all and returns."""
    _switchover(lab)
    _kill_callback(lab)
    _maintenance(lab)
    _failover(lab)


def late(lab: Lab) -> None:
    """What a leader asked for is let through when the next one leads already, and its callback is dead."""
    second = _hold_promotion(lab, "second")
    lab.cluster.rest()
    third = lab.cluster.synchronous()
    lab.cast("third", third)
    lab.mark("third")
    lab.cluster.switch_over(third, leader=second)
    for member in (second, third):
        lab.await_callback(member, "on_role_change", since=lab.marks["third"], done=True)
    lab.mark("late")
    lab.cloud.aws.faults.clear()
    time.sleep(_SETTLE_S)
    lab.await_holder(third, within_s=judge.HEALED_WITHIN_S)
    time.sleep(_SETTLE_S)


SCENARIOS: Mapping[str, Scenario] = {
    "led": Scenario(led, judge.led, flags=_WATCHES),
    "late": Scenario(late, judge.late, flags=_WATCHES),
}


def _switchover(lab: Lab) -> None:
    old, new = lab.cluster.leader(), lab.cluster.synchronous()
    lab.cast("old", old)
    lab.cast("new", new)
    lab.mark("switchover")
    lab.cluster.switch_over(new, leader=old)
    lab.mark("switched")
    lab.cluster.rest()


def _kill_callback(lab: Lab) -> None:
    """The new leader's requests are held; Patroni kills its callback for that of a restart."""
    second = _hold_promotion(lab, "second")
    wait_for(lambda: second.ask("/restart", "POST", {})[0] == 200, "a restart", within_s=20)
    lab.await_callback(second, "on_restart", since=lab.marks["second"])
    lab.mark("released")
    lab.cloud.aws.faults.clear()
    lab.await_holder(second, within_s=judge.AT_ONCE_S)
    lab.cluster.rest()


def _maintenance(lab: Lab) -> None:
    """Patroni is stopped and started again on the leader; PostgreSQL runs on."""
    leader = lab.cluster.leader()
    lab.cluster.pause(True)
    lab.mark("paused")
    leader.stop()
    time.sleep(acts.long(_PAUSED_S, _PAUSED_SHORTLY_S))
    leader.start()
    lab.await_callback(leader, "on_start", since=lab.marks["paused"])
    lab.cluster.leader()
    time.sleep(_SETTLE_S)
    lab.mark("resumed")
    lab.cluster.pause(False)
    lab.cluster.rest()


def _failover(lab: Lab) -> None:
    """All that runs as `postgres` on the leader is killed; the agent lives."""
    dead = lab.cluster.leader()
    lab.cast("dead", dead)
    lab.mark("killed")
    dead.kill()
    heir = lab.cluster.leader()
    lab.cast("heir", heir)
    lab.mark("promoted")
    lab.await_holder(heir, within_s=judge.AT_ONCE_S)
    lab.await_no_address(dead, within_s=judge.CLEARED_WITHIN_S)
    lab.mark("returned")
    dead.start()
    lab.await_callback(dead, "on_start", since=lab.marks["returned"])
    time.sleep(_SETTLE_S)
    lab.mark("end")


def _hold_promotion(lab: Lab, role: str) -> Member:
    """The next leader, whose requests to the cloud are held from its promotion on."""
    leader, heir = lab.cluster.leader(), lab.cluster.synchronous()
    lab.cast(role, heir)
    gate = lab.cloud.aws.faults.hold("ReplaceRoute", source=str(heir.host.address), times=1000)
    lab.mark(role)
    lab.cluster.switch_over(heir, leader=leader)
    if not gate.arrived.wait(20):
        raise TimeoutError(f"{heir.host.name} has asked for nothing")
    return heir
