"""A hook does the same with an agent and without: the same tests for both.

Where they differ on purpose: a hook that is stopped by a signal leaves its order to the agent, and without
one nothing more is written, unless it was told to detach; each step is said without `-v` too where no agent
has a log of its own.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from tests.agent.conftest import MakeNode
from tests.agent.node import Node, until
from tests.agent.plots import Plot, Plots, environment
from vipswitch.testing.aws import AwsCloud, Topology

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

FILES = """
[vip.one]
address  = "10.99.0.51"
provider = "file"
path     = "FOLDER/one.json"
node     = "here"

[vip.two]
address  = "10.99.0.52"
provider = "file"
path     = "FOLDER/two.json"
node     = "here"

[vip.broken]
address  = "10.99.0.53"
provider = "file"
path     = "FOLDER/v.toml/never.json"
node     = "here"

[group.both]
vips = ["one", "two"]

[group.mixed]
vips = ["one", "broken"]
"""


@pytest.fixture(scope="module")
def node_count() -> int:
    """The one that holds the VIP, this one, and a third."""
    return 3


@pytest.fixture(params=["agent", "alone"])
def path(request: pytest.FixtureRequest) -> str:
    """Whether there is an agent."""
    found: str = request.param
    return found


@pytest.fixture
def node(make_node: MakeNode, path: str) -> Node:
    """A node with VIPs in files."""
    return started(make_node(FILES), path)


def started(node: Node, path: str) -> Node:
    """The node, with an agent perhaps."""
    if path == "agent":
        agent = node.agent().ready()
        vips = node.config.read_text().count("[vip.")
        assert until(lambda: agent.said.count("last order here") == vips), agent.said
    return node


@pytest.fixture
def plots(cloud: AwsCloud, ec2: EC2Client, topology: Topology) -> Iterator[Plots]:
    """VIPs in the module's cloud, which is whole again afterwards."""
    yield Plots(cloud, ec2, topology)
    cloud.faults.clear()


@pytest.fixture
def vip(plots: Plots) -> Plot:
    """An Elastic IP that the first node holds."""
    return plots.elastic("db", held_by=0)


@pytest.fixture
def cloudy(make_node: MakeNode, plots: Plots, vip: Plot, path: str) -> Node:
    """The second node, with that VIP."""
    return started(make_node(vip.config(1), environment(plots.cloud)), path)


Done = subprocess.CompletedProcess[str]


def run(node: Node, verb: str, *words: str, **more: str) -> Done:
    """Run a hook to its end."""
    return subprocess.run(
        node.hook(verb, *words), env=node.surroundings(**more), capture_output=True, text=True, timeout=30
    )


def began(node: Node, verb: str, *words: str) -> subprocess.Popen[bytes]:
    """A hook that runs."""
    return subprocess.Popen(
        node.hook(verb, *words),
        env=node.surroundings(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        process_group=0,
    )


def holder(node: Node, file: str) -> str | None:
    """Who holds the VIP in that file."""
    found = node.folder / f"{file}.json"
    return json.loads(found.read_text())[f"{file}.json:file"]["holder"] if found.exists() else None


@contextmanager
def held(node: Node, file: str) -> Iterator[None]:
    """Inside, no write to the file gets through."""
    with open(node.folder / f"{file}.json.lock", "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def writing(node: Node) -> bool:
    """Whether an order has come as far as its write."""
    return any(node.run.glob("object-*"))


def by_agent(node: Node) -> bool:
    """Whether the agent was asked at all: it writes the history of what it does as its own."""
    history = node.run / "history.jsonl"
    return history.exists() and '"path":"agent"' in history.read_text()


def test_done(node: Node, path: str) -> None:
    """Exit 0, nothing on stdout, the VIP where it should be; the agent has done it, if there is one."""
    up = run(node, "up", "one")
    assert (up.returncode, up.stdout, holder(node, "one")) == (0, "", "here"), up.stderr
    down = run(node, "down", "10.99.0.51")
    assert (down.returncode, down.stdout, holder(node, "one")) == (0, "", None), down.stderr
    assert until(lambda: by_agent(node) == (path == "agent"), 2.0)


def test_each_step_is_said_when_asked_for(node: Node) -> None:
    """On stderr; stdout is a pipe that Pgpool-II does not read."""
    done = run(node, "up", "one", "-v")
    assert (done.returncode, done.stdout) == (0, "")
    assert "step=claim one.json:file done" in done.stderr
    assert "step=read 1 place" in done.stderr


def test_group_is_all_its_vips(node: Node) -> None:
    """By one name; the address of one of them is that one only."""
    assert run(node, "up", "both").returncode == 0
    assert (holder(node, "one"), holder(node, "two")) == ("here", "here")
    assert run(node, "down", "10.99.0.51").returncode == 0
    assert (holder(node, "one"), holder(node, "two")) == (None, "here")


def test_group_is_as_good_as_its_worst(node: Node) -> None:
    """One VIP cannot be moved: the other one is, and the exit code is that of the failure."""
    done = run(node, "up", "mixed", "--deadline", "2")
    assert (done.returncode, holder(node, "one")) == (7, "here"), done.stderr


WRONG = {
    "nothing": ([], "arguments are required"),
    "two names": (["one", "two"], "expected one address"),
    "unknown vip": (["10.99.9.9"], "no VIP of that name or address"),
    "unknown flag": (["one", "--no-such", "x"], "no-such"),
    "a path": (["../../one"], "no VIP of that name or address"),
    "dry run": (["one", "--dry-run"], "a hook always acts"),
    "no config": (["one", "--config", "/nowhere.toml"], "no such file"),
    **{
        f"deadline {value}": (["one", "--deadline", value], "seconds")
        for value in ("x", "nan", "inf", "0", "-1", "5000", "1e300", "")
    },
}


@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_words(node: Node, wrong: str) -> None:
    """Exit 2, the mistake on stderr, nothing on stdout and nothing done."""
    words, said = WRONG[wrong]
    done = run(node, "up", *words)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert said in done.stderr
    assert node.state("one") == ""


@pytest.mark.parametrize("told", ["flag", "environment"])
def test_other_config_is_the_one_that_is_used(node: Node, told: str) -> None:
    """A hook that was told of another config than the agent's moves the VIP of that one."""
    other = node.folder / "other.toml"
    other.write_text(node.config.read_text().replace("one.json", "other.json"))
    if told == "flag":
        done = run(node, "up", "one", "--config", str(other))
    else:
        done = run(node, "up", "one", VIPSWITCH_CONFIG=str(other))
    assert done.returncode == 0, done.stderr
    assert (holder(node, "one"), holder(node, "other")) == (None, "here")


def test_inherited_descriptors_are_closed(node: Node) -> None:
    """While the hook waits, whoever reads the other end of a leaked pipe sees its end."""
    ours, leaked = os.pipe()
    with held(node, "one"):
        hook = subprocess.Popen(
            node.hook("up", "one"),
            env=node.surroundings(),
            pass_fds=[leaked],
            stderr=subprocess.DEVNULL,
        )
        os.close(leaked)
        assert os.read(ours, 1) == b""
        os.close(ours)
        assert until(lambda: writing(node))
        assert hook.poll() is None
    assert hook.wait(20) == 0


@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (0, 1, 2)])
def test_closed_standard_descriptors_do_no_harm(node: Node, closed: tuple[int, ...]) -> None:
    """A daemon may have closed them; what is opened next must not end up as stdout or stderr."""
    shut = " ".join(f"{number}>&-" for number in closed)
    words = ["sh", "-c", f'exec "$@" {shut}', "sh", *node.hook("up", "one", "-v")]
    done = subprocess.run(words, env=node.surroundings(), check=False, stderr=subprocess.DEVNULL)
    assert (done.returncode, holder(node, "one")) == (0, "here")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_signal_ends_the_hook_at_once(node: Node, path: str, number: signal.Signals) -> None:
    """With the usual code; only an agent goes on with the order."""
    with held(node, "one"):
        hook = began(node, "up", "one")
        assert until(lambda: writing(node))
        hook.send_signal(number)
        assert hook.wait(20) == 128 + number
    if path == "agent":
        assert until(lambda: node.state("one") == "up done")
        assert holder(node, "one") == "here"
    else:
        assert not until(lambda: holder(node, "one"), 0.3)


def test_detached_hook_ends_when_the_host_is_done(node: Node) -> None:
    """Before the cloud is; an agent, or a process that has nothing to do with the hook, goes on."""
    assert run(node, "up", "one").returncode == 0
    with held(node, "one"):
        hook = began(node, "down", "one", "--detach")
        assert hook.wait(20) == 0
        assert holder(node, "one") == "here"
    assert until(lambda: node.state("one") == "down done")
    assert holder(node, "one") is None


@pytest.mark.parametrize("verb", ["up", "down"])
def test_whoever_kills_a_detached_hook_does_not_end_its_order(node: Node, verb: str) -> None:
    """As keepalived does: the whole process group, at once; in vain a moment after it has begun."""
    assert run(node, "down" if verb == "up" else "up", "one").returncode == 0
    with held(node, "one"):
        hook = began(node, verb, "one", "--detach")
        assert until(lambda: node.state("one").startswith(verb))
        with suppress(ProcessLookupError):
            os.killpg(hook.pid, signal.SIGKILL)
        hook.wait(20)
    assert until(lambda: node.state("one") == f"{verb} done")
    assert holder(node, "one") == ("here" if verb == "up" else None)


def test_an_order_that_outlives_its_hook_yields_to_a_newer_one(node: Node) -> None:
    """Though it runs on, it writes nothing more."""
    with held(node, "one"):
        first = began(node, "up", "one", "--detach")
        assert until(lambda: node.state("one").startswith("up"))
        os.killpg(first.pid, signal.SIGKILL)
        newer = began(node, "down", "one", "--detach")
        assert until(lambda: node.state("one").startswith("down"))
    assert (first.wait(20), newer.wait(20)) == (-signal.SIGKILL, 0)
    assert until(lambda: node.state("one") == "down done")
    assert holder(node, "one") is None


@pytest.mark.parametrize(("words", "code"), [(["one"], 0), (["nothing"], 2), (["broken"], 8)])
def test_detached_hook_hears_how_it_ended(node: Node, words: list[str], code: int) -> None:
    """Whoever waits long enough has the same exit code as without."""
    done = run(node, "up", *words, "--detach")
    assert done.returncode == run(node, "up", *words).returncode
    assert done.returncode == code or words == ["broken"]


def test_detached_hook_does_not_wait_longer_than_it_may(node: Node) -> None:
    """The order is carried out later all the same."""
    with held(node, "one"):
        since = time.monotonic()
        done = run(node, "up", "one", "--detach", "--deadline", "1")
        assert done.returncode in (5, 6), done.stderr
        assert time.monotonic() - since < 3.0
    assert until(lambda: node.state("one") == "up done")
    assert holder(node, "one") == "here"


def denied(plots: Plots, vip: Plot) -> None:
    """The node may not move the Elastic IP."""
    plots.cloud.faults.deny("AssociateAddress")


def api_down(plots: Plots, vip: Plot) -> None:
    """Every request is refused for now."""
    plots.cloud.faults.throttle(None)


FAILURES = [(denied, 3), (api_down, 5)]


@pytest.mark.parametrize(("fails", "code"), FAILURES, ids=lambda given: getattr(given, "__name__", ""))
def test_failure_has_its_exit_code(
    cloudy: Node, plots: Plots, vip: Plot, fails: Callable[[Plots, Plot], None], code: int
) -> None:
    """Within the time that the hook has, with a hint on stderr and nothing on stdout."""
    plots.holders(vip)
    fails(plots, vip)
    since = time.monotonic()
    done = run(cloudy, "up", "db", "--deadline", "4")
    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    assert time.monotonic() - since < 8.0
    assert vip.places[0] in done.stderr


def test_repeated_up_of_a_leader_that_has_lost(cloudy: Node, plots: Plots, vip: Plot) -> None:
    """Pgpool-II runs `up` again on network events: who has lost the VIP hears that, and takes nothing."""
    pgpool = cloudy.pgpool()
    assert pgpool.escalates(*cloudy.hook("up", "db")).code() == 0
    again = pgpool.runs_again(*cloudy.hook("up", "db"))
    assert again.code() == 0, again.said
    plots.ec2.associate_address(
        AllocationId=vip.places[0], NetworkInterfaceId=vip.interfaces[2], AllowReassociation=True
    )
    lost = pgpool.runs_again(*cloudy.hook("up", "db"))
    assert lost.code() == 4, lost.said
    assert plots.holders(vip) == [vip.interfaces[2]]
