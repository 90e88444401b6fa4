"""Who called: real trees of processes, as Pgpool-II, keepalived and Patroni make them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from vipswitch import processes
from vipswitch.processes import Process

PROBE = """
import json, os
from vipswitch import processes
found = processes.caller()
print(json.dumps(found and [found.program, found.standing.pid, found.runner.pid]))
"""

SHELL = shutil.which("dash") or "/bin/sh"


def program(folder: Path, name: str) -> str:
    """A shell under another name: the kernel calls a process by the file that it runs."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    shutil.copy(SHELL, path)
    return str(path)


def called_by(*shells: str) -> tuple[list[int], list[object] | None]:
    """The pids of a chain of shells, outermost first, and whom a hook at its end takes for its caller.

    Each shell says its pid, runs the next and lives on until that has ended.
    """
    words = [sys.executable, "-c", PROBE]
    for shell in reversed(shells):
        words = [shell, "-c", 'echo $$; "$@"; :', shell, *words]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    *pids, found = done.stdout.splitlines()
    return [int(pid) for pid in pids], json.loads(found)


def test_the_hook_of_a_person_has_no_caller() -> None:
    """A shell is nobody that could be watched."""
    _, found = called_by(SHELL)
    assert found is None


@pytest.mark.parametrize(
    ("name", "known_as"),
    [
        ("pgpool", "pgpool"),
        ("keepalived", "keepalived"),
        ("keepalived_vrrp", "keepalived"),
        ("patroni", "patroni"),
        ("pacemaker-execd", "pacemaker"),
    ],
)
def test_the_programs_that_call_hooks_are_known_by_name(tmp_path: Path, name: str, known_as: str) -> None:
    """The only process of it stands behind the order, and waits for the hook."""
    (pid,), found = called_by(program(tmp_path, name))
    assert found == [known_as, pid, pid]


def test_pacemaker_is_its_daemon_and_not_the_executor_that_it_may_start_again(tmp_path: Path) -> None:
    """Two programs, one HA manager."""
    daemon, executor = program(tmp_path, "pacemakerd"), program(tmp_path, "pacemaker-execd")
    (outer, inner), found = called_by(daemon, executor)
    assert found == ["pacemaker", outer, inner]


def test_the_outermost_process_stands_and_the_innermost_waits(tmp_path: Path) -> None:
    """Pgpool-II: parent, watchdog, escalation."""
    pgpool = program(tmp_path, "pgpool")
    (parent, _, escalation), found = called_by(pgpool, pgpool, pgpool)
    assert found == ["pgpool", parent, escalation]


def test_shells_and_sudo_in_between_are_passed_over(tmp_path: Path) -> None:
    """The hook may be called through a script of the user's own."""
    pgpool, script = program(tmp_path, "pgpool"), program(tmp_path, "failover.sh")
    (parent, _, watchdog, _), found = called_by(pgpool, script, pgpool, script)
    assert found == ["pgpool", parent, watchdog]


def test_the_nearest_program_is_the_caller(tmp_path: Path) -> None:
    """Whatever has started that one."""
    (_, inner), found = called_by(program(tmp_path, "keepalived"), program(tmp_path, "pgpool"))
    assert found == ["pgpool", inner, inner]


@pytest.mark.parametrize("name", ["a) S 1 (b", "(((", ") R 0 0", "sp ace"])
def test_a_process_with_an_odd_name_hides_nobody(tmp_path: Path, name: str) -> None:
    """The name stands in parentheses, and may itself contain some."""
    (pgpool, _), found = called_by(program(tmp_path, "pgpool"), program(tmp_path / "odd", name))
    assert found == ["pgpool", pgpool, pgpool]


def test_a_name_that_only_looks_like_it_is_nobody(tmp_path: Path) -> None:
    """Pgpool-II's other programs call no hooks."""
    _, found = called_by(program(tmp_path, "pgpool_setup"))
    assert found is None


@pytest.mark.parametrize(("script", "known"), [("patroni", True), ("patronictl", False)])
def test_patroni_is_known_by_its_script(tmp_path: Path, script: str, known: bool) -> None:
    """Its process carries the interpreter's name."""
    path = tmp_path / script
    path.write_text(
        f"import os, subprocess, sys\nprint(os.getpid(), flush=True)\n"
        f"subprocess.run([sys.executable, '-c', {PROBE!r}], check=True)\n"
    )
    done = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, check=True)
    pid, found = done.stdout.splitlines()
    assert json.loads(found) == (["patroni", int(pid), int(pid)] if known else None)


def test_a_process_that_waits_to_be_buried_is_dead() -> None:
    """Nobody stands behind an order any more."""
    with subprocess.Popen(["sleep", "60"]) as child:
        stat = processes._stat(child.pid)
        assert stat is not None
        assert processes.alive(stat.process)
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert not processes.alive(stat.process)
    assert not processes.alive(stat.process)


def test_a_pid_that_has_come_back_is_another_process() -> None:
    """A process is its pid and its start time."""
    me = processes.me()
    assert processes.alive(me)
    assert not processes.alive(Process(me.pid, me.started - 1))
    assert me == processes.me()
    assert len({me, processes.me(), Process(me.pid, me.started - 1)}) == 2


def test_a_start_is_told_in_the_ticks_of_the_boot_clock() -> None:
    """A generation can be compared with this moment, to two ticks."""
    before = processes.ticks_now()
    with subprocess.Popen(["sleep", "60"]) as child:
        stat = processes._stat(child.pid)
        child.kill()
    assert stat is not None
    assert before - 2 <= stat.process.started <= processes.ticks_now() + 2
    assert 0.0 <= processes.age_s(stat.process) < 60.0
