"""The history: nothing is lost between processes, nothing broken gets in the way, nobody is hurt by it."""

from __future__ import annotations

import fcntl
import logging
import multiprocessing
import os
import stat
from pathlib import Path

import pytest

from tests.unit.moves import TAKEOVER, moved
from vipswitch import folders
from vipswitch.folders import history_folders
from vipswitch.history import NAME, TURNED_AT, History, _turned_over


def test_moves_are_read_oldest_first_from_all_folders(tmp_path: Path) -> None:
    """The agent writes on disk, a hook on its own to the run folder."""
    disk, run = tmp_path / "disk", tmp_path / "run"
    disk.mkdir()
    run.mkdir()
    for at in (1.0, 4.0):
        History([disk, run]).add(moved(began=at))
    for at in (2.0, 3.0):
        History([run]).add(moved(began=at))
    assert [move.began for move in History([disk, run]).moves()] == [1.0, 2.0, 3.0, 4.0]
    assert [move.began for move in History([run]).moves()] == [2.0, 3.0]


def test_one_vip_is_told_from_another(tmp_path: Path) -> None:
    """By its name."""
    history = History([tmp_path])
    history.add(TAKEOVER)
    history.add(moved(vip="replica"))
    assert history.moves("replica") == [moved(vip="replica")]
    assert history.moves("nobody") == []


def test_of_an_unfinished_move_the_later_line_counts(tmp_path: Path) -> None:
    """A pending order is noted when its hook is answered, and again when the agent is done with it."""
    history = History([tmp_path])
    history.add(moved(exit_code=5, finished=False))
    history.add(moved(rounds=4))
    assert history.moves() == [moved(rounds=4)]


@pytest.mark.parametrize("broken", [b'{"vip": "pri', b"\n\n", b"\xff\x00\xfe\n", b"[]\n", b'{"a": 1}\n'])
def test_a_broken_line_hides_no_other(tmp_path: Path, broken: bytes) -> None:
    """Half a line after a crash, before and after whole ones."""
    history = History([tmp_path])
    history.add(moved(began=1.0))
    with (tmp_path / NAME).open("ab") as file:
        file.write(broken)
    history.add(moved(began=2.0))
    assert [move.began for move in history.moves()] == [1.0, 2.0]


def test_a_full_file_is_turned_over_once(tmp_path: Path) -> None:
    """Two files of about 1 MB are all that is ever kept."""
    history = History([tmp_path])
    big = moved(errors=("x" * 100_000,))
    for at in range(35):
        history.add(moved(began=float(at), errors=big.errors))
    sizes = [path.stat().st_size for path in tmp_path.iterdir()]
    assert len(sizes) == 2
    assert max(sizes) < TURNED_AT + 110_000
    kept = [move.began for move in history.moves()]
    assert kept == [float(at) for at in range(35)][-len(kept) :]
    assert len(kept) >= 10


def _write_many(folder: Path, first: int) -> None:
    for number in range(40):
        History([folder]).add(moved(began=float(first + number), errors=("x" * 10_000,)))


def test_processes_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    """Also while the file is turned over: 160 moves of 10 KB fill it once."""
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_write_many, args=(tmp_path, first)) for first in (0, 40, 80, 120)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    assert [move.began for move in History([tmp_path]).moves()] == [float(number) for number in range(160)]
    assert len(list(tmp_path.iterdir())) == 2


def test_the_file_is_for_all_who_may_use_the_folder(tmp_path: Path) -> None:
    """The postgres user's hooks and the agent are of one group."""
    History([tmp_path]).add(TAKEOVER)
    assert stat.S_IMODE((tmp_path / NAME).stat().st_mode) == 0o660


def test_no_link_is_followed(tmp_path: Path) -> None:
    """The folder may belong to somebody else than root."""
    target = tmp_path / "target"
    target.write_text(TAKEOVER.to_json() + "\n")
    (tmp_path / NAME).symlink_to(target)
    history = History([tmp_path])
    history.add(moved(began=2.0))
    assert target.read_text().count("\n") == 1
    assert history.moves() == []


def test_a_pipe_in_its_place_stops_nobody(tmp_path: Path) -> None:
    """Nor is it waited for, by who writes or by who reads."""
    os.mkfifo(tmp_path / NAME)
    history = History([tmp_path])
    history.add(TAKEOVER)
    assert history.moves() == []


def test_a_file_that_another_process_has_turned_over_is_not_turned_over_again(tmp_path: Path) -> None:
    """The old file, full of moves, would be replaced by the new one, which has only just begun."""
    path = tmp_path / NAME
    path.write_bytes(b"x" * TURNED_AT)
    with path.open("r+b") as open_before:
        path.replace(tmp_path / f"{NAME}.1")
        path.write_bytes(b"new")
        assert _turned_over(path, open_before.fileno())
    assert (tmp_path / f"{NAME}.1").stat().st_size == TURNED_AT
    assert path.read_bytes() == b"new"


def test_who_finds_another_turning_the_file_over_still_writes(tmp_path: Path) -> None:
    """Into the full file, which is about to be the old one."""
    path = tmp_path / NAME
    path.write_bytes(b"x" * TURNED_AT + b"\n")
    with path.open("rb") as busy:
        fcntl.flock(busy, fcntl.LOCK_EX)
        History([tmp_path]).add(TAKEOVER)
    assert [each.name for each in tmp_path.iterdir()] == [NAME]
    assert History([tmp_path]).moves() == [TAKEOVER]


def test_a_folder_that_cannot_be_written_hurts_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The move is noted in the next one, or nowhere; it is said where only who searches looks."""
    with caplog.at_level(logging.DEBUG, "vipswitch.history"):
        History([tmp_path / "absent"]).add(TAKEOVER)
    assert [record.levelname for record in caplog.records] == ["DEBUG"]
    History([tmp_path / "absent", tmp_path]).add(TAKEOVER)
    assert History([tmp_path]).moves() == [TAKEOVER]


def test_what_may_not_be_read_is_not_taken_for_empty(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A link in the file's place stands for a missing right, which root never lacks."""
    (tmp_path / NAME).symlink_to("/nowhere")
    assert History([tmp_path]).moves() == []
    assert "cannot be read" in caplog.text


def test_a_test_or_a_private_folder_never_meets_the_machines_history(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the usual run folder has the state folder beside it, once there is one."""
    assert history_folders(tmp_path) == [tmp_path]
    monkeypatch.setattr(folders, "RUN", tmp_path)
    monkeypatch.setattr(folders, "STATE", tmp_path / "state")
    assert history_folders(tmp_path) == [tmp_path]
    (tmp_path / "state").mkdir()
    assert history_folders(tmp_path) == [tmp_path / "state", tmp_path]
