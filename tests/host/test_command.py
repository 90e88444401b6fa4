"""Programs are run to their end or given up on time."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from vipswitch.errors import HostError
from vipswitch.host.command import run

Program = Callable[[str], str]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """Makes a shell script and returns its path."""

    def make(body: str) -> str:
        path = tmp_path / "program"
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)
        return str(path)

    return make


def soon(seconds: float = 5.0) -> float:
    """A moment on the monotonic clock."""
    return time.monotonic() + seconds


def test_a_program_has_the_c_locale_and_no_files_of_ours(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its words do not depend on the caller's language, and it inherits nothing that it could hold open."""
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    reading, writing = os.pipe()
    os.set_inheritable(writing, True)
    outcome = run([program('echo "$LC_ALL"; ls /proc/$$/fd')], soon())
    os.close(reading)
    os.close(writing)
    locale, *descriptors = outcome.out.split()
    assert locale == "C"
    assert str(writing) not in descriptors


def test_a_program_has_no_input(program: Program) -> None:
    """It cannot take what a caller has for us on stdin."""
    ours, reading, writing = os.dup(0), *os.pipe()
    os.dup2(reading, 0)
    outcome = run([program("readlink /proc/self/fd/0")], soon())
    os.dup2(ours, 0)
    for descriptor in (ours, reading, writing):
        os.close(descriptor)
    assert outcome.out == "/dev/null\n"


def test_words_are_passed_as_they_are(program: Program) -> None:
    """There is no shell that could read a meaning into them."""
    assert run([program('printf "%s|" "$@"'), "a b", "$(id)", ";"], soon()).out == "a b|$(id)|;|"


def test_the_reason_is_what_the_program_said_in_one_line(program: Program) -> None:
    """All lines count: sudo's first may be a warning and its second the refusal."""
    outcome = run([program("echo 'sudo: no host vm' >&2; echo 'sudo: denied.' >&2; exit 1")], soon())
    assert (outcome.code, outcome.reason) == (1, "sudo: no host vm; sudo: denied")
    assert run([program("exit 7")], soon()).reason == "exit status 7"


@pytest.mark.parametrize("body", ["exec sleep 60", "sleep 5; true", "trap '' TERM; exec sleep 60"])
@pytest.mark.timed
def test_a_hung_program_is_given_up_in_time(program: Program, body: str) -> None:
    """Also when a child of it keeps its output open, or when it does not heed SIGTERM."""
    started = time.monotonic()
    with pytest.raises(HostError, match=r"program addr: did not end within 0\.\d s"):
        run([program(body), "addr"], soon(0.2))
    assert time.monotonic() - started < 2.5


def test_a_hung_program_is_killed(program: Program, tmp_path: Path) -> None:
    """Nothing of it goes on to change the host later."""
    note = tmp_path / "pid"
    with pytest.raises(HostError):
        run([program(f"echo $$ > {note}; exec sleep 60")], soon(0.3))
    assert not Path("/proc", note.read_text().strip()).exists()


def test_nothing_is_started_when_no_time_is_left(program: Program, tmp_path: Path) -> None:
    """A bound that has passed is an error before the first effect."""
    with pytest.raises(HostError, match="no time was left"):
        run([program(f"touch {tmp_path}/effect")], soon(-0.001))
    assert not (tmp_path / "effect").exists()


def test_a_program_that_is_not_there_is_a_host_error(tmp_path: Path) -> None:
    """The operator is told which one to install."""
    with pytest.raises(HostError, match="no such file") as caught:
        run([str(tmp_path / "ip")], soon())
    assert caught.value.hint == "install iproute2"
