"""All or nothing, and never over something that was not there when we looked."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from vipswitch.errors import HostError, PermissionDenied
from vipswitch.installed.changes import Change, carry_out
from vipswitch.installed.content import Content, Link, Text, content_of


def new(path: Path, base: Path) -> Change:
    """A file where there is none."""
    return Change(path, base, None, Text("new\n"))


def everything(folder: Path) -> dict[Path, Content | None]:
    """What is in a folder, folders as None."""
    return {path: content_of(path) for path in sorted(folder.rglob("*"))}


def test_a_failure_undoes_what_was_done_before_it(tmp_path: Path) -> None:
    """New files and folders, replaced ones, and those taken away, with their folder."""
    kept, gone = tmp_path / "kept", tmp_path / "x.service.d/gone"
    kept.symlink_to("/opt/old")
    gone.parent.mkdir()
    gone.write_text("gone\n")
    gone.chmod(0o640)
    taken = tmp_path / "taken"
    taken.write_text("appeared meanwhile\n")
    before = everything(tmp_path)
    changes = [
        Change(kept, tmp_path, content_of(kept), Link(Path("/opt/new"))),
        Change(gone, tmp_path, content_of(gone), None),
        new(tmp_path / "a/b/new", tmp_path),
        new(taken, tmp_path),
    ]
    with pytest.raises(HostError, match="taken: File exists") as failed:
        carry_out(changes)
    assert failed.value.hint == "nothing was changed"
    assert everything(tmp_path) == before


def test_an_interrupt_undoes_it_too(tmp_path: Path) -> None:
    """Ctrl-C between two files."""

    def interrupted() -> Iterator[Change]:
        yield new(tmp_path / "first", tmp_path)
        os.kill(os.getpid(), signal.SIGINT)
        yield new(tmp_path / "second", tmp_path)

    with pytest.raises(KeyboardInterrupt):
        carry_out(interrupted())
    assert list(tmp_path.iterdir()) == []


def test_without_a_failure_all_is_done(tmp_path: Path) -> None:
    """So that the test before this one can fail."""
    kept = tmp_path / "kept"
    kept.symlink_to("/opt/old")
    carry_out(
        [
            Change(kept, tmp_path, content_of(kept), Link(Path("/opt/new"))),
            new(tmp_path / "a/b/new", tmp_path),
        ]
    )
    assert kept.readlink() == Path("/opt/new")
    assert (tmp_path / "a/b/new").read_text() == "new\n"
    assert (tmp_path / "a/b").stat().st_mode & 0o777 == 0o755


def test_modes_do_not_depend_on_the_umask(tmp_path: Path) -> None:
    """An administrator's 077 would make hooks that postgres cannot run."""
    before = os.umask(0o077)
    try:
        carry_out([Change(tmp_path / "d/hook", tmp_path, None, Text("#!/bin/sh\n", 0o755))])
    finally:
        os.umask(before)
    assert (tmp_path / "d").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "d/hook").stat().st_mode & 0o777 == 0o755


def test_nothing_is_left_beside_the_files(tmp_path: Path) -> None:
    """What a killed run has left aside is gone once it was run again."""

    def kill(event: str, _: object) -> None:
        if event == "os.link":
            os.kill(os.getpid(), signal.SIGKILL)

    killed = os.fork()
    if killed == 0:
        sys.addaudithook(kill)
        carry_out([new(tmp_path / "hook", tmp_path)])
    assert os.WTERMSIG(os.waitpid(killed, 0)[1]) == signal.SIGKILL
    assert len(list(tmp_path.iterdir())) == 1
    carry_out([new(tmp_path / "hook", tmp_path)])
    assert [path.name for path in tmp_path.iterdir()] == ["hook"]


def test_a_folder_that_may_not_be_written_to(tmp_path: Path) -> None:
    """/proc says no to root as well; here one file was there already, and is gone again."""
    where = Path("/proc/self/fd") if os.geteuid() == 0 else Path("/")
    with pytest.raises((PermissionDenied, HostError)):
        carry_out([new(tmp_path / "first", tmp_path), new(where / "second", where)])
    assert list(tmp_path.iterdir()) == []
