"""How a hook lives inside Pgpool-II: nothing inherited is kept, stdout is silent, closed ends do no harm."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from vipswitch.deadline import SystemClock

PROGRAM = str(Path(sys.executable).parent / "vipswitch-if-up")


def hook(folder: Path) -> list[str]:
    """An `up` on the `file` provider."""
    return [PROGRAM, "10.99.0.50", "--provider", "file", "--path", str(folder / "vip.json"), "--node", "a"]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The run folder is the test's own."""
    return {**os.environ, "VIPSWITCH_RUN_DIR": str(tmp_path / "run")}


def test_inherited_descriptors_are_closed_while_the_hook_works(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    """Pgpool-II leaks its listen socket: who keeps it open keeps Pgpool-II from starting again."""
    ours, leaked = os.pipe()
    with open(tmp_path / "vip.json.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        child = subprocess.Popen(
            hook(tmp_path), env=environment, pass_fds=[leaked], stderr=subprocess.DEVNULL
        )
        os.close(leaked)
        assert os.read(ours, 1) == b""
        assert child.poll() is None
    assert child.wait(20) == 0
    os.close(ours)


def test_stdout_stays_silent(tmp_path: Path, environment: dict[str, str]) -> None:
    """It is a pipe that nobody reads: 64 KiB would hang the watchdog for ever."""
    done = subprocess.run([*hook(tmp_path), "-v"], env=environment, capture_output=True, check=True)
    assert done.stdout == b""
    assert b"step=claim" in done.stderr


@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (0, 1, 2)])
def test_closed_standard_descriptors_do_no_harm(
    tmp_path: Path, environment: dict[str, str], closed: tuple[int, ...]
) -> None:
    """A daemon may have closed them; what is opened next must not end up as stdout or stderr."""
    shut = " ".join(f"{number}>&-" for number in closed)
    words = ["sh", "-c", f'exec "$@" {shut}', "sh", *hook(tmp_path)]
    assert subprocess.run(words, env=environment, check=False, stderr=subprocess.DEVNULL).returncode == 0
    assert SystemClock().until((tmp_path / "vip.json").exists, 1.0)
