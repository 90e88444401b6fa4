"""How a hook lives inside Pgpool-II: nothing inherited is kept, stdout is silent, closed ends do no harm."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from vipswitch.deadline import SystemClock

ROOT = Path(__file__).parents[2]
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


HOOKS = {
    "if_up_cmd": [],
    "if_down_cmd": [],
    "arping_cmd": [],
    "keepalived": ["master"],
    "patroni": ["on_start", "primary", "pg"],
    "ocf_vip": ["10.99.0.50"],
}


@pytest.mark.parametrize("word", [b"pri\xff", b"pri\nmary"], ids=["no UTF-8", "a line end"])
@pytest.mark.parametrize("hook", HOOKS)
def test_a_word_that_fits_no_line_is_told_in_lines(
    tmp_path: Path, environment: dict[str, str], hook: str, word: bytes
) -> None:
    """syslog(3) takes no bytes that are no UTF-8: the hook ended in a traceback instead of its own code."""
    config = tmp_path / "v.toml"
    config.write_text("")
    done = subprocess.run(
        [sys.executable, str(ROOT / "hooks" / hook), word, *HOOKS[hook]],
        env={**environment, "VIPSWITCH_CONFIG": str(config)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2, done.stderr
    starts = ("vipswitch: ", "ocf-exit-reason:")
    assert all(line.startswith(starts) and line.isprintable() for line in done.stderr.splitlines())


def test_a_probe_whose_parameter_is_no_utf_8_finds_nothing_here(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    """To Pacemaker a traceback is a resource that has failed on this node."""
    config = tmp_path / "v.toml"
    config.write_text("")
    done = subprocess.run(
        [sys.executable, str(ROOT / "hooks/ocf_vip"), "monitor"],
        env={**environment, "VIPSWITCH_CONFIG": str(config), "OCF_RESKEY_vip": "pri\udcff"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 7, done.stderr
    assert "Traceback" not in done.stderr
