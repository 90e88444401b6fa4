"""Real Pgpool-II watchdogs, split and healed, are asked whether the VIP may be taken.

Two nodes with half votes: both lead while they are split, and afterwards only the older leader does, which
nobody tells to run `up` again. The split is played once, and each test looks at the answers of one moment.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.e2e import asking
from tests.e2e.pgpool import LIFECHECK_STARTED, Pgpool
from vipswitch.authority import Answer, Question, Verdict, build, question
from vipswitch.authority.settings import PgpoolSettings
from vipswitch.model import NodeId
from vipswitch.nodes import Node
from vipswitch.testing.fabric.vpc import Vpc
from vipswitch.testing.fabric.vpc import build as build_vpc

_ENOUGH_S = 2.0
_LEADS = "watchdog: escalation started"


@dataclass
class Cluster:
    """Two nodes, and what was answered when, on the first node and on the second."""

    nodes: list[Pgpool]
    answers: dict[str, tuple[Answer, Answer]] = field(default_factory=dict)

    def ask(self, moment: str) -> tuple[Answer, Answer]:
        """Ask on both nodes whether they may take the VIP from the other."""
        first, second = (self._ask(me, other) for me, other in (self.nodes, self.nodes[::-1]))
        self.answers[moment] = first, second
        return first, second

    def ask_until(self, moment: str, reached: Callable[[Answer, Answer], bool], *, within_s: float) -> None:
        """Ask again and again; the answers of the moment are the first that are what is waited for."""
        deadline = time.monotonic() + within_s
        while not reached(*self.ask(moment)) and time.monotonic() < deadline:
            time.sleep(0.5)

    def _ask(self, me: Pgpool, other: Pgpool) -> Answer:
        nodes = {
            at.host.name: Node((NodeId(f"eni-{at.host.name}"),), str(at.host.address)) for at in self.nodes
        }
        asked: Question = question(nodes, "vip", *(NodeId(f"eni-{at.host.name}") for at in (me, other)))
        authority = build(PgpoolSettings(asking.USER, me.folder / "pcppass", asking.HOST))
        return me.host.namespace.inside(lambda: authority.ask(asked, _ENOUGH_S))


@pytest.fixture(scope="module")
def cluster(root: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Has been started, split until both led, and joined again."""
    if not all(Path("/usr/sbin", name).exists() for name in ("pgpool", "pcp_watchdog_info")):
        pytest.skip("needs Pgpool-II (make e2e-deps)")
    folder = tmp_path_factory.mktemp("authority")
    with build_vpc(nodes=2) as vpc:
        nodes = [Pgpool(k, vpc.nodes, folder / host.name, vpc.client) for k, host in enumerate(vpc.nodes)]
        cluster = Cluster(nodes)
        try:
            _start(cluster)
            _play(cluster, vpc)
            yield cluster
        finally:
            for node in nodes:
                node.kill()
                node.reap()


def _play(cluster: Cluster, vpc: Vpc) -> None:
    cluster.ask("steady")
    vpc.router.split(*vpc.nodes)
    cluster.ask("just split")
    cluster.nodes[1].wait_for(_LEADS, within_s=40)
    cluster.ask("both lead")
    vpc.router.join(*vpc.nodes)
    cluster.ask("just healed")
    cluster.ask_until("healed", lambda one, two: one.verdict is Verdict.YES, within_s=30)


def _start(cluster: Cluster) -> None:
    for node in cluster.nodes:
        asking.admit(node.folder)
        node.start({"enable_consensus_with_half_votes": "on"}, {"PATH": os.environ["PATH"]})
        time.sleep(1.5)
    for node in cluster.nodes:
        node.wait_for(LIFECHECK_STARTED, within_s=40)


def test_leader_may_take_the_vip_from_its_standby(cluster: Cluster) -> None:
    """And the standby may not take it from the leader."""
    leader, standby = cluster.answers["steady"]
    assert leader == Answer(Verdict.YES, "10.0.1.10 leads with quorum, and 10.0.2.10 is a connected standby")
    assert standby == Answer(Verdict.NO, "10.0.1.10 leads")


def test_standby_that_cannot_be_reached_is_not_believed_to_be_one(cluster: Cluster) -> None:
    """The watchdog of the leader still calls it STANDBY; it may soon lead, and hold the VIP rightly."""
    leader, _ = cluster.answers["just split"]
    assert leader == Answer(Verdict.UNKNOWN, "10.0.2.10 port 9000: timed out")


@pytest.mark.parametrize("moment", ["both lead", "just healed"])
def test_of_two_leaders_neither_may_take_the_vip(cluster: Cluster, moment: str) -> None:
    """Each has half of the votes, or does not know yet that the other one leads too."""
    assert [answer.verdict for answer in cluster.answers[moment]] == [Verdict.UNKNOWN, Verdict.UNKNOWN]


def test_after_the_heal_the_leader_may_take_what_the_other_has_kept(cluster: Cluster) -> None:
    """Pgpool-II itself never calls again; asking has not disturbed it."""
    assert [answer.verdict for answer in cluster.answers["healed"]] == [Verdict.YES, Verdict.NO]
