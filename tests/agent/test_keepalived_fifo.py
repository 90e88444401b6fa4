"""The reader of keepalived's notify FIFO, with an agent and without; this process is keepalived to it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence

import pytest

from tests.agent.conftest import MakeNode
from tests.agent.node import ROOT, WITHOUT_FORKS, Node, until
from tests.agent.test_keepalived import FILES, begun, holder

READER = str(ROOT / "hooks" / "keepalived_fifo")
CONTRACT = "keepalived calls this: NAME [flags] [--instance VI_1 | --group VG_1] FIFO"


class Fifo:
    """A FIFO as keepalived keeps it: open at both ends, never waiting for a reader."""

    def __init__(self, node: Node) -> None:
        self.path = node.folder / "fifo"
        self._node = node
        self._readers: list[subprocess.Popen[bytes]] = []
        self.log = node.folder / "reader.log"
        self.log.touch()
        self.make()

    def make(self) -> None:
        """A new one, where there was another perhaps."""
        os.mkfifo(self.path)
        self._fd = os.open(self.path, os.O_RDWR | os.O_NONBLOCK)

    def read(self, *words: str, through: Sequence[str] = ()) -> subprocess.Popen[bytes]:
        """Start a reader of it, through something of ours perhaps."""
        with self.log.open("ab") as log:
            reader = subprocess.Popen(
                [sys.executable, *through, READER, "primary", *words, str(self.path)],
                env=self._node.surroundings(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                process_group=0,
            )
        self._readers.append(reader)
        return reader

    def write(self, *lines: str) -> int:
        """Write lines, each at once or not at all; how many went in."""
        return sum(self._written(f"{line}\n".encode()) for line in lines)

    def gone(self) -> None:
        """Close it and take it away, as a reload and the end do."""
        os.close(self._fd)
        self.path.unlink()

    def end(self) -> None:
        """Whatever still reads, ends."""
        for reader in self._readers:
            if reader.poll() is None:
                os.killpg(reader.pid, signal.SIGKILL)
            reader.wait()

    @property
    def said(self) -> str:
        """What the readers have said."""
        return self.log.read_text(errors="replace")

    def _written(self, line: bytes) -> bool:
        try:
            return os.write(self._fd, line) > 0
        except BlockingIOError:
            return False


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


@pytest.fixture
def fifo(node: Node) -> Iterator[Fifo]:
    """A FIFO without a reader yet."""
    made = Fifo(node)
    yield made
    made.end()


def line(state: str, name: str = "VI_1", kind: str = "INSTANCE") -> str:
    """A line of keepalived's."""
    return f'{kind} "{name}" {state} 100'


def comes(node: Node, state: str) -> bool:
    """Whether the last order gets so far."""
    return until(lambda: node.state("primary") == state, 30.0)


def test_the_vip_follows_the_lines(node: Node, fifo: Fifo) -> None:
    """One after the other."""
    fifo.read()
    for state, order in (("BACKUP", "down"), ("MASTER", "up"), ("FAULT", "down"), ("MASTER", "up")):
        fifo.write(line(state))
        assert comes(node, f"{order} done"), fifo.said
    assert holder(node) == "here"


def test_of_lines_that_wait_only_the_newest_counts(node: Node, fifo: Fifo) -> None:
    """Here they had come before the reader."""
    fifo.write(line("MASTER"), line("BACKUP"), line("FAULT"), line("MASTER"), line("STOP"))
    fifo.read()
    assert comes(node, "down done"), fifo.said
    assert holder(node) is None


def test_a_master_that_at_once_hears_a_lower_one_is_master_all_the_same(node: Node, fifo: Fifo) -> None:
    """The reader comes late: meanwhile the lower one took the VIP, and the last `up` is no second old."""
    assert begun(node, "primary", "master").wait(20) == 0
    vip = node.folder / "primary.json"
    vip.write_text(vip.read_text().replace("here", "there"))
    fifo.write(line("BACKUP"), line("MASTER"), line("MASTER_RX_LOWER_PRI"))
    fifo.read()
    assert until(lambda: holder(node) == "here", 5.0), fifo.said


def test_the_last_of_a_storm_of_lines_wins(node: Node, fifo: Fifo) -> None:
    """Their orders run side by side, several begun in one tick of the kernel's clock."""
    fifo.read()
    for state in ("BACKUP", "MASTER") * 10:
        fifo.write(line(state))
        time.sleep(0.005)
    assert comes(node, "up done"), fifo.said
    assert holder(node) == "here"


def test_a_script_and_the_reader_keep_the_order_of_the_states(node: Node, fifo: Fifo) -> None:
    """An order is as old as its line, not as its reader."""
    fifo.read()
    fifo.write(line("BACKUP"))
    assert comes(node, "down done")
    assert begun(node, "primary", "master").wait(20) == 0
    assert holder(node) == "here"
    fifo.write(line("BACKUP"))
    assert comes(node, "down done"), fifo.said


def test_what_is_no_line_is_said_and_left(node: Node, fifo: Fifo) -> None:
    """One line in the log each, fit to be read; a line without an end does no harm."""
    fifo.read()
    fifo.write("garbage", "INSTANCE VI_1", 'INSTANCE "VI_1" CANDIDATE 1', "\x1b[2J" * 500, "")
    fifo.write(line("MASTER"))
    assert comes(node, "up done"), fifo.said
    said = [each for each in fifo.said.splitlines() if "no line of keepalived" in each]
    assert len(said) == 5
    assert all(each.isprintable() and len(each) < 120 for each in said)


def test_lines_about_something_else_are_left_in_silence(node: Node, fifo: Fifo) -> None:
    """Priorities, and the virtual servers of a FIFO that has everything."""
    fifo.read()
    fifo.write(line("MASTER"))
    assert comes(node, "up done"), fifo.said
    fifo.write(
        line("MASTER_PRIORITY"), "VS [192.0.2.1]:tcp:80 DOWN", "RS [192.0.2.2]:tcp:80 [192.0.2.1]:tcp:80 DOWN"
    )
    assert not until(lambda: node.state("primary") != "up done", 0.3)
    assert "FIFO" not in fifo.said


@pytest.mark.parametrize("words", [(), ("--instance", "VI_1"), ("--instance=VI_1",)])
def test_lines_of_another_instance_move_nothing(node: Node, fifo: Fifo, words: tuple[str, ...]) -> None:
    """Without a name the first one that was heard of is followed; a group is not an instance."""
    fifo.read(*words)
    fifo.write(line("MASTER"))
    assert comes(node, "up done"), fifo.said
    fifo.write(line("BACKUP", "VI_2"), line("FAULT", "VI_1", "GROUP"), line("STOP", "VI_2"))
    assert until(lambda: "'VI_2' is not followed" in fifo.said)
    assert node.state("primary") == "up done"
    assert fifo.said.count("is not followed") == 1


def test_a_group_can_be_followed(node: Node, fifo: Fifo) -> None:
    """Its instances are not."""
    fifo.read("--group", "VG_1")
    fifo.write(line("BACKUP", "VG_1", "GROUP"), line("MASTER"))
    assert comes(node, "down done"), fifo.said


def test_the_last_line_comes_after_the_signal(node: Node, fifo: Fifo) -> None:
    """keepalived tells its reader to end, and then that it stops."""
    reader = fifo.read()
    fifo.write(line("MASTER"))
    assert comes(node, "up done"), fifo.said
    reader.terminate()
    time.sleep(0.1)
    assert reader.poll() is None
    fifo.write(line("STOP"))
    assert comes(node, "down done"), fifo.said
    fifo.gone()
    assert reader.wait(20) == 0


def test_an_order_outlives_the_group_of_its_reader(node: Node, fifo: Fifo) -> None:
    """keepalived kills it a second after it has begun to stop."""
    reader = fifo.read()
    fifo.write(line("MASTER"))
    assert comes(node, "up done"), fifo.said
    fifo.write(line("STOP"))
    assert until(lambda: node.state("primary").startswith("down"))
    os.killpg(reader.pid, signal.SIGKILL)
    assert comes(node, "down done"), fifo.said
    assert holder(node) is None


def test_a_reload_ends_the_reader_and_begins_another(node: Node, fifo: Fifo) -> None:
    """As keepalived does it: the signal, the FIFO gone, a new one of the same path and a new reader."""
    old = fifo.read()
    fifo.write(line("BACKUP"))
    assert comes(node, "down done"), fifo.said
    old.terminate()
    fifo.gone()
    fifo.make()
    fifo.read()
    assert old.wait(20) == 0
    fifo.write(line("MASTER"))
    assert comes(node, "up done"), fifo.said


def test_a_reader_that_nobody_ends_goes_on_with_the_new_fifo(node: Node, fifo: Fifo) -> None:
    """One that keepalived has not begun itself."""
    fifo.read()
    fifo.write(line("BACKUP"))
    assert comes(node, "down done"), fifo.said
    fifo.gone()
    time.sleep(0.3)
    fifo.make()
    fifo.write(line("MASTER"))
    assert comes(node, "up done"), fifo.said


def test_after_lines_were_lost_the_next_one_counts(node: Node, fifo: Fifo) -> None:
    """A full FIFO loses them in silence; what remains is put right by the next state."""
    reader = fifo.read()
    fifo.write(line("BACKUP"))
    assert comes(node, "down done"), fifo.said
    os.kill(reader.pid, signal.SIGSTOP)
    assert fifo.write(*[line("BACKUP")] * 4000) < 4000
    assert fifo.write(line("MASTER")) == 0
    os.kill(reader.pid, signal.SIGCONT)
    assert until(lambda: fifo.write(line("MASTER")) == 1)
    assert comes(node, "up done"), fifo.said


def test_a_machine_out_of_processes_ends_no_reader(node: Node, fifo: Fifo) -> None:
    """keepalived says each state once and begins no other reader: the order is made when one can be had."""
    fifo.read(through=(str(WITHOUT_FORKS), "1.5", "0"))
    fifo.write(line("MASTER"))
    assert until(lambda: "MASTER waits: no new process" in fifo.said), fifo.said
    fifo.write(line("MASTER_RX_LOWER_PRI"))
    assert comes(node, "up done"), fifo.said
    fifo.write(line("BACKUP"))
    assert comes(node, "down done"), fifo.said


@pytest.mark.parametrize("path", ["alone"], indirect=True)
def test_a_fifo_that_may_not_be_read_is_refused(node: Node, fifo: Fifo) -> None:
    """It is another user's, and here even root is not asked."""
    fifo.path.chmod(0)
    weak = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []
    done = subprocess.run(
        [*weak, sys.executable, READER, "primary", fifo.path],
        env=node.surroundings(),
        capture_output=True,
        text=True,
        timeout=10,
    )
    assert done.returncode == 2, done.stderr
    (said,) = done.stderr.splitlines()
    assert f"uid {os.geteuid()} may not read the FIFO" in said
    assert CONTRACT in said


WRONG = {
    "nothing": (),
    "no fifo": ("primary", "FOLDER/no"),
    "no vip": ("FOLDER/fifo",),
    "a file": ("primary", "FOLDER/v.toml"),
    "two vips": ("primary", "other", "FOLDER/fifo"),
    "two instances": ("primary", "--instance", "A", "--instance", "B", "FOLDER/fifo"),
    "an instance without a name": ("primary", "--instance=", "FOLDER/fifo"),
    "notify's": ("primary", "INSTANCE", "VI_1", "MASTER", "100"),
    "pgpool's": ("10.99.0.51",),
}


@pytest.mark.parametrize("path", ["alone"], indirect=True)
@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_words_are_refused(node: Node, fifo: Fifo, wrong: str) -> None:
    """Exit 2, one line that says how keepalived would have called, nothing done."""
    words = [word.replace("FOLDER", str(node.folder)) for word in WRONG[wrong]]
    done = subprocess.run(
        [sys.executable, READER, *words], env=node.surroundings(), capture_output=True, text=True, timeout=30
    )
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    (said,) = done.stderr.splitlines()
    assert CONTRACT in said
    assert node.order("primary") is None
