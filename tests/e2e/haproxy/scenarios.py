"""What is done to the pair of proxies; what must come of it stands in `judge`.

Rules: those of `tests.e2e.scenarios`.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.e2e.evidence import Evidence
from tests.e2e.haproxy import judge
from tests.e2e.haproxy.lab import Lab

_SETTLE_S = 2.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is done, and what must come of it."""

    act: Callable[[Lab], None]
    violations: Callable[[Evidence], list[str]]


def proxies(lab: Lab) -> None:
    """HAProxy dies where the VIP is, and comes back; Patroni switches over behind it; then the node dies."""
    _haproxy_dies(lab)
    _switchover(lab)
    _node_dies(lab)


SCENARIOS: Mapping[str, Scenario] = {"proxies": Scenario(proxies, judge.proxies)}


def _haproxy_dies(lab: Lab) -> None:
    old, new = lab.active(), lab.passive()
    lab.cast("old", old)
    lab.cast("new", new)
    lab.mark("killed")
    old.kill()
    time.sleep(judge.TAKEN_WITHIN_S)
    lab.await_written(lab.marks["killed"] + judge.TAKEN_WITHIN_S, within_s=judge.WRITTEN_WITHIN_S)
    lab.await_no_address(old, within_s=judge.TAKEN_WITHIN_S)
    lab.mark("returned")
    old.start()
    old.keepalived.wait_for("BACKUP", within_s=15)
    time.sleep(_SETTLE_S)


def _switchover(lab: Lab) -> None:
    leader, heir = lab.cluster.leader(), lab.cluster.synchronous()
    lab.mark("switchover")
    lab.cluster.switch_over(heir, leader=leader)
    lab.mark("switched")
    lab.await_written(lab.marks["switched"], within_s=judge.WRITTEN_WITHIN_S)
    time.sleep(_SETTLE_S)


def _node_dies(lab: Lab) -> None:
    dead = lab.active()
    lab.mark("dead")
    dead.kill_all()
    time.sleep(judge.TAKEN_WITHIN_S)
    lab.await_written(lab.marks["dead"] + judge.TAKEN_WITHIN_S, within_s=judge.WRITTEN_WITHIN_S)
    lab.await_no_address(dead, within_s=judge.CLEARED_WITHIN_S)
