"""`vipswitch follow` as people run it: real processes on a real etcd, with an agent and without."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

pytest.importorskip("etcd3gw", reason="etcd3gw is not installed: pip install 'vipswitch[etcd]'")

from tests.agent.conftest import MakeNode, make_node
from tests.agent.node import BIN, Node, until
from tests.follow.etcd import Etcd, etcd, needs_etcd

__all__ = ["make_node"]

pytestmark = needs_etcd

CONFIG = """
[vip.one]
address  = "10.99.0.51"
provider = "file"
path     = "SHARED/one.json"
node     = "NODE"
follow   = "cluster"

[vip.two]
address  = "10.99.0.52"
provider = "file"
path     = "SHARED/two.json"
node     = "NODE"

[follow.cluster]
kind       = "etcd"
endpoints  = ["ENDPOINT"]
key        = "KEY"
interval_s = 0.5
"""

SOON_S = 60.0


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Etcd]:
    """One member."""
    with etcd(tmp_path_factory.mktemp("etcd"), 1) as started:
        yield started


@dataclass
class Cluster:
    """Nodes that share VIPs in files, and a leader key of their own."""

    store: Etcd
    key: str
    shared: Path
    make: MakeNode
    with_agents: bool
    followers: list[Follower] = field(default_factory=list)

    def elect(self, name: str) -> None:
        self.store.put(self.key, name)

    def holder(self, vip: str = "one") -> str | None:
        """Who holds a VIP."""
        file = self.shared / f"{vip}.json"
        found = json.loads(file.read_text())[f"{vip}.json:file"]["holder"] if file.exists() else None
        assert found is None or isinstance(found, str)
        return found

    def node(self, name: str, more: str = "", change: Callable[[str], str] = lambda text: text) -> Node:
        """A node with its config, and an agent perhaps."""
        text = CONFIG.replace("SHARED", str(self.shared)).replace("NODE", name).replace("KEY", self.key)
        node = self.make(change(text.replace("ENDPOINT", self.store.endpoints[0])) + more)
        if self.with_agents:
            node.agent().ready()
        return node

    def follower(self, name: str, more: str = "", **given: Callable[[str], str]) -> Follower:
        """A follower on a node of its own, which follows already."""
        return self.on(self.node(name, more, **given), name)

    def on(self, node: Node, name: str) -> Follower:
        """A follower on that node."""
        log = node.folder / f"follow-{len(self.followers)}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [str(BIN / "vipswitch"), "follow", "--member", name],
                env=node.surroundings(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        follower = Follower(name, node, process, log)
        self.followers.append(follower)
        begun = until(lambda: "follows cluster" in follower.said or process.poll() is not None, SOON_S)
        assert begun, follower.said
        assert process.poll() is None, follower.said
        return follower


@dataclass
class Follower:
    """A `vipswitch follow` that runs, or has run."""

    name: str
    node: Node
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def said(self) -> str:
        """Its log so far."""
        return self.log.read_text(errors="replace")

    def state(self, vip: str = "one") -> str:
        """How far this node's last order for a VIP got."""
        return self.node.state(vip)

    def gave(self, vip: str = "one") -> bool:
        """Whether the last order for a VIP is this process's."""
        order = self.node.order(vip)
        by = order["by"] if order else {}
        return isinstance(by, dict) and by.get("pid") == self.process.pid

    def looked(self, times: int = 2) -> None:
        """Wait for so many further looks, as long as they take at least."""
        time.sleep(times * 0.7)


@contextmanager
def made(store: Etcd, folder: Path, make: MakeNode, *, with_agents: bool) -> Iterator[Cluster]:
    """A cluster whose followers end with it."""
    cluster = Cluster(store, f"/test/{folder.name}/boss", folder, make, with_agents)
    try:
        yield cluster
    finally:
        for follower in cluster.followers:
            follower.process.send_signal(signal.SIGCONT)
            follower.process.kill()
            follower.process.wait()


@pytest.fixture(params=["agent", pytest.param("alone", marks=pytest.mark.full)])
def cluster(
    request: pytest.FixtureRequest, store: Etcd, tmp_path: Path, make_node: MakeNode
) -> Iterator[Cluster]:
    """Nodes with an agent; in the full run also without, which is otherwise seen where it matters."""
    with made(store, tmp_path, make_node, with_agents=request.param == "agent") as cluster:
        yield cluster


@pytest.fixture
def alone(store: Etcd, tmp_path: Path, make_node: MakeNode) -> Iterator[Cluster]:
    """Nodes without an agent."""
    with made(store, tmp_path, make_node, with_agents=False) as cluster:
        yield cluster


@pytest.fixture
def helped(store: Etcd, tmp_path: Path, make_node: MakeNode) -> Iterator[Cluster]:
    """Nodes with an agent."""
    with made(store, tmp_path, make_node, with_agents=True) as cluster:
        yield cluster


def test_vip_goes_where_the_leader_is(cluster: Cluster) -> None:
    """From election to election; the history and `status` know who asked."""
    cluster.elect("a")
    a, b = cluster.follower("a"), cluster.follower("b")
    assert until(lambda: (cluster.holder(), a.state()) == ("a", "up done"), SOON_S), a.said
    assert until(lambda: b.state() == "down done", SOON_S), b.said
    cluster.elect("b")
    assert until(lambda: (cluster.holder(), b.state()) == ("b", "up done"), SOON_S), b.said
    assert until(lambda: a.state() == "down done", SOON_S), a.said
    words = [str(BIN / "vipswitch"), "status", "one"]
    told = subprocess.run(words, env=b.node.surroundings(), capture_output=True, text=True, timeout=30)
    assert "up for follow: done" in told.stdout
    assert cluster.holder("two") is None
    history = (b.node.run / "history.jsonl").read_text()
    assert ('"path":"agent"' in history) == cluster.with_agents
    assert '"follow"' in history


def test_lease_that_has_ended_takes_the_vip_away(cluster: Cluster) -> None:
    """Nobody leads, and etcd says so."""
    lease = cluster.store.lend(cluster.key, "a", ttl_s=600)
    a = cluster.follower("a")
    assert until(lambda: cluster.holder() == "a", SOON_S), a.said
    lease.revoke()
    assert until(lambda: (cluster.holder(), a.state()) == (None, "down done"), SOON_S), a.said


def test_outage_changes_nothing(cluster: Cluster, store: Etcd) -> None:
    """Unknown is not no: the VIP stays, and what was elected meanwhile is followed afterwards."""
    cluster.elect("a")
    a, b = cluster.follower("a"), cluster.follower("b")
    assert until(lambda: cluster.holder() == "a" and b.state() == "down done", SOON_S), a.said
    with killed(store):
        assert until(lambda: "unknown" in a.said and "unknown" in b.said, SOON_S), a.said
        a.looked()
        assert (cluster.holder(), a.state(), b.state()) == ("a", "up done", "down done")
    cluster.elect("b")
    assert until(lambda: cluster.holder() == "b" and a.state() == "down done", SOON_S), b.said


def test_drop_after_some_seconds_of_unknown(alone: Cluster, store: Etcd) -> None:
    """Where that is wished; the leader takes it again when it is known."""
    alone.elect("a")
    drop = "interval_s = 0.5\ndrop_after_s = 5.0"
    a = alone.follower("a", change=lambda text: text.replace("interval_s = 0.5", drop))
    assert until(lambda: alone.holder() == "a", SOON_S), a.said
    with killed(store):
        since = time.monotonic()
        assert until(lambda: a.state() == "down done", SOON_S), a.said
        assert time.monotonic() - since > 4.0
        assert alone.holder() is None
    assert until(lambda: alone.holder() == "a", SOON_S), a.said


@contextmanager
def killed(store: Etcd) -> Iterator[None]:
    """Inside, etcd is dead; afterwards it is there again, with what it had."""
    store.members[0].kill()
    try:
        yield
    finally:
        store.members[0].start()
        store.ready()


def test_end_of_the_follower_is_no_failover(cluster: Cluster) -> None:
    """An upgrade keeps the VIP; the next one finds it here, and asks for nothing but to see it."""
    cluster.elect("a")
    a = cluster.follower("a")
    assert until(lambda: a.state() == "up done", SOON_S), a.said
    a.process.send_signal(signal.SIGTERM)
    assert a.process.wait(20) == 0, a.said
    before = (cluster.shared / "one.json").read_text()
    again = cluster.on(a.node, "a")
    assert until(lambda: again.gave() and again.state() == "up done", SOON_S), again.said
    assert (cluster.shared / "one.json").read_text() == before


def test_follower_that_slept_through_an_election_takes_nothing(cluster: Cluster) -> None:
    """It wakes up with the news that it leads, and looks again first."""
    cluster.elect("a")
    a, b = cluster.follower("a"), cluster.follower("b")
    assert until(lambda: cluster.holder() == "a" and b.state() == "down done", SOON_S), a.said
    a.process.send_signal(signal.SIGSTOP)
    cluster.elect("b")
    assert until(lambda: cluster.holder() == "b", SOON_S), b.said
    time.sleep(2.5)
    ups = a.said.count("one: up")
    a.process.send_signal(signal.SIGCONT)
    assert until(lambda: a.state() == "down done", SOON_S), a.said
    assert a.said.count("one: up") == ups
    assert cluster.holder() == "b"


def test_config_is_read_again(alone: Cluster) -> None:
    """A mistake is told and changes nothing; a VIP more is followed at once."""
    alone.elect("a")
    a = alone.follower("a")
    assert until(lambda: a.state() == "up done", SOON_S), a.said
    good = a.node.config.read_text()
    a.node.config.write_text(good + "\n[follow.x]\nkind = 7\n")
    a.process.send_signal(signal.SIGHUP)
    assert until(lambda: "the config is not used" in a.said, SOON_S), a.said
    alone.elect("b")
    assert until(lambda: a.state() == "down done", SOON_S), a.said
    alone.elect("a")
    assert until(lambda: a.state() == "up done", SOON_S), a.said
    both = good.replace('two.json"', 'two.json"\nfollow = "cluster"')
    a.node.config.write_text(both)
    a.process.send_signal(signal.SIGHUP)
    assert until(lambda: (alone.holder(), alone.holder("two")) == ("a", "a"), SOON_S), a.said


def test_order_that_failed_is_given_again(alone: Cluster) -> None:
    """Without an agent nobody else would."""
    alone.elect("a")
    place = alone.shared / "later"
    a = alone.follower("a", change=lambda text: text.replace("/one.json", "/later/one.json"))
    assert until(lambda: a.state() == "up failed", SOON_S), a.said
    place.mkdir()
    assert until(lambda: a.state() == "up done", SOON_S), a.said
    assert "one: up again" in a.said


def test_up_that_is_not_done_is_withdrawn_in_an_outage(helped: Cluster, store: Etcd) -> None:
    """The agent would go on with it for ten minutes, whoever leads by then."""
    helped.elect("a")
    place = helped.shared / "later"
    a = helped.follower("a", change=lambda text: text.replace("/one.json", "/later/one.json"))
    assert until(lambda: a.state() == "up pending", SOON_S), a.said
    with killed(store):
        assert until(lambda: a.state().startswith("down"), SOON_S), a.said
        place.mkdir()
        assert until(lambda: a.state() == "down done", SOON_S), a.said
    assert until(lambda: a.state() == "up done", SOON_S), a.said


def test_word_of_a_person_stands_until_the_next_election(cluster: Cluster) -> None:
    """The follower does not fight whoever is at work on its node."""
    cluster.elect("a")
    a = cluster.follower("a")
    assert until(lambda: a.state() == "up done", SOON_S), a.said
    words = [str(BIN / "vipswitch"), "down", "one"]
    subprocess.run(words, env=a.node.surroundings(), check=True, capture_output=True, timeout=30)
    a.looked()
    assert (cluster.holder(), a.state()) == (None, "down done")
    cluster.elect("b")
    assert until(lambda: "another node leads" in a.said, SOON_S), a.said
    cluster.elect("a")
    assert until(lambda: cluster.holder() == "a", SOON_S), a.said


def test_agent_that_dies_is_not_missed(helped: Cluster) -> None:
    """The follower does the work itself."""
    helped.elect("a")
    a = helped.follower("a")
    assert until(lambda: a.state() == "up done", SOON_S), a.said
    for agent in a.node._agents:
        agent.kill()
    helped.elect("b")
    assert until(lambda: (helped.holder(), a.state()) == (None, "down done"), SOON_S), a.said


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["nosuch"], "nosuch: no VIP of that name or address"),
        (["two"], "vip.two follows nobody"),
        (["--route-tables", "rtb-1"], "--route-tables: not a flag of `vipswitch follow`"),
        (["--config", "/nowhere.toml"], "/nowhere.toml: no such file"),
    ],
)
def test_wrong_words_are_told_and_nothing_is_followed(alone: Cluster, words: list[str], told: str) -> None:
    """Exit 2, as for every other command."""
    node = alone.node("a")
    done = subprocess.run(
        [str(BIN / "vipswitch"), "follow", *words],
        env=node.surroundings(),
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr


def test_follower_is_light_and_idle(helped: Cluster) -> None:
    """It waits, and with an agent it has loaded no provider's SDK."""
    helped.elect("a")
    a = helped.follower("a")
    assert until(lambda: a.state() == "up done", SOON_S), a.said
    ticks = _cpu_ticks(a.process.pid)
    a.looked(5)
    assert _cpu_ticks(a.process.pid) - ticks < 50
    status = Path(f"/proc/{a.process.pid}/status").read_text()
    peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    print(f"peak {peak / 1024:.0f} MiB")
    assert peak < 80 * 1024


def _cpu_ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])
