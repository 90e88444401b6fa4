"""Every transcript, run again: the words, the exit codes, and that mistakes are cheap and harmless."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

import vipswitch
from tests.cli.transcript import agrees, lay_out, read, run
from vipswitch.installed.safety import trusted_owners, weak_spot

FILES = sorted(Path(__file__).with_name("transcripts").glob("*.txt"))
SOON_S = 2.0


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
@pytest.mark.timed
def test_transcript_is_what_people_see(file: Path, tmp_path: Path) -> None:
    """Word for word; no traceback, each command soon done, and a refused one has changed nothing."""
    case = read(file.read_text())
    if "needs: root" in case.about and os.geteuid() != 0:
        pytest.skip("needs root")
    if "needs: files of our own" in case.about and (others := _others_files()):
        pytest.skip(f"no hook is installed from where others may write: {others}")
    lay_out(case, tmp_path)
    for command, expected in case.steps:
        before = _everything(tmp_path)
        shown, seconds = run(command, tmp_path)
        if not agrees(shown, expected):
            assert shown == expected, command
        assert "Traceback" not in shown
        assert seconds < SOON_S
        if shown.endswith("[exit 2]"):
            assert _everything(tmp_path) == before


def _others_files() -> str:
    """Why hooks of this checkout may not be installed: a root who tests somebody else's clone."""
    checked = (Path(sys.executable), Path(vipswitch.__file__))
    return next(filter(None, (weak_spot(path, trusted_owners()) for path in checked)), "")


def _everything(folder: Path) -> dict[str, bytes]:
    """Each file and its content, orders and locks aside."""
    files = (path for path in folder.rglob("*") if path.is_file() and "run" not in path.parts)
    return {str(path): path.read_bytes() for path in files}
