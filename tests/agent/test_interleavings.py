"""Orders, agents and HA managers that come, stand still and die in the order that hurts most."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.agent.conftest import MakeNode
from tests.agent.node import Agent, Node, until
from tests.agent.pgpool import Hook, Pgpool
from tests.agent.plots import Plot, Plots, environment
from vipswitch import processes
from vipswitch.testing.aws import AwsCloud, Topology

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

A, B, C = 0, 1, 2
SOON = ("--deadline", "1")
"""For a hook that is not going to succeed."""


@pytest.fixture(scope="module")
def node_count() -> int:
    """Three nodes."""
    return 3


@pytest.fixture
def plots(cloud: AwsCloud, ec2: EC2Client, topology: Topology) -> Iterator[Plots]:
    """VIPs in the module's cloud, which is whole again afterwards."""
    yield Plots(cloud, ec2, topology)
    cloud.faults.clear()


@pytest.fixture
def vip(plots: Plots) -> Plot:
    """An Elastic IP that node A holds."""
    found = plots.elastic("db", held_by=A)
    plots.cloud.journal.clear()
    return found


@pytest.fixture
def node(make_node: MakeNode, plots: Plots, vip: Plot) -> Node:
    """Node B."""
    return make_node(vip.config(B), environment(plots.cloud))


def looked(agent: Agent) -> Agent:
    """The agent, once it has looked at its VIP."""
    agent.ready()
    assert until(lambda: "last order here" in agent.said), agent.said
    return agent


def holder(plots: Plots, vip: Plot) -> int | None:
    """The number of the node that holds the VIP."""
    found = plots.holders(vip)[0]
    return vip.interfaces.index(found) if found else None


def writers(plots: Plots, vip: Plot) -> list[int]:
    """Who has taken the VIP since the test began, in order."""
    taken = [call.params for call in plots.cloud.journal.writes() if call.action == "AssociateAddress"]
    return [vip.interfaces.index(params["NetworkInterfaceId"]) for params in taken if vip.meant(params)]


def pending(hook: Hook, node: Node) -> None:
    """The hook has failed for now, and the order has not."""
    assert hook.code() in (5, 6), hook.said
    assert "the agent goes on" in hook.said
    assert node.state("db") == "up pending"


def test_dead_leader_does_not_come_back_with_the_api(make_node: MakeNode, plots: Plots, vip: Plot) -> None:
    """B was elected, could not reach the API, and lost its Pgpool-II: the VIP is C's when the API returns."""
    b, c = (make_node(vip.config(number), environment(plots.cloud)) for number in (B, C))
    agents = [looked(node.agent()) for node in (b, c)]
    plots.cloud.faults.unavailable(None)
    elected = b.pgpool()
    pending(elected.escalates(*b.hook("up", "db", *SOON)), b)
    elected.kill()
    assert until(lambda: b.state("db") == "up failed"), agents[0].said
    pending(c.pgpool().escalates(*c.hook("up", "db", *SOON)), c)
    plots.cloud.faults.clear()
    assert until(lambda: c.state("db") == "up done"), agents[1].said
    assert holder(plots, vip) == C
    assert set(writers(plots, vip)) == {C}
    assert agents[0].process.poll() is None


def test_last_word_of_a_dead_leader_is_its_pgpool(node: Node, plots: Plots, vip: Plot) -> None:
    """A write that waits for the cloud when Pgpool-II dies is not followed by another."""
    agent, pgpool = looked(node.agent()), node.pgpool()
    gate = plots.cloud.faults.hold("AssociateAddress", where=lambda api: vip.meant(api.params))
    pgpool.escalates(*node.hook("up", "db"))
    assert gate.arrived.wait(10.0)
    pgpool.kill()
    assert until(lambda: node.state("db") == "up failed"), agent.said
    gate.release()
    assert until(lambda: writers(plots, vip) == [B])
    assert not until(lambda: len(plots.writes(vip)) > 1, 1.0)


@contextmanager
def standing_still(agent: Agent) -> Iterator[None]:
    """Inside, the agent is stopped."""
    agent.stop()
    try:
        yield
    finally:
        agent.signal(signal.SIGCONT)


def test_agent_that_slept_through_two_orders_does_neither(node: Node, plots: Plots, vip: Plot) -> None:
    """`down` and `up` came while it was stopped, and wait at its socket: the hooks have done them."""
    agent, pgpool = looked(node.agent()), node.pgpool()
    assert pgpool.escalates(*node.hook("up", "db")).code() == 0
    assert node.noted("db", "up done")
    with standing_still(agent):
        assert pgpool.escalates(*node.hook("down", "db")).code() == 0
        assert holder(plots, vip) is None
        up = pgpool.escalates(*node.hook("up", "db"))
        assert up.code() == 0
        before = plots.writes(vip)
    assert pgpool.escalates(*node.hook("up", "unknown")).code() == 2
    assert not until(lambda: plots.writes(vip) != before, 1.0), agent.said
    assert (holder(plots, vip), node.state("db")) == (B, "up done")


@pytest.mark.parametrize("verb", ["up", "down"])
@pytest.mark.parametrize("path", ["agent", "alone"])
def test_hook_that_arrives_late_does_nothing(
    node: Node, plots: Plots, vip: Plot, path: str, verb: str
) -> None:
    """It started first, so its order is the older one; what was decided later stands."""
    if path == "agent":
        looked(node.agent())
    pgpool, other = node.pgpool(), "down" if verb == "up" else "up"
    with late(pgpool, node.hook(verb, "db"), node.folder) as hook:
        time.sleep(0.02)  # two kernel ticks: the other order is younger
        assert pgpool.escalates(*node.hook(other, "db")).code() == 0
        assert node.noted("db", f"{other} done")
        before = (holder(plots, vip), plots.writes(vip))
    assert hook.code() == 4, hook.said
    assert f"a newer `{other}`" in hook.said
    assert (holder(plots, vip), plots.writes(vip)) == before
    assert node.state("db") == f"{other} done"


@contextmanager
def late(pgpool: Pgpool, words: tuple[str, ...], folder: Path) -> Iterator[Hook]:
    """A hook that has started, and begins its work at the end."""
    fifo = folder / "late"
    os.mkfifo(fifo)
    delayed = str(Path(__file__).with_name("delayed.py"))
    hook = pgpool.escalates("/usr/bin/env", "python3", "-I", delayed, str(fifo), *words)
    yield hook
    fifo.write_text("go")


@pytest.mark.parametrize("path", ["agent", "alone"])
def test_up_comes_while_a_down_is_at_its_write(node: Node, plots: Plots, vip: Plot, path: str) -> None:
    """The release that is on the wire frees the place before it is taken, or not at all."""
    pgpool = node.pgpool()
    assert pgpool.escalates(*node.hook("up", "db")).code() == 0
    if path == "agent":
        looked(node.agent())
    gate = plots.cloud.faults.hold("DisassociateAddress")
    down = pgpool.escalates(*node.hook("down", "db"))
    assert gate.arrived.wait(10.0)
    up = pgpool.escalates(*node.hook("up", "db"))
    assert not until(lambda: up.ended, 0.5)
    gate.release()
    assert up.code() == 0, up.said
    assert down.code() in (0, 4), down.said
    assert until(lambda: (holder(plots, vip), node.state("db")) == (B, "up done"))


@pytest.mark.parametrize("path", ["agent", "alone"])
def test_down_comes_while_an_up_is_at_its_write(node: Node, plots: Plots, vip: Plot, path: str) -> None:
    """What the older order has on the wire takes the VIP: the newer one lets go of it again."""
    if path == "agent":
        looked(node.agent())
    pgpool = node.pgpool()
    gate = plots.cloud.faults.hold("AssociateAddress")
    pgpool.escalates(*node.hook("up", "db"))
    assert gate.arrived.wait(10.0)
    down = pgpool.escalates(*node.hook("down", "db"))
    until(lambda: down.ended, 0.7)
    gate.release()
    assert down.code() == 0, down.said
    assert until(lambda: node.state("db") == "down done")
    assert until(lambda: holder(plots, vip) is None)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_pending_order_outlives_its_agent(
    node: Node, plots: Plots, vip: Plot, number: signal.Signals
) -> None:
    """The agent is restarted while the API is down; the next one goes on when it is back."""
    agent, pgpool = looked(node.agent()), node.pgpool()
    plots.cloud.faults.unavailable(None)
    pending(pgpool.escalates(*node.hook("up", "db", *SOON)), node)
    agent.signal(number)
    agent.process.wait(10.0)
    assert node.state("db") == "up pending"
    node.agent().ready()
    plots.cloud.faults.clear()
    assert until(lambda: node.state("db") == "up done")
    assert holder(plots, vip) == B


def test_order_of_a_hook_that_is_gone_is_carried_out(node: Node, plots: Plots, vip: Plot) -> None:
    """It was killed before the agent had even looked at its request."""
    agent, pgpool = looked(node.agent()), node.pgpool()
    with standing_still(agent):
        ghost = pgpool.escalates(*node.ghost("up", "db"))
        assert ghost.code() == -signal.SIGKILL
        assert node.state("db") == ""
    assert until(lambda: node.state("db") == "up done"), agent.said
    assert holder(plots, vip) == B


def test_agent_of_another_version_sends_hooks_home(node: Node, plots: Plots, vip: Plot) -> None:
    """An agent that is newer than the hook says no, and the hook does it itself."""
    node.run.mkdir(mode=0o700)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(node.run / "agent.sock"))
        listener.listen()
        answering = threading.Thread(target=_say_no, args=(listener,))
        answering.start()
        hook = node.pgpool().escalates(*node.hook("up", "db"))
        assert hook.code() == 0, hook.said
        answering.join()
    assert "the agent does not do it: speaks 'vipswitch/1', not vipswitch/2" in hook.said
    assert (holder(plots, vip), node.state("db")) == (B, "up done")


def _say_no(listener: socket.socket) -> None:
    peer, _ = listener.accept()
    with peer:
        peer.recv(4096)
        peer.sendall(b"no speaks 'vipswitch/1', not vipswitch/2\n")


def test_hook_of_another_version_is_sent_home(node: Node) -> None:
    """The agent says no and which version it speaks, and nothing is done."""
    looked(node.agent())
    request = b"vipswitch/2 up\nname db\nby 1 1\nsignature 4711\n\n"
    assert said_to(node, request) == "no speaks 'vipswitch/2', not vipswitch/1\n"
    assert node.state("db") == ""


def said_to(node: Node, request: bytes) -> str:
    """What the agent answers."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as peer:
        peer.settimeout(10.0)
        peer.connect(str(node.run / "agent.sock"))
        peer.sendall(request)
        return peer.makefile().read()


def write_order(node: Node, verb: str, state: str, vip: str = "db", **more: object) -> None:
    """An order file as a process that is gone has left it, for a Pgpool-II that lives."""
    mine = {"pid": os.getpid(), "started": processes.me().started}
    order = {
        "vip": vip,
        "verb": verb,
        "by": {"pid": 4711, "started": 4711},
        "caller": mine,
        "runner": mine,
        "worker": {"pid": 4711, "started": 4711},
        "asked_by": "pgpool",
        "boot_id": processes.boot_id(),
        "taken_s": time.clock_gettime(time.CLOCK_BOOTTIME),
        "state": state,
        "first_seen": {},
    }
    node.run.mkdir(mode=0o700, exist_ok=True)
    (node.run / f"order-{vip}").write_text(json.dumps(order | more))


@pytest.mark.parametrize("state", ["pending", "done", "failed"])
@pytest.mark.parametrize("verb", ["up", "down"])
def test_no_order_survives_a_reboot(node: Node, plots: Plots, vip: Plot, verb: str, state: str) -> None:
    """The run folder is kept by mistake, and pids come back: the boot id tells."""
    before = holder(plots, vip)
    write_order(node, verb, state, boot_id="00000000-0000-0000-0000-000000000000")
    agent = looked(node.agent())
    assert "last order here: none" in agent.said
    assert not until(lambda: plots.writes(vip), 0.3)
    assert holder(plots, vip) == before


def test_without_the_reboot_it_would_have_been_carried_out(node: Node, plots: Plots, vip: Plot) -> None:
    """The same file with this boot's id: the test above would notice."""
    write_order(node, "up", "pending")
    node.agent().ready()
    assert until(lambda: node.state("db") == "up done")
    assert holder(plots, vip) == B


def test_orders_of_an_earlier_boot_do_not_outrank_new_ones(node: Node, plots: Plots, vip: Plot) -> None:
    """Generations count from each boot anew: an old one may be the greater number."""
    write_order(node, "down", "done", boot_id="x", by={"pid": 1, "started": 2**50})
    looked(node.agent())
    hook = node.pgpool().escalates(*node.hook("up", "db"))
    assert hook.code() == 0, hook.said
    assert holder(plots, vip) == B
