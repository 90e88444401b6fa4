"""Whether the hooks' user could run a program, compared with what the kernel says."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from vipswitch.preflight.hooks import HOOKS, look_at_hooks
from vipswitch.preflight.users import hook_user, trouble_running, user

AS_NOBODY = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that everybody can look into, unlike pytest's own."""
    made = Path(tempfile.mkdtemp(prefix="vspreflight"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


def script(path: Path, mode: int, interpreter: str = "/bin/sh") -> Path:
    """A script that does nothing."""
    path.write_text(f"#!{interpreter}\n")
    path.chmod(mode)
    return path


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: runs programs as nobody")
@pytest.mark.parametrize("owned", [True, False])
@pytest.mark.parametrize("folder_mode", [0o755, 0o711, 0o700, 0o644])
@pytest.mark.parametrize("mode", [0o755, 0o700, 0o500, 0o711, 0o644, 0o055, 0o750])
def test_what_is_said_is_what_the_kernel_does(folder: Path, mode: int, folder_mode: int, owned: bool) -> None:
    """Owner, group, others, and every folder on the way; a script is read as well as run."""
    nobody = user(pwd.getpwnam("nobody").pw_uid)
    inner = folder / "bin"
    inner.mkdir()
    program = script(inner / "hook", mode)
    for path in (program, inner) if owned else ():
        os.chown(path, nobody.uid, -1)
    inner.chmod(folder_mode)
    done = subprocess.run([*AS_NOBODY, str(program)], capture_output=True, check=False)
    assert (trouble_running(str(program), nobody) == "") is (done.returncode == 0)


def test_an_interpreter_that_is_not_there_is_trouble(folder: Path) -> None:
    """execve(2) fails as if the script were missing, and Pgpool-II takes that for success."""
    me = user(os.geteuid())
    program = script(folder / "hook", 0o755, "/opt/gone/bin/python3 -I")
    assert trouble_running(str(program), me) == (
        "cannot start: its interpreter /opt/gone/bin/python3 is missing"
    )
    assert trouble_running(str(folder / "nothing"), me) == "is missing"
    assert trouble_running(str(folder), me) == "is missing"


def test_the_hooks_of_this_installation_can_be_run_by_us() -> None:
    """They stand beside the interpreter, or in the clone's hooks folder."""
    findings = list(look_at_hooks(user(os.geteuid())))
    assert [finding.subject for finding in findings] == [f"hook {name}" for name in HOOKS]
    assert {finding.level for finding in findings} == {"ok"}


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: looks as another user")
def test_a_hook_that_its_user_cannot_run_is_an_error_with_a_fix() -> None:
    """The commonest way to have a VIP that never moves: a virtual environment under /root."""
    stranger = user(54321)
    wrong = [finding for finding in look_at_hooks(stranger) if finding.level != "ok"]
    if Path(os.path.realpath(shutil.which("python3") or "/")).is_relative_to("/root"):
        assert len(wrong) == len(HOOKS)
    assert all("#54321" in finding.message and finding.fix for finding in wrong)


def test_hooks_run_as_ourselves_unless_we_are_root() -> None:
    """For root, a Pgpool-II means the user postgres, if there is one."""
    assert hook_user(pgpool=False).uid == os.geteuid()
    names = {entry.pw_name for entry in pwd.getpwall()}
    if os.geteuid() == 0 and "postgres" in names:
        assert hook_user(pgpool=True).name == "postgres"
