"""keepalived's notify scripts, with an agent and without: what each state does, and what is refused.

The scripts are the clone's own, run as keepalived runs them: in a process group of their own, nobody waiting.
"""

from __future__ import annotations

import fcntl
import json
import subprocess
import time
from collections.abc import Iterator, Sequence

import pytest

from tests.agent.conftest import MakeNode
from tests.agent.node import WITHOUT_FORKS, Node, until

FILES = """
[vip.primary]
address  = "10.99.0.51"
provider = "file"
path     = "FOLDER/primary.json"
node     = "here"
"""
CONTRACT = "keepalived calls this: NAME [flags] INSTANCE|GROUP"


@pytest.fixture(params=["agent", "alone"])
def path(request: pytest.FixtureRequest) -> str:
    """Whether there is an agent."""
    found: str = request.param
    return found


@pytest.fixture
def node(make_node: MakeNode, path: str) -> Iterator[Node]:
    """A node with one VIP in a file; what outlives a script has ended when the test is over."""
    made = make_node(FILES)
    if path == "agent":
        agent = made.agent().ready()
        assert until(lambda: "last order here" in agent.said), agent.said
    yield made
    assert made.settled()


def run(node: Node, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a script to its end."""
    return subprocess.run(
        node.notify(*words), env=node.surroundings(), capture_output=True, text=True, timeout=30
    )


def begun(node: Node, *words: str) -> subprocess.Popen[bytes]:
    """A script that runs."""
    return subprocess.Popen(
        node.notify(*words),
        env=node.surroundings(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        process_group=0,
    )


def holder(node: Node) -> str | None:
    """Who holds the VIP."""
    found = node.folder / "primary.json"
    return json.loads(found.read_text())["primary.json:file"]["holder"] if found.exists() else None


STATES = {"MASTER": "up", "MASTER_RX_LOWER_PRI": "up"} | dict.fromkeys(
    ("BACKUP", "FAULT", "STOP", "DELETED"), "down"
)
FORMS = {
    "notify": lambda state: ("primary", "INSTANCE", "VI_1", state, "100"),
    "quoted": lambda state: ("10.99.0.51", "INSTANCE", '"VI_1"', state, "100"),
    "group": lambda state: ("primary", "--deadline", "5", "GROUP", "VG_1", state, "0"),
    "own": lambda state: ("primary", state.lower()),
    "flag": lambda state: ("primary", "-v", state.capitalize()),
}


@pytest.mark.parametrize("path", ["agent"], indirect=True)
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("state", STATES)
def test_each_state_is_an_up_or_a_down(node: Node, state: str, form: str) -> None:
    """Whether keepalived appends it or the config says it, in any case of letters."""
    done = run(node, *FORMS[form](state))
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert until(lambda: node.state("primary") == f"{STATES[state]} done")


def test_the_vip_comes_and_goes(node: Node) -> None:
    """As MASTER and BACKUP follow upon each other."""
    assert run(node, "primary", "INSTANCE", "VI_1", "MASTER", "100").returncode == 0
    assert holder(node) == "here"
    assert run(node, "primary", "INSTANCE", "VI_1", "BACKUP", "100").returncode == 0
    assert until(lambda: holder(node) is None)


WRONG: dict[str, Sequence[str]] = {
    "nothing": (),
    "no state": ("primary",),
    "no vip": ("master",),
    "no vip in notify": ("INSTANCE", "VI_1", "MASTER", "100"),
    "no priority": ("primary", "INSTANCE", "VI_1", "MASTER"),
    "unknown state": ("primary", "INSTANCE", "VI_1", "CANDIDATE", "100"),
    "a priority's state": ("primary", "INSTANCE", "VI_1", "MASTER_PRIORITY", "100"),
    "two vips": ("primary", "other", "INSTANCE", "VI_1", "MASTER", "100"),
    "flag first": ("--detach", "primary", "master"),
    "pgpool's": ("10.99.0.51",),
    "pgpool's sample's": ("up", "10.99.0.51", "eth0", "rtb-1"),
    "patroni's": ("primary", "on_role_change", "master", "batman"),
    "patroni's, of a scope like a state": ("primary", "on_role_change", "replica", "stop"),
    "pacemaker's": ("start",),
    "pacemaker's stop": ("stop",),
    "not for one line": ("primary", "master\n\0".replace("\0", "\x1b") * 100),
}


@pytest.mark.parametrize("path", ["alone"], indirect=True)
@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_words_are_refused(node: Node, wrong: str) -> None:
    """Exit 2, one line that says what keepalived would have written, nothing done."""
    done = run(node, *WRONG[wrong])
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    (line,) = done.stderr.splitlines()
    assert CONTRACT in line
    assert (node.order("primary"), holder(node)) == (None, None)


def test_a_vip_that_is_not_there_is_refused(node: Node) -> None:
    """Exit 2, as for every mistake in what was configured."""
    done = run(node, "another", "master")
    assert done.returncode == 2
    assert "no VIP of that name or address" in done.stderr


def test_of_many_scripts_at_once_the_one_that_began_last_wins(node: Node) -> None:
    """Several begin in one tick of the kernel's clock, and none waits for another."""
    for last in ("MASTER", "BACKUP"):
        other = "BACKUP" if last == "MASTER" else "MASTER"
        scripts = [
            begun(node, "primary", "INSTANCE", "VI_1", state, "100") for state in (last, other) * 5 + (last,)
        ]
        codes = [script.wait(30) for script in scripts]
        assert until(lambda last=last: node.state("primary") == f"{STATES[last]} done"), codes
        assert holder(node) == ("here" if last == "MASTER" else None)
        assert node.order("primary")["by"]["pid"] == scripts[-1].pid  # type: ignore[index]


def test_notify_and_notify_master_both_set_do_no_harm(node: Node) -> None:
    """The second replaces the first, and does the same."""
    both = [begun(node, "primary", "master"), begun(node, "primary", "INSTANCE", "VI_1", "MASTER", "100")]
    codes = [script.wait(30) for script in both]
    assert (codes[1], holder(node)) == (0, "here"), codes


@pytest.mark.timed
def test_a_stop_has_done_its_part_within_a_second(node: Node) -> None:
    """keepalived kills it then; here the cloud takes longer."""
    assert run(node, "primary", "master").returncode == 0
    with open(node.folder / "primary.json.lock", "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        since = time.monotonic()
        begun(node, "primary", "INSTANCE", "VI_1", "STOP", "100").wait(5)
        assert time.monotonic() - since < 0.95
        assert until(lambda: node.state("primary") == "down pending")
    assert until(lambda: node.state("primary") == "down done")
    assert holder(node) is None


@pytest.mark.parametrize("allowed", ["0", "1"])
def test_a_script_without_other_processes_does_it_itself(node: Node, allowed: str) -> None:
    """keepalived says each state once, also on a machine that is out of memory."""
    python, *words = node.notify("primary", "master")
    done = subprocess.run(
        [python, str(WITHOUT_FORKS), "60", allowed, *words],
        env=node.surroundings(),
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert (done.returncode, holder(node)) == (0, "here"), done.stderr


def aged(node: Node, by_s: float) -> dict[str, object]:
    """The last order, made so much older; nobody writes it down once more after that."""
    order = node.order("primary")
    assert order is not None
    order["taken_s"] = float(str(order["taken_s"])) - by_s
    (node.run / "order-primary").write_text(json.dumps(order))
    return order


@pytest.mark.parametrize(("age_s", "asks"), [(0.0, False), (10.0, True)])
def test_a_master_that_hears_a_lower_one_asks_once_in_a_while(node: Node, age_s: float, asks: bool) -> None:
    """There is an advert every second: only an `up` that is some seconds old is followed by another."""
    assert run(node, "primary", "master").returncode == 0
    assert node.noted("primary", "up done")
    before = aged(node, age_s)
    done = run(node, "primary", "INSTANCE", "VI_1", "MASTER_RX_LOWER_PRI", "100")
    assert done.returncode == 0, done.stderr
    after = node.order("primary")
    assert after is not None
    assert (after["by"] != before["by"]) == asks


def test_a_master_that_hears_a_lower_one_takes_back_what_that_one_has(node: Node) -> None:
    """By VRRP it has the right to it."""
    assert run(node, "primary", "master").returncode == 0
    assert node.noted("primary", "up done")
    aged(node, 10.0)
    vip = node.folder / "primary.json"
    vip.write_text(vip.read_text().replace("here", "there"))
    assert run(node, "primary", "master_rx_lower_pri").returncode == 0
    assert holder(node) == "here"


def test_a_master_does_not_ask_while_its_up_is_under_way(node: Node) -> None:
    """However long that takes: the cloud hangs."""
    with open(node.folder / "primary.json.lock", "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        up = begun(node, "primary", "master")
        assert until(lambda: node.state("primary") == "up pending")
        before = aged(node, 10.0)
        assert run(node, "primary", "master_rx_lower_pri").returncode == 0
        assert node.order("primary") == before
    assert up.wait(20) == 0


def test_a_master_that_cannot_tell_when_it_asked_last_asks(node: Node) -> None:
    """Without a config that can be read nobody knows, and the order says what is wrong."""
    done = run(node, "nobody", "master_rx_lower_pri")
    assert done.returncode == 2
