"""What an agent lives through: its config is read again, it is paused, and what it must not take is free."""

from __future__ import annotations

import fcntl
import json
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from tests.agent.conftest import MakeNode, maker
from tests.agent.node import BIN, Agent, Node, until

VIP = """
[vip.{name}]
address  = "10.99.0.{number}"
provider = "file"
path     = "FOLDER/{file}.json"
node     = "here"
"""


def vips(*names: str, **files: str) -> str:
    """A config with these VIPs, each in a file that is called like it, or otherwise."""
    given = ((number, name, files.get(name, name)) for number, name in enumerate(names, 10))
    return "".join(
        VIP.replace("{name}", name).replace("{number}", str(number)).replace("{file}", file)
        for number, name, file in given
    )


def holder(node: Node, file: str) -> str | None:
    """Who holds the VIP in that file."""
    path = node.folder / f"{file}.json"
    return json.loads(path.read_text())[f"{file}.json:file"]["holder"] if path.exists() else None


def take_away(node: Node, file: str) -> None:
    """Nobody holds the VIP any more, as if somebody had deleted its route."""
    gone = {f"{file}.json:file": {"holder": None, "version": 1000}}
    (node.folder / f"{file}.json").write_text(json.dumps(gone))


def changed(node: Node, config: str) -> None:
    """Another config, in one step."""
    draft = node.folder / "draft.toml"
    draft.write_text(config.replace("FOLDER", str(node.folder)))
    draft.replace(node.config)


def read_again(agent: Agent) -> None:
    """Let it read its config, and wait until it has."""
    before = agent.said.count("config")
    agent.signal(signal.SIGHUP)
    assert until(lambda: agent.said.count("config") > before), agent.said


def asked(node: Node, *words: str) -> None:
    """A person asks something of the agent."""
    subprocess.run([str(BIN / "vipswitch"), *words], env=node.surroundings(), check=True, timeout=20)


@contextmanager
def held(node: Node, file: str) -> Iterator[None]:
    """Inside, no write to the file gets through."""
    with open(node.folder / f"{file}.json.lock", "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.mark.parametrize(
    "broken", ["[vip", "[vip.db]\nprovider = 'fiel'\n", ""], ids=["toml", "vip", "empty"]
)
def test_broken_config_keeps_the_old_one(make_node: MakeNode, broken: str) -> None:
    """The mistake is said, and the VIP is looked after as before."""
    node = make_node(vips("db"))
    agent = node.agent().ready()
    changed(node, broken)
    read_again(agent)
    assert "the config is not used, the one before stays" in agent.said
    hook = node.pgpool().escalates(*node.hook("up", "db"))
    assert hook.code() == 0, hook.said
    assert holder(node, "db") == "here"


def test_order_of_the_old_config_runs_on(make_node: MakeNode) -> None:
    """It is finished as it was begun; the next one is for the VIP as the config has it now."""
    node = make_node(vips("db"))
    agent, pgpool = node.agent().ready(), node.pgpool()
    with held(node, "db"):
        old = pgpool.escalates(*node.hook("up", "db"))
        assert until(lambda: node.state("db") == "up pending")
        changed(node, vips("db", db="new"))
        read_again(agent)
        assert not old.ended
    assert old.code() == 0, old.said
    assert (holder(node, "db"), holder(node, "new")) == ("here", None)
    assert pgpool.escalates(*node.hook("up", "db")).code() == 0
    assert holder(node, "new") == "here"


def test_agent_hears_everybody_while_it_reads_its_config(make_node: MakeNode) -> None:
    """Who asks for a VIP that comes and goes with the config is heard or not, and harms nobody."""
    node = make_node(vips("db", "extra"))
    agent, over = node.agent().ready(), threading.Event()

    def ask_on() -> None:
        while not over.is_set():
            said_to(node, b"vipswitch/1 pause\nname extra\nby 1 1\n\n")

    busy = [threading.Thread(target=ask_on) for _ in range(2)]
    for thread in busy:
        thread.start()
    for round_ in range(20):
        changed(node, vips("db") if round_ % 2 else vips("db", "extra"))
        read_again(agent)
    over.set()
    for thread in busy:
        thread.join()
    assert "Traceback" not in agent.said
    assert said_to(node, b"vipswitch/1 resume\nname db\nby 1 1\n\n").endswith("exit 0\n")


def said_to(node: Node, request: bytes) -> str:
    """What the agent answers; empty when it does not."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as peer:
        peer.settimeout(2.0)
        try:
            peer.connect(str(node.run / "agent.sock"))
            peer.sendall(request)
            return peer.makefile().read()
        except OSError:
            return ""


def test_paused_vip_takes_orders(make_node: MakeNode) -> None:
    """Only healing is suspended; also an order that a killed agent has left is finished."""
    node = make_node(vips("db"))
    agent, pgpool = node.agent().ready(), node.pgpool()
    asked(node, "pause", "db")
    assert pgpool.escalates(*node.hook("up", "db")).code() == 0
    assert holder(node, "db") == "here"
    with held(node, "db"):
        pgpool.escalates(*node.ghost("down", "db"))
        assert until(lambda: node.state("db") == "down pending")
        agent.kill()
    node.agent().ready()
    assert until(lambda: node.state("db") == "down done")
    assert holder(node, "db") is None


@pytest.fixture(scope="module")
def healed() -> Iterator[tuple[Node, Agent]]:
    """A node whose VIPs were taken from it, after its agent has healed the one that it should."""
    with ExitStack() as stack:
        node = maker(stack)(vips("dead", "paused", "resumed", "watched"))
        agent, pgpool, dead = node.agent().ready(), node.pgpool(), node.pgpool()
        assert dead.escalates(*node.hook("up", "dead")).code() == 0
        dead.kill()
        asked(node, "pause", "paused", "resumed")
        asked(node, "resume", "resumed")
        for name in ("paused", "resumed", "watched"):
            assert pgpool.escalates(*node.hook("up", name)).code() == 0
        agent.kill()
        agent = node.agent().ready()
        for name in ("dead", "paused", "resumed", "watched"):
            assert holder(node, name) == "here"
            take_away(node, name)
        assert until(lambda: {holder(node, n) for n in ("watched", "resumed")} == {"here"}, 30.0), agent.said
        time.sleep(1.0)
        yield node, agent


def test_agent_takes_nothing_for_a_dead_pgpool(healed: tuple[Node, Agent]) -> None:
    """Another node was stopped as planned and let go; the last order here is `up`, with nobody behind it."""
    node, agent = healed
    assert "dead: nobody; last order here: up, caller gone" in agent.said
    assert holder(node, "dead") is None


def test_nothing_is_healed_while_paused(healed: tuple[Node, Agent]) -> None:
    """Not even after a restart of the agent; what was resumed is healed like any other."""
    node, agent = healed
    assert holder(node, "paused") is None
    assert "paused: nobody" not in agent.said
