"""Locks between the processes of this node: one file each, in the run folder.

A lock is flock(2)'s, so it ends with its process. The file of a cloud object's lock says when this node wrote
to that object last.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from vipswitch.deadline import Clock, Deadline, Instant
from vipswitch.errors import HostError, TimeUp

_LONGEST_NUMBER = 32


@contextlib.contextmanager
def locked(path: Path, clock: Clock, deadline: Deadline) -> Iterator[int]:
    """Hold the lock; its file's descriptor. Raises TimeUp when somebody else holds it until the deadline.

    It is asked for again and again: a blocking flock(2) could not end at the deadline.
    """
    fd = open_shared(path)
    try:
        if not clock.until(lambda: _locked(fd), deadline.remaining()):
            raise TimeUp(f"lock {path.stem}: still held by another vipswitch at the deadline")
        yield fd
    finally:
        os.close(fd)


def is_locked(path: Path) -> bool:
    """Whether somebody holds the lock at this moment."""
    fd = open_shared(path)
    try:
        return not _locked(fd)
    finally:
        os.close(fd)


class Turn:
    """Being alone with one cloud object; the lock's file says when this node wrote to it last."""

    def __init__(self, fd: int, clock: Clock) -> None:
        self._fd = fd
        self._clock = clock

    def written_after(self, then: Instant) -> bool:
        """Whether somebody on this node has written to the object since."""
        try:
            return float(os.pread(self._fd, _LONGEST_NUMBER, 0)) > then.boot
        except ValueError:
            return False

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Write to the object inside; noted also when that fails, because it may have been done."""
        try:
            yield
        finally:
            os.ftruncate(self._fd, 0)
            os.pwrite(self._fd, repr(self._clock.now().boot).encode(), 0)


def open_shared(path: Path) -> int:
    """Open a file of the folder, made if need be, for all who may use the folder.

    What root makes belongs to the folder's owner, so that a person's command does not shut out the
    hooks of the postgres user. No link is followed: the folder may belong to somebody else than root.
    """
    flags = os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        try:
            fd = os.open(path, flags | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return os.open(path, flags)
        owner = path.parent.stat()
        if os.geteuid() == 0:
            os.fchown(fd, owner.st_uid, owner.st_gid)
        os.fchmod(fd, 0o660)
    except OSError as wrong:
        raise HostError(
            f"{path}: {wrong.strerror}", hint="see to the run folder's owner and space"
        ) from wrong
    return fd


def _locked(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
