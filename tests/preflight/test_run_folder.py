"""The run folder: one for the hooks and for people, or a warning that says how to make it one."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from vipswitch.preflight.run_folder import look_at_run_folder, tmpfiles_line
from vipswitch.preflight.users import User, user
from vipswitch.provider import Finding

STRANGER = User("postgres", 54321, frozenset({54321}))


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder below one that everybody can look into."""
    made = Path(tempfile.mkdtemp(prefix="vspreflight"))
    made.chmod(0o755)
    yield made / "run"
    shutil.rmtree(made)


def look(folder: Path, who: User) -> Finding:
    """The one finding."""
    (finding,) = look_at_run_folder(folder, who)
    return finding


def test_a_folder_of_ours_is_well(folder: Path) -> None:
    """For hooks that run as we do."""
    folder.mkdir(mode=0o700)
    assert look(folder, user(os.geteuid())).message == "can be used"


def test_looking_does_not_make_it(folder: Path) -> None:
    """The first order does, and a folder that root made would shut the hooks out."""
    assert look(folder, user(os.geteuid())).message == "is made by the first order"
    assert look(folder, STRANGER).level == "warning"
    assert not folder.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: gives the folder to others")
def test_a_folder_that_the_hooks_may_use_is_shared(folder: Path) -> None:
    """As systemd-tmpfiles makes it."""
    folder.mkdir()
    os.chown(folder, STRANGER.uid, STRANGER.uid)
    folder.chmod(0o770)
    assert look(folder, STRANGER) == look(folder, STRANGER)
    assert look(folder, STRANGER).message == "shared with postgres"


def test_a_folder_that_the_hooks_may_not_use_is_a_warning_with_the_line_to_add(folder: Path) -> None:
    """Else a person's orders and the hooks' are two books."""
    folder.mkdir(mode=0o700)
    finding = look(folder, STRANGER)
    assert finding.level == "warning"
    assert f"'d {folder} 0770 postgres postgres -'" in finding.fix
    assert finding.fix.endswith("systemd-tmpfiles --create")


def test_a_folder_that_everybody_can_write_to_is_refused(folder: Path) -> None:
    """Whoever can write there can forge orders."""
    folder.mkdir()
    folder.chmod(0o777)
    finding = look(folder, user(os.geteuid()))
    assert finding.level == "error"
    assert "its owner and group alone" in finding.message


def test_without_the_usual_folder_the_hooks_fall_back_to_tmp(monkeypatch: pytest.MonkeyPatch) -> None:
    """It works, but a person does not see the hooks' orders."""
    monkeypatch.delenv("VIPSWITCH_RUN_DIR", raising=False)
    if Path("/run/vipswitch").exists():
        pytest.skip("this machine has /run/vipswitch")
    (finding,) = look_at_run_folder(None, STRANGER)
    assert "postgres falls back to /tmp/vipswitch-54321" in finding.message
    assert tmpfiles_line(Path("/run/vipswitch"), STRANGER) in finding.fix
