"""A wheel, built and installed: it carries every hook, and each caller gets its own from it.

Needs hatchling (extra `dev`) and pip; asks no package index for anything.
"""

from __future__ import annotations

import json
import subprocess
import sys
import venv
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from vipswitch.installed.catalogue import CALLERS, PLACES
from vipswitch.installed.safety import trusted_owners, weak_spot

ROOT = Path(__file__).resolve().parents[2]

pytestmark = [
    pytest.mark.skipif(find_spec("hatchling") is None, reason="hatchling is not installed (extra `dev`)"),
    pytest.mark.skipif(find_spec("pip") is None, reason="this interpreter has no pip"),
]


def ran(*words: str | Path) -> str:
    """The stdout of a command that succeeds."""
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("dist")
    ran(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder)
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the executables of an environment of its own, without any dependency."""
    home = tmp_path_factory.mktemp("opt") / "vipswitch"
    venv.create(home, symlinks=True)
    python = home / "bin/python"
    if spot := weak_spot(python, trusted_owners()):
        pytest.skip(f"no hook is installed from where others may write: {spot}")
    ran(
        sys.executable,
        "-m",
        "pip",
        "--python",
        python,
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        wheel,
    )
    return python.parent


def test_wheel_carries_every_hook_and_unit(wheel: Path) -> None:
    """So that `hooks install` has them all, wherever pip has put them."""
    names = {Path(name).name for name in zipfile.ZipFile(wheel).namelist()}
    for folder in (ROOT / "hooks/installed", ROOT / "systemd"):
        assert {path.name for path in folder.iterdir()} <= names


@pytest.mark.parametrize("caller", CALLERS)
def test_each_caller_gets_its_files_and_loses_them_again(
    installed: Path, tmp_path: Path, caller: str
) -> None:
    """From the wheel, by the installed command."""
    words = [installed / "vipswitch", "hooks"]
    ran(*words, "install", caller, "--into", tmp_path)
    listed = json.loads(ran(*words, "list", caller, "--into", tmp_path, "--json"))
    assert listed
    assert {file["state"] for file in listed} == {"installed"}
    assert all(Path(file["runs"]).parent == installed for file in listed if caller in PLACES)
    ran(*words, "remove", caller, "--into", tmp_path)
    assert [path for path in tmp_path.rglob("*") if not path.is_dir()] == []


@pytest.mark.parametrize("caller", PLACES)
def test_each_hook_starts_without_an_environment(installed: Path, tmp_path: Path, caller: str) -> None:
    """Callers run them without PATH; without words each says what it expects, and changes nothing."""
    ran(installed / "vipswitch", "hooks", "install", caller, "--into", tmp_path)
    for place in PLACES[caller]:
        done = subprocess.run(
            [tmp_path / place.name], env={}, capture_output=True, text=True, timeout=30, check=False
        )
        assert done.returncode in (2, 3), done.stderr
        assert done.stderr
        assert "Traceback" not in done.stderr
