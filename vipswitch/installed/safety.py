"""Could anybody but root change what a caller runs by some path?

The rule is that of keepalived's enable_script_security, which runs no script otherwise: each part of the
path, and of the path behind its links, belongs to root; whoever else may write to a folder finds it sticky.
Where we are not root, what is our own is safe for us too. Source: keepalived, lib/notify.c, check_security.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path


def weak_spot(path: Path, owners: Iterable[int]) -> str:
    """The first part of a path that somebody other than the owners can change, and why; empty if none.

    What is not there yet is not looked at. Raises OSError.
    """
    trusted = frozenset(owners)
    for part in _parts(path):
        if os.path.lexists(part) and (wrong := _weakness(part, trusted)):
            return f"{part} {wrong}"
    return ""


def trusted_owners() -> tuple[int, ...]:
    """Root, and ourselves."""
    return (0, os.geteuid())


def _parts(path: Path) -> Iterator[Path]:
    spelt = Path(os.path.abspath(path))
    real = Path(os.path.realpath(path))
    for each in dict.fromkeys((spelt, real)):
        yield from (*reversed(each.parents), each)


def _weakness(part: Path, trusted: frozenset[int]) -> str:
    about = part.lstat()
    if about.st_uid not in trusted:
        return f"belongs to uid {about.st_uid}"
    if stat.S_ISLNK(about.st_mode) or (stat.S_ISDIR(about.st_mode) and about.st_mode & stat.S_ISVTX):
        return ""
    if about.st_mode & stat.S_IWOTH:
        return "can be written to by everybody"
    if about.st_mode & stat.S_IWGRP and about.st_gid != 0:
        return f"can be written to by the group {about.st_gid}"
    return ""
