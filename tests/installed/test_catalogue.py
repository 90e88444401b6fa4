"""The table of callers and their hooks, compared with what is in the repository."""

from __future__ import annotations

from pathlib import Path

import pytest

from vipswitch.installed.catalogue import PLACES, usual_folder

ROOT = Path(__file__).resolve().parents[2]
EXECUTABLES = [place.executable for places in PLACES.values() for place in places]


def has_executables(caller: str) -> bool:
    """Whether the repository has the hooks of that caller."""
    commands = [place.executable.command for place in PLACES.get(caller, ())]
    return all((ROOT / "hooks/installed" / command).exists() for command in commands)


def test_table_has_every_executable() -> None:
    """One that is missing there would never be put where its caller looks."""
    assert {path.name for path in (ROOT / "hooks/installed").iterdir()} <= {e.command for e in EXECUTABLES}
    clones = {path.name for path in (ROOT / "hooks").iterdir() if path.is_file()}
    assert clones <= {e.cloned for e in EXECUTABLES}


@pytest.mark.parametrize("caller", [caller for caller in PLACES if has_executables(caller)])
def test_a_clone_has_what_an_installation_has(caller: str) -> None:
    """Both can be run, and do the same."""
    for place in PLACES[caller]:
        for path in (place.executable.command, place.executable.cloned):
            folder = ROOT / "hooks" if path == place.executable.cloned else ROOT / "hooks/installed"
            assert (folder / path).stat().st_mode & 0o111 == 0o111


def test_pacemaker_looks_in_its_own_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the distribution has put it, by the name of the provider."""
    monkeypatch.delenv("OCF_ROOT", raising=False)
    assert usual_folder("pacemaker") == Path("/usr/lib/ocf/resource.d/vipswitch")
    monkeypatch.setenv("OCF_ROOT", "/opt/ocf")
    assert usual_folder("pacemaker") == Path("/opt/ocf/resource.d/vipswitch")
