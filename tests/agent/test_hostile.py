"""Peers that mean no good: none can block, crash or use the agent while a real order goes through."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.agent.attackers import ATTACKS, attempted
from tests.agent.conftest import MakeNode
from tests.agent.node import Agent, Node, until

CONFIG = """
[vip.db]
address  = "10.99.0.50"
provider = "file"
path     = "FOLDER/vip.json"
node     = "here"
"""

ATTACKERS = Path(__file__).with_name("attackers.py")
ORDERS = 15
GROWTH_MB = 16.0
SLOWER = 6.0
"""The attackers take a core from two; the agent must not add to that by standing in a queue."""


@pytest.fixture
def node(make_node: MakeNode) -> Node:
    """A node with one VIP in a file."""
    return make_node(CONFIG)


@pytest.fixture
def agent(node: Node) -> Agent:
    """Its agent, which has carried out one order."""
    agent = node.agent().ready()
    ordered(node)
    assert until((node.run / "history.jsonl").exists)
    return agent


def ordered(node: Node) -> float:
    """How many seconds a real `up` took, from the start of its hook to its end."""
    began = time.monotonic()
    hook = subprocess.run(
        [*node.hook("up", "db"), "-v"], env=node.surroundings(), capture_output=True, text=True, timeout=30
    )
    assert hook.returncode == 0, hook.stderr
    took = time.monotonic() - began
    assert "step=" in hook.stderr
    assert "not by the agent" not in hook.stderr
    return took


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_harms_nobody(node: Node, agent: Agent, name: str) -> None:
    """It is answered or cut off; the agent goes on, no larger, with no file more, and has done nothing."""
    files, memory, before = agent.open_files(), agent.peak_mb(), left_behind(node)
    order = node.order("db")
    attempted(ATTACKS[name], str(node.run / "agent.sock"))
    assert node.order("db") == order
    ordered(node)
    assert until(lambda: agent.open_files() <= files, 5.0), (files, agent.open_files())
    assert agent.peak_mb() - memory < GROWTH_MB
    assert left_behind(node) == before
    assert "Traceback" not in agent.said
    assert agent.process.poll() is None


def left_behind(node: Node) -> set[str]:
    """The names in the node's folders."""
    return {str(path) for path in node.folder.rglob("*") if "stderr" not in path.name}


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else")
def test_stranger_is_told_so_and_nothing_else(node: Node, agent: Agent) -> None:
    """The kernel says who it is; that the socket lets it in, by a mistake in its mode, is not enough."""
    node.run.chmod(0o711)
    (node.run / "agent.sock").chmod(0o666)
    folder = os.open(node.run, os.O_PATH)
    words = [sys.executable, "-I", "-S", "-c", STRANGER, str(folder)]
    done = subprocess.run(words, pass_fds=[folder], capture_output=True, text=True, check=True)
    os.close(folder)
    assert done.stdout == "no not allowed to give orders, see [agent] users and groups\n", done.stderr
    assert not (node.run / "paused-db").exists()


STRANGER = """
import os, socket, sys
os.fchdir(int(sys.argv[1]))
os.setgroups([])
os.setresgid(65534, 65534, 65534)
os.setresuid(65534, 65534, 65534)
peer = socket.socket(socket.AF_UNIX)
peer.connect("agent.sock")
try:
    peer.sendall(b"vipswitch/1 pause\\nname db\\nby 1 1\\n\\n")
except BrokenPipeError:
    pass  # it has been sent away before it could ask
os.write(1, peer.recv(4096))
"""


@contextmanager
def under_attack(node: Node, *names: str) -> Iterator[None]:
    """Inside, these attacks are made again and again."""
    words = [sys.executable, str(ATTACKERS), str(node.run / "agent.sock"), *names]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as attackers:
        assert attackers.stdout is not None
        assert attackers.stdout.readline() == b"attacking\n"
        yield
        assert attackers.poll() is None


@pytest.mark.timed
def test_real_orders_take_their_usual_time(node: Node, agent: Agent) -> None:
    """Side by side, with all attackers at once and without; afterwards the agent is as it was."""
    files, memory = agent.open_files(), agent.peak_mb()
    quiet = statistics.median(ordered(node) for _ in range(ORDERS))
    with under_attack(node, *ATTACKS):
        time.sleep(0.5)
        attacked = statistics.median(ordered(node) for _ in range(ORDERS))
    print(f"\nan order takes {quiet * 1000:.0f} ms, and {attacked * 1000:.0f} ms among attackers")
    assert attacked < SLOWER * quiet
    assert until(lambda: agent.open_files() <= files, 5.0), (files, agent.open_files())
    assert agent.peak_mb() - memory < GROWTH_MB
    assert node.state("db") == "up done"
