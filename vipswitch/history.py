"""The moves of this node, one JSON line each, in a file that only grows and is turned over at 1 MB.

Rules: a move is appended by one write(2) with O_APPEND, so processes need no lock to write side by side; only
who turns the file over holds one, on the file itself. Nothing is synced. A history that cannot be written
hurts nobody: it is said in the debug log. Readers take the lines that are moves and skip the rest (half
a line after a crash, a line of a newer vipswitch); of a file that they may not read they warn. Source:
open(2), O_APPEND; flock(2).

The agent writes to a folder on disk. A hook on its own writes to the run folder, on tmpfs: a stalling disk
is itself a cause of failovers. Readers put both together.
"""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from vipswitch.move import Move

log = logging.getLogger(__name__)

NAME = "history.jsonl"
TURNED_AT = 1_000_000
_READ_AT_MOST = 4 * TURNED_AT
_LOOK = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


class History:
    """The moves in some folders: written to the first that can be written, read from all."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = tuple(folders)

    def add(self, move: Move) -> None:
        """Note a move, or what has become of one that was noted unfinished."""
        line = move.to_json().encode() + b"\n"
        any(_appended(folder / NAME, line) for folder in self._folders)

    def moves(self, vip: str | None = None) -> list[Move]:
        """All moves, or those of one VIP, oldest first; of a move that was noted twice the later line."""
        found = {
            move.id: move
            for folder in dict.fromkeys(self._folders)
            for path in (folder / f"{NAME}.1", folder / NAME)
            for move in _moves(path)
            if vip in (None, move.vip)
        }
        return sorted(found.values(), key=lambda move: move.began)


def _appended(path: Path, line: bytes) -> bool:
    try:
        _append(path, line)
    except OSError as wrong:
        log.debug("%s: the move was not noted: %s", path, wrong)
        return False
    return True


def _append(path: Path, line: bytes) -> None:
    fd = _open(path)
    try:
        if not _turned_over(path, fd):
            return _write(fd, line)
    finally:
        os.close(fd)
    return _append(path, line)


def _write(fd: int, line: bytes) -> None:
    """One write; a new line is begun first where a full disk or a crash left half of one."""
    size = os.fstat(fd).st_size
    whole = size == 0 or os.pread(fd, 1, size - 1) == b"\n"
    os.write(fd, line if whole else b"\n" + line)


def _turned_over(path: Path, fd: int) -> bool:
    """Whether the open file has become the old one: it was full, and this or another process renamed it."""
    if os.fstat(fd).st_size < TURNED_AT:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    if os.path.samestat(os.fstat(fd), path.lstat()):
        path.replace(path.with_name(f"{path.name}.1"))
    return True


def _open(path: Path) -> int:
    """For all who may use the folder, as the orders there; follows no link, waits for no pipe."""
    flags = os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
    try:
        fd = os.open(path, flags | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return os.open(path, flags)
    owner = path.parent.stat()
    if os.geteuid() == 0:
        os.fchown(fd, owner.st_uid, owner.st_gid)
    os.fchmod(fd, 0o660)
    return fd


def _moves(path: Path) -> Iterator[Move]:
    for line in _lines(path):
        try:
            yield Move.from_json(line)
        except ValueError as wrong:
            log.debug("%s: a line is not a move: %s", path, wrong)


def _lines(path: Path) -> list[bytes]:
    """The lines of the file, the newest when it is larger than it should be."""
    try:
        with open(os.open(path, _LOOK), "rb") as file:
            file.seek(max(os.fstat(file.fileno()).st_size - _READ_AT_MOST, 0))
            return [line for line in file.read(_READ_AT_MOST).splitlines() if line]
    except FileNotFoundError:
        return []
    except OSError as wrong:
        log.warning("%s: cannot be read: %s", path, wrong.strerror)
        return []
