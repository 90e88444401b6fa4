"""The table of callers and their hooks, compared with what is in the repository."""

from __future__ import annotations

from pathlib import Path

import pytest

from vipswitch.installed.catalogue import PLACES, usual_folder

ROOT = Path(__file__).resolve().parents[2]
EXECUTABLES = [place.executable for places in PLACES.values() for place in places]


def test_table_and_folders_name_the_same() -> None:
    """What is missing in the table would never be put in place; what is in it alone could not be."""
    installed = {path.name for path in (ROOT / "hooks/installed").iterdir()}
    cloned = {path.name for path in (ROOT / "hooks").iterdir() if path.is_file()}
    assert installed == {executable.command for executable in EXECUTABLES}
    assert cloned == {executable.cloned for executable in EXECUTABLES}


@pytest.mark.parametrize("caller", PLACES)
def test_hooks_can_be_run(caller: str) -> None:
    """As a clone has them, and as pip puts them in place."""
    for place in PLACES[caller]:
        for path in (f"installed/{place.executable.command}", place.executable.cloned):
            assert (ROOT / "hooks" / path).stat().st_mode & 0o111 == 0o111


def test_pacemaker_looks_in_its_own_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the distribution has put it, by the name of the provider."""
    monkeypatch.delenv("OCF_ROOT", raising=False)
    assert usual_folder("pacemaker") == Path("/usr/lib/ocf/resource.d/vipswitch")
    monkeypatch.setenv("OCF_ROOT", "/opt/ocf")
    assert usual_folder("pacemaker") == Path("/opt/ocf/resource.d/vipswitch")
