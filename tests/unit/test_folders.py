"""The folders: made for orders, and only for orders."""

from pathlib import Path

import pytest

from vipswitch.cli import main
from vipswitch.folders import run_folder

FLAGS = ["--provider", "file", "--node", "a"]


@pytest.mark.parametrize("words", [["status"], ["up", "--dry-run"]])
def test_looking_makes_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]) -> None:
    """One that root makes by looking would shut out the hooks of the postgres user."""
    monkeypatch.setenv("VIPSWITCH_RUN_DIR", str(tmp_path / "run"))
    assert main([*words, "10.99.0.50", *FLAGS, "--path", str(tmp_path / "vip.json")]) == 0
    assert not (tmp_path / "run").exists()


def test_order_makes_its_folder_for_its_user_alone(tmp_path: Path) -> None:
    """Nobody else reads or writes what was asked of this node."""
    made = run_folder(tmp_path / "run")
    assert made.stat().st_mode & 0o777 == 0o700
