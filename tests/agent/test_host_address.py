"""The host's address, for real: an agent and hooks in a network namespace, with an interface of its own."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from tests.agent.conftest import MakeNode
from tests.agent.node import ROOT, STARTED, Node, until
from tests.agent.space import ABLE, UNABLE, one_interface
from vipswitch.testing.fabric.namespaces import Namespace

pytestmark = pytest.mark.skipif(not ABLE, reason=UNABLE)

CONFIG = """
[vip.db]
address   = "10.99.0.50"
provider  = "local"
interface = "eth0"
"""


@pytest.fixture
def namespace() -> Iterator[Namespace]:
    """With one interface."""
    with one_interface("address") as space:
        yield space


@pytest.fixture
def node(make_node: MakeNode, namespace: Namespace) -> Node:
    """A node whose VIP is nothing but the address."""
    return make_node(CONFIG, prefix=("ip", "netns", "exec", namespace.name))


def has_address(namespace: Namespace) -> bool:
    return "10.99.0.50" in namespace.ip("-4", "addr", "show", "dev", "eth0")


@pytest.mark.parametrize("last", ["up", "down"])
def test_address_is_as_the_last_order_says(node: Node, namespace: Namespace, last: str) -> None:
    """The agent stood still during two orders, which the hooks carried out; then it does nothing."""
    agent, pgpool = node.agent().ready(), node.pgpool()
    first = "down" if last == "up" else "up"
    assert pgpool.escalates(*node.hook(last, "db")).code() == 0
    assert has_address(namespace) == (last == "up")
    assert node.noted("db", f"{last} done")
    agent.stop()
    for verb in (first, last):
        hook = pgpool.escalates(*node.hook(verb, "db"))
        assert hook.code() == 0, hook.said
        assert has_address(namespace) == (verb == "up")
    before = agent.said
    agent.signal(signal.SIGCONT)
    assert pgpool.escalates(*node.hook("up", "unknown")).code() == 2
    assert not until(lambda: has_address(namespace) != (last == "up"), 0.5)
    assert node.state("db") == f"{last} done"
    assert "step=" not in agent.said.removeprefix(before)


def test_address_of_an_order_that_killed_its_agent(node: Node, namespace: Namespace) -> None:
    """The agent dies as it has taken a `down`, and the address survives it; the next agent takes it off."""
    pgpool = node.pgpool()
    assert pgpool.escalates(*node.hook("up", "db")).code() == 0
    agent = node.agent(PYTHONPATH=f"{STARTED}:{ROOT}", DIE_AT_RENAME="after 1").ready()
    assert pgpool.escalates(*node.ghost("down", "db")).code() == -signal.SIGKILL
    assert agent.process.wait(20.0) == -signal.SIGKILL
    assert (node.state("db"), has_address(namespace)) == ("down pending", True)
    node.agent().ready()
    assert until(lambda: node.state("db") == "down done")
    assert not has_address(namespace)
