"""What is done to a followed cluster, one function per scenario; what must come of it stands in `judge`.

Rules: those of `tests.e2e.scenarios`. A cluster takes long to start, so one scenario does several things,
each of which is judged by itself.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.e2e import acts
from tests.e2e.evidence import Evidence
from tests.e2e.follow import judge
from tests.e2e.follow.lab import Lab
from tests.e2e.patroni import etcd
from tests.e2e.patroni.member import TTL_S, Member, wait_for

_SETTLE_S = 1.0
_NOBODY_S = 6.0
"""Longer than a follower would wait, were it not a pause."""
_OUTAGE_S, _OUTAGE_SHORTLY_S = 3.0 * TTL_S, 4.0
"""How long etcd stays away after Patroni has given up the primary."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is done, and what must come of it."""

    act: Callable[[Lab], None]
    violations: Callable[[Evidence], list[str]]


def followed(lab: Lab) -> None:
    """A switchover, an outage of the store, the death of the leader, who comes back."""
    _switchover(lab)
    _outage(lab)
    lab.cluster.rest()
    _failover(lab)


def maintained(lab: Lab) -> None:
    """The same, and before the outage a pause, in which Patroni is stopped until its key has ended."""
    _switchover(lab)
    _maintenance(lab)
    _outage(lab)
    lab.cluster.rest()
    _failover(lab)


def outage(lab: Lab) -> None:
    """The store is away for longer than Patroni leads without it."""
    _outage(lab)


SCENARIOS: Mapping[str, Scenario] = {
    "followed": Scenario(followed, judge.followed),
    "maintained": Scenario(maintained, judge.maintained),
    "outage": Scenario(outage, judge.outage),
}


def _switchover(lab: Lab) -> None:
    old, new = lab.cluster.leader(), lab.cluster.synchronous()
    lab.mark("switchover")
    lab.cluster.switch_over(new, leader=old)
    _await_primary(new)
    lab.mark("switched", new=new)
    lab.await_holder(new, within_s=judge.AT_ONCE_S)
    lab.await_no_address(old, within_s=judge.AT_ONCE_S)
    lab.cluster.rest()


def _maintenance(lab: Lab) -> None:
    """Patroni is stopped on the leader for longer than its key lives; PostgreSQL runs on."""
    leader = lab.cluster.leader()
    lab.cluster.pause(True)
    lab.mark("paused")
    leader.stop()
    time.sleep(TTL_S + _NOBODY_S)
    lab.mark("resumed")
    leader.start()
    lab.cluster.leader()
    lab.cluster.pause(False)
    lab.cluster.rest()


def _outage(lab: Lab) -> None:
    """All of etcd is killed; Patroni demotes its primary, for it might not be the only one."""
    leader = lab.cluster.leader()
    lab.mark("outage", before=leader)
    for each in lab.cluster.etcds.values():
        each.kill()
    wait_for(lambda: leader.ask("/primary")[0] == 503, "no primary", within_s=60)
    time.sleep(acts.long(_OUTAGE_S, _OUTAGE_SHORTLY_S))
    lab.mark("back")
    for each in lab.cluster.etcds.values():
        each.start()
    etcd.wait_for(list(lab.cluster.etcds.values()), within_s=30)
    after = lab.cluster.leader(within_s=90)
    lab.mark("led", after=after)
    lab.await_holder(after, within_s=judge.AT_ONCE_S)
    time.sleep(_SETTLE_S)


def _failover(lab: Lab) -> None:
    """All that runs as `postgres` on the leader is killed; follower and agent live."""
    dead = lab.cluster.leader()
    lab.mark("killed", dead=dead)
    dead.kill()
    heir = lab.cluster.leader(within_s=60)
    lab.mark("promoted", heir=heir)
    lab.await_holder(heir, within_s=judge.AT_ONCE_S)
    lab.mark("returned")
    dead.start()
    lab.await_no_address(dead, within_s=30)
    time.sleep(_SETTLE_S)


def _await_primary(member: Member) -> None:
    wait_for(lambda: member.ask("/primary")[0] == 200, f"{member.name} is primary", within_s=30)
