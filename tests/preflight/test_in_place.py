"""What the preflight says of the hooks where their callers look."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.installed.scene import Scene, scene
from vipswitch.preflight.in_place import look_at_hooks_in_place


@pytest.fixture
def here(tmp_path: Path) -> Scene:
    """An installation."""
    return scene(tmp_path)


def told(here: Scene) -> list[str]:
    """Each finding in one line."""
    findings = look_at_hooks_in_place(here.origin, here.into)
    return [f"{f.level}: {Path(f.subject).name}: {f.message}" for f in findings]


def test_nothing_is_said_of_callers_without_hooks(here: Scene) -> None:
    """They may not be in use, or look elsewhere."""
    assert told(here) == []


def test_hooks_of_this_installation_are_well(here: Scene) -> None:
    """And it is said what they run."""
    here.install("keepalived")
    assert told(here)[0] == f"ok: vipswitch-keepalived: runs {here.origin.scripts}/vipswitch-keepalived"


def test_hooks_of_another_installation_run_another_version(tmp_path: Path, here: Scene) -> None:
    """An error only where they run nothing at all any more."""
    old = scene(tmp_path, "old")
    old.install("patroni")
    about = f"vipswitch-patroni: leads to {old.origin.scripts}/vipswitch-patroni"
    assert told(here) == [f"warning: {about}, and not to this installation"]
    (old.origin.scripts / "vipswitch-patroni").unlink()
    assert told(here) == [f"error: {about}, which is gone, and not to this installation"]


def test_what_is_not_ours_is_named(here: Scene) -> None:
    """The OCF tree may have an agent of that name already."""
    (here.into / "vip").write_text("#!/bin/sh\n")
    assert told(here) == ["warning: vip: is not ours"]
