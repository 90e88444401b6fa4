"""INT and TERM: one line, the right code, and nothing written afterwards."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from vipswitch.deadline import SystemClock

CLOCK = SystemClock()


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """A config for the `file` provider."""
    (tmp_path / "vipswitch.toml").write_text(
        f'[vipswitch]\nrun_dir = "{tmp_path}/run"\n'
        f'[vip.primary]\naddress = "10.99.0.50"\nprovider = "file"\npath = "{tmp_path}/vip.json"\n'
    )
    return tmp_path


def command(world: Path, program: str, *words: str) -> list[str]:
    path = Path(sys.executable).parent / program
    return [str(path), *words, "--config", str(world / "vipswitch.toml"), "--node", "a"]


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["INT", "TERM"]
)
@pytest.mark.parametrize("program", ["vipswitch", "vipswitch-if-up"])
def test_signal_stops_before_the_next_write(
    world: Path, program: str, number: signal.Signals, code: int
) -> None:
    """The write that waited for a lock is never made."""
    with open(world / "vip.json.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        words = ["up", "primary"] if program == "vipswitch" else ["10.99.0.50"]
        child = subprocess.Popen(
            command(world, program, *words), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        )
        locks = world / "run"
        assert CLOCK.until(lambda: locks.exists() and any(locks.glob("object-*")), 20.0)
        child.send_signal(number)
        _, told = child.communicate(timeout=20)
    assert child.returncode == code
    assert told.splitlines()[-1] == f"vipswitch: stopped by {number.name} before the next write"
    assert not (world / "vip.json").exists()


def test_kill_in_the_middle_leaves_an_order_that_the_next_run_finishes(world: Path) -> None:
    """SIGKILL at any point: run it again and it converges."""
    with open(world / "vip.json.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        child = subprocess.Popen(command(world, "vipswitch", "up", "primary"), stdout=subprocess.DEVNULL)
        locks = world / "run"
        assert CLOCK.until(lambda: any(locks.glob("object-*")), 20.0)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
    again = subprocess.run(
        command(world, "vipswitch", "up", "primary", "--json"), capture_output=True, check=True
    )
    assert json.loads(again.stdout)[0]["places"][0]["holder"] == "a"
