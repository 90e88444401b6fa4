"""What is done to three nodes with streaming replication; what must come of it stands in `replication_judge`.

Rules: those of `tests.e2e.scenarios`. A fault is marked once it is complete: a row that is begun later is not
the old primary's any more. The old primary is n1, the other VRRP node n2, the third one n3.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.e2e.keepalived import replication_judge as judge
from tests.e2e.keepalived.replicated import Replicated
from tests.e2e.keepalived.replication_example import VIP
from tests.e2e.keepalived.replication_lab import ReplicationLab

WRITES_FIRST_S = 1.0
ONLY_THE_THIRD_HEARS_S = 0.8
DIVIDED_S = 9.0
WATCHED_S = 6.0
_WITHIN_S = 45.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is done, and what must come of it."""

    act: Callable[[ReplicationLab], None]
    violations: Callable[[Replicated], list[str]]


def failover(lab: ReplicationLab) -> None:
    """The primary's node dies when only the third has its last rows; it returns as it was, and rejoins."""
    one, two, *_ = lab.nodes
    time.sleep(WRITES_FIRST_S)
    lab.vpc.router.split(one.host, two.host)
    time.sleep(ONLY_THE_THIRD_HEARS_S)
    one.kill()
    lab.mark("fault")
    lab.vpc.router.join(one.host, two.host)
    _taken_over(lab)
    _returned(lab)
    if lab.leads_to(two):
        one.server.stop()
        one.server.rewind(VIP)
        one.server.start()
        lab.wait_for_followers(two.server, "db1 sync", "db3 potential", within_s=_WITHIN_S)
        lab.look("rejoined")


def returned(lab: ReplicationLab) -> None:
    """The primary's node dies at once, and returns as it was."""
    time.sleep(WRITES_FIRST_S)
    lab.nodes[0].kill()
    lab.mark("fault")
    _taken_over(lab)
    _returned(lab)


def cut(lab: ReplicationLab) -> None:
    """The two do not see each other, later nobody sees the primary's node; in the end all is well again."""
    one, two, *_ = lab.nodes
    time.sleep(WRITES_FIRST_S)
    lab.mark("split")
    lab.vpc.router.split(one.host, two.host)
    time.sleep(DIVIDED_S)
    lab.look("divided")
    lab.vpc.router.join(one.host, two.host)
    lab.wait_for_followers(one.server, "db2 sync", "db3 potential", within_s=_WITHIN_S)
    lab.vpc.router.cut(one.host)
    lab.mark("fault")
    _taken_over(lab)
    lab.vpc.router.heal(one.host)
    lab.mark("heal")
    time.sleep(WATCHED_S)
    lab.look("healed")


def maintained(lab: ReplicationLab) -> None:
    """What operators do: keepalived stopped and started, PostgreSQL stopped to switch over, the way back."""
    one, two, *_ = lab.nodes
    time.sleep(WRITES_FIRST_S)
    lab.mark("keepalived stopped")
    one.keepalived.stop()
    one.keepalived.wait()
    time.sleep(WATCHED_S)
    lab.mark("keepalived started")
    one.keepalived.start()
    time.sleep(WATCHED_S)
    lab.wait_for_writes(since=time.monotonic(), within_s=_WITHIN_S)
    lab.wait_for_followers(one.server, "db2 sync", "db3 potential", within_s=_WITHIN_S)
    one.server.stop()
    lab.mark("fault")
    _taken_over(lab)
    lab.mark("return")
    one.server.follow()
    one.server.start()
    lab.wait_for_followers(two.server, "db1 sync", "db3 potential", within_s=_WITHIN_S)
    lab.look("rejoined")


SCENARIOS = {
    "maintained": Scenario(maintained, judge.maintained),
    "failover": Scenario(failover, judge.failover),
    "returned": Scenario(returned, judge.returned),
    "cut": Scenario(cut, judge.cut),
}


def _taken_over(lab: ReplicationLab) -> None:
    two = lab.nodes[1]
    lab.wait_for_writes(since=lab.marks["fault"], within_s=_WITHIN_S)
    lab.wait_for_followers(two.server, "db3 sync", within_s=_WITHIN_S)


def _returned(lab: ReplicationLab) -> None:
    lab.mark("return")
    lab.nodes[0].start()
    time.sleep(WATCHED_S)
    lab.look("returned")
