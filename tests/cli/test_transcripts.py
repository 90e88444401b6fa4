"""Every transcript, run again: the words, the exit codes, and that mistakes are cheap and harmless."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.transcript import agrees, lay_out, read, run

FILES = sorted(Path(__file__).with_name("transcripts").glob("*.txt"))
SOON_S = 2.0


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
@pytest.mark.timed
def test_transcript_is_what_people_see(file: Path, tmp_path: Path) -> None:
    """Word for word; no traceback, each command soon done, and a refused one has changed nothing."""
    case = read(file.read_text())
    if "needs: root" in case.about and os.geteuid() != 0:
        pytest.skip("needs root")
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


def _everything(folder: Path) -> dict[str, bytes]:
    """Each file and its content, orders and locks aside."""
    files = (path for path in folder.rglob("*") if path.is_file() and "run" not in path.parts)
    return {str(path): path.read_bytes() for path in files}
