"""Patroni's callback as a process, with an agent and without, killed by Patroni's own code."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.agent import patroni
from tests.agent.conftest import MakeNode
from tests.agent.node import WITHOUT_FORKS, Node, until
from tests.agent.patroni import Patroni, callback
from tests.agent.test_paths import FILES, Done, held, holder, started
from vipswitch.deadline import SystemClock
from vipswitch.orders import OrderBook

_LONG_ENOUGH_S = 1.0
"""For an order to come to its end that does not wait for an older one."""

needs_patroni = pytest.mark.skipif(bool(patroni.missing()), reason=patroni.missing())


@pytest.fixture(params=["agent", "alone"])
def node(request: pytest.FixtureRequest, make_node: MakeNode) -> Iterator[Node]:
    """A node with VIPs in files, with an agent and without; what outlives a callback ends before it."""
    found = started(make_node(FILES), request.param)
    yield found
    assert until(lambda: not at_work(found)), at_work(found)


@pytest.fixture
def caller(node: Node) -> Iterator[Patroni]:
    """A Patroni on that node, which calls for the VIP `one`."""
    found = Patroni(node.folder, node.surroundings(), ("one",))
    yield found
    found.kill()


def at_work(node: Node) -> list[Path]:
    """The callbacks of this node that run, and the processes that outlive them."""
    return [process for process in Path("/proc").glob("[0-9]*") if _is_callback(process, node)]


def _is_callback(process: Path, node: Node) -> bool:
    try:
        words, env = (process / "cmdline").read_bytes(), (process / "environ").read_bytes()
    except OSError:
        return False
    return b"hooks/patroni" in words and f"VIPSWITCH_RUN_DIR={node.run}".encode() in env


def at_write(node: Node) -> bool:
    """Whether somebody has come as far as a write to the VIP `one`."""
    return OrderBook(node.run, SystemClock()).being_written(f"file:{node.folder / 'one.json'}")


def run(node: Node, *words: str) -> Done:
    """Run a callback to its end."""
    return subprocess.run(
        callback(*words), env=node.surroundings(), capture_output=True, text=True, timeout=30, check=False
    )


def test_the_vip_follows_the_leadership(node: Node) -> None:
    """Nothing on stdout, which is Patroni's own."""
    for action, role, has in [
        ("on_start", "replica", None),
        ("on_role_change", "primary", "here"),
        ("on_restart", "master", "here"),
        ("on_reload", "replica", "here"),
        ("on_stop", "master", None),
        ("on_start", "promoted", "here"),
        ("on_role_change", "demoted", None),
    ]:
        done = run(node, "one", action, role, "pg")
        assert (done.returncode, done.stdout) == (0, ""), done.stderr
        assert until(lambda has=has: holder(node, "one") == has), (action, role)  # type: ignore[misc]


@pytest.mark.parametrize("first", ["one", "two"])
def test_two_vips_do_not_wait_for_each_other(node: Node, first: str) -> None:
    """While the cloud keeps one of them waiting, the other one moves."""
    run(node, "one", "--standby", "two", "on_start", "replica", "pg")
    assert until(lambda: (holder(node, "one"), holder(node, "two")) == (None, "here"))
    other = {"one": "two", "two": "one"}[first]
    with held(node, first):
        running = subprocess.Popen(
            callback("one", "--standby", "two", "on_role_change", "master", "pg"),
            env=node.surroundings(),
            stderr=subprocess.DEVNULL,
        )
        assert until(lambda: holder(node, other) == {"one": "here", "two": None}[other])
    assert running.wait(10) == 0
    assert until(lambda: (holder(node, "one"), holder(node, "two")) == ("here", None))


@pytest.mark.parametrize("allowed", ["0", "1"])
def test_a_callback_without_other_processes_does_it_itself(node: Node, allowed: str) -> None:
    """A machine that is out of memory fails over too; the VIPs move one after the other then."""
    python, *words = callback("one", "--standby", "two", "on_start", "master", "pg")
    done = subprocess.run(
        [python, str(WITHOUT_FORKS), "60", allowed, *words],
        env=node.surroundings(),
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr
    assert (holder(node, "one"), holder(node, "two")) == ("here", None)
    assert "Traceback" not in done.stderr


def test_before_stop_lets_go(node: Node) -> None:
    """Patroni waits for it, so it ends when the host is done."""
    assert run(node, "one", "on_start", "master", "pg").returncode == 0
    with held(node, "one"):
        since = time.monotonic()
        assert run(node, "one", "before_stop").returncode == 0
        assert time.monotonic() - since < 2.0
    assert until(lambda: holder(node, "one") is None)


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["one"],
        ["one", "on_start", "boss", "pg"],
        ["one", "INSTANCE", "VI_1", "MASTER", "100"],
        ["start"],
        ["one", "pre_promote"],
    ],
    ids=" ".join,
)
def test_words_of_somebody_else(node: Node, words: list[str]) -> None:
    """One line that names Patroni's contract, exit 2, and no order."""
    done = run(node, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "Patroni calls this: NAME" in done.stderr
    assert not list(node.run.glob("order-*"))


def test_a_callback_does_not_watch_for_long(node: Node) -> None:
    """Where Patroni may not kill it, the next one waits for it; the order is carried out all the same."""
    with held(node, "one"):
        since = time.monotonic()
        assert run(node, "one", "on_start", "master", "pg").returncode in (5, 6)
        assert time.monotonic() - since < 5.0
    assert until(lambda: holder(node, "one") == "here")


@needs_patroni
@pytest.mark.parametrize(
    ("first", "second", "has"),
    [
        (("on_role_change", "master"), ("on_stop", "master"), None),
        (("on_stop", "master"), ("on_role_change", "replica"), None),
        (("on_stop", "master"), ("on_start", "master"), "here"),
        (("on_start", "replica"), ("on_role_change", "master"), "here"),
    ],
)
def test_the_newest_of_two_callbacks_counts(
    node: Node, caller: Patroni, first: tuple[str, str], second: tuple[str, str], has: str | None
) -> None:
    """The first is killed at its write to the cloud, which it has begun, and gets through later."""
    verbs = {"master": "up", "replica": "down"}
    before, after = ("down" if action == "on_stop" else verbs[role] for action, role in (first, second))
    assert run(node, "one", "on_start", "replica" if before == "up" else "master", "pg").returncode == 0
    with held(node, "one"):
        caller.calls(*first)
        assert until(lambda: node.state("one") == f"{before} pending" and at_write(node)), caller.said
        caller.calls(*second)
        assert until(lambda: node.state("one").startswith(after)), caller.said
        time.sleep(_LONG_ENOUGH_S)
    assert until(lambda: node.state("one") == f"{after} done"), caller.said
    assert holder(node, "one") == has


@needs_patroni
@pytest.mark.parametrize(("action", "has"), [("on_role_change", "here"), ("on_stop", None)])
def test_a_callback_that_is_killed_has_handed_its_order_on(
    node: Node, caller: Patroni, action: str, has: str | None
) -> None:
    """Killed with all its children, for a callback that has nothing to do with the VIP."""
    run(node, "one", "on_start", "replica" if has else "master", "pg")
    with held(node, "one"):
        caller.calls(action, "master")
        assert until(lambda: node.state("one") == f"{'up' if has else 'down'} pending"), caller.said
        caller.runs("/bin/true", "on_start", "replica", "pg")
    assert until(lambda: node.state("one") == f"{'up' if has else 'down'} done"), caller.said
    assert holder(node, "one") == has


@needs_patroni
def test_patroni_stands_behind_the_order(node: Node, caller: Patroni) -> None:
    """As long as it lives; so the agent knows when nobody does any more."""
    caller.calls("on_start", "master")
    assert until(lambda: node.state("one") == "up done"), caller.said
    order = node.order("one")
    assert order is not None
    assert order["asked_by"] == "patroni"
