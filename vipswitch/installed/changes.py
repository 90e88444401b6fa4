"""Making files and taking them away: all of them or, when one fails, none.

Rules: each file appears at once and whole, by a link or a rename within its folder; where nothing was,
nothing that has appeared meanwhile is overwritten; what was done before a failure is undone, the last first.
Who is killed half way runs it again: a file that it has left aside has the same name in every run.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from vipswitch.errors import HostError, PermissionDenied, VipswitchError
from vipswitch.installed.catalogue import is_ours_alone
from vipswitch.installed.content import Content, Link

_FOLDER_MODE = 0o755


@dataclass(frozen=True, slots=True)
class Change:
    """A file as it is, and as it is to be; None where there is none. `base` is a folder that is there."""

    path: Path
    base: Path
    before: Content | None
    after: Content | None


def carry_out(changes: Iterable[Change]) -> None:
    """Make every change, or raise PermissionDenied or HostError and leave everything as it was."""
    back: list[Callable[[], object]] = []
    try:
        for change in changes:
            _carry_out(change, back)
    except BaseException:  # Ctrl-C as well
        for undo in reversed(back):
            with contextlib.suppress(OSError):
                undo()
        raise


def _carry_out(change: Change, back: list[Callable[[], object]]) -> None:
    try:
        for undo in _carried_out(change):
            back.append(undo)
    except OSError as wrong:
        raise _ours(change.path, wrong) from wrong


def _carried_out(change: Change) -> Iterator[Callable[[], object]]:
    """Carry out one change; yields what undoes each part of it, as it is done."""
    for folder in _missing(change):
        _make(folder)
        yield folder.rmdir
    _put(change.path, change.after, change.before)
    yield lambda: _put(change.path, change.before, change.after)
    if change.after is None:
        yield from _left(change)


def _put(path: Path, content: Content | None, instead_of: Content | None) -> None:
    """Put the content there. A new file is linked, which fails where something is; else renamed."""
    if content is None:
        path.unlink()
        return
    aside = path.with_name(f".{path.name}.new")
    aside.unlink(missing_ok=True)  # a killed run's
    try:
        _write(aside, content)
        if instead_of is None:
            os.link(aside, path, follow_symlinks=False)
        else:
            aside.rename(path)
    finally:
        aside.unlink(missing_ok=True)


def _write(aside: Path, content: Content) -> None:
    if isinstance(content, Link):
        aside.symlink_to(content.target)
        return
    with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content.text.encode("utf-8", "surrogateescape"))
        os.fchmod(file.fileno(), content.mode)
        file.flush()
        os.fsync(file.fileno())  # else a power cut leaves an empty file behind the rename


def _missing(change: Change) -> list[Path]:
    """The folders between the base and the file that are not there, the outermost first."""
    if change.after is None:
        return []
    between = [up for up in change.path.parents if up != change.base and up.is_relative_to(change.base)]
    return [folder for folder in reversed(between) if not folder.exists()]


def _make(folder: Path) -> None:
    folder.mkdir()
    folder.chmod(_FOLDER_MODE)


def _left(change: Change) -> Iterator[Callable[[], object]]:
    """Take the file's folder away if it was ours alone and is empty now."""
    folder = change.path.parent
    if is_ours_alone(folder):
        with contextlib.suppress(OSError):
            folder.rmdir()
            yield lambda: _make(folder)


def _ours(path: Path, wrong: OSError) -> VipswitchError:
    if isinstance(wrong, PermissionError):
        return PermissionDenied(f"{path}: may not be changed", hint="run this as root; nothing was changed")
    return HostError(f"{path}: {wrong.strerror}", hint="nothing was changed")
