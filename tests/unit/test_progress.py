"""The progress display: on a terminal after a second, and nothing of the kind elsewhere."""

from __future__ import annotations

import fcntl
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from vipswitch.cli.progress import Display
from vipswitch.deadline import SystemClock
from vipswitch.errors import Undone
from vipswitch.model import Holding, NodeId, Place
from vipswitch.world import OutcomeLost, Saw

CLOCK = SystemClock()


def slow_command(folder: Path) -> list[str]:
    """An `up` that waits for a lock which somebody else holds."""
    program = str(Path(sys.executable).parent / "vipswitch")
    words = ["up", "10.99.0.50", "--provider", "file", "--path", str(folder / "vip.json"), "--node", "a"]
    return [program, *words]


def shown(folder: Path, stderr: int) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "VIPSWITCH_RUN_DIR": str(folder / "run"), "TERM": "xterm", "COLUMNS": "100"}
    return subprocess.Popen(slow_command(folder), stderr=stderr, stdout=subprocess.DEVNULL, env=environment)


def stop(child: subprocess.Popen[bytes]) -> None:
    child.send_signal(signal.SIGTERM)
    child.wait(20)


def test_terminal_is_told_what_takes_so_long(tmp_path: Path) -> None:
    """Which step is under way, for which VIP, and for how long."""
    with open(tmp_path / "vip.json.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ours, theirs = pty.openpty()
        child = shown(tmp_path, theirs)
        os.close(theirs)
        text = b""
        while b"claim vip.json:file" not in text:
            text += os.read(ours, 4096)
        stop(child)
        os.close(ours)
    assert b"10.99.0.50: claim vip.json:file, " in text


def test_pipe_is_told_nothing_but_the_end(tmp_path: Path) -> None:
    """A log file is no place for a moving line."""
    with open(tmp_path / "vip.json.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        child = shown(tmp_path, subprocess.PIPE)
        assert child.stderr is not None
        with pytest.raises(subprocess.TimeoutExpired):
            child.wait(1.6)
        stop(child)
        told = child.stderr.read()
        child.stderr.close()
    assert told == b"vipswitch: stopped by SIGTERM before the next write\n"


class Line:
    """A terminal's line."""

    def __init__(self) -> None:
        self.text = ""

    def update(self, text: str) -> None:
        """Show this instead."""
        self.text = text


def test_an_operation_of_the_cloud_is_shown_with_its_age() -> None:
    """Tens of seconds pass on Azure in which this process only looks whether it is over."""
    display, line, place = Display(), Line(), Place("ip-configuration")
    busy = Saw(place, Holding(None, busy=True, note="nic-a is Updating"))
    display.look("primary", busy)
    display.begin("primary", "read 1 place")
    display.refresh(line)
    assert line.text == "primary: nic-a is Updating, 0 s"
    display.look("primary", Saw(place, Holding(NodeId("nic-b"))))
    display.refresh(line)
    assert line.text == "primary: read 1 place, 0 s"


def test_an_operation_that_failed_is_shown_no_more() -> None:
    """What comes next is."""
    display, line, place = Display(), Line(), Place("ip-configuration")
    display.look("primary", Saw(place, Holding(None, busy=True, note="nic-a is Updating")))
    display.look("primary", OutcomeLost(place, Undone("superseded")))
    display.refresh(line)
    assert line.text == "waiting for the next try"
