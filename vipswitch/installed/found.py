"""What lies where a file of ours would go: nothing, ours, ours but edited, or somebody else's.

A link is ours if it leads to a file of one of our executables' names, in whatever installation: it then
runs a hook of vipswitch. A text is ours by its mark, or because it is word for word what the package ships.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from vipswitch.installed.catalogue import PLACES
from vipswitch.installed.content import Content, Link, Text, content_of, is_marked, is_untouched
from vipswitch.installed.wanted import Wanted


class State(StrEnum):
    """What the file there is to us."""

    ABSENT = "absent"
    INSTALLED = "installed"
    STALE = "stale"
    CHANGED = "changed"
    FOREIGN = "foreign"
    OF_PIP = "of pip"


@dataclass(frozen=True, slots=True)
class Found:
    """The state, what there is to say of it, and the content where it is ours."""

    state: State
    about: str = ""
    content: Content | None = None


def found(wanted: Wanted) -> Found:
    """What lies there now. Raises OSError."""
    try:
        there = content_of(wanted.path)
    except (FileNotFoundError, NotADirectoryError):
        return Found(State.ABSENT, "not installed")
    except PermissionError:
        return _foreign("may not be read, so it is not ours")
    if there == wanted.content:
        return Found(State.INSTALLED, "installed", there)
    if _is_the_executable_itself(wanted):
        return Found(State.OF_PIP, "is where pip has put it")
    if isinstance(there, Link):
        return _found_link(there)
    return _found_text(there, wanted) if there is not None else _foreign("is no file")


def _is_the_executable_itself(wanted: Wanted) -> bool:
    """In a system-wide installation pip's folder is the callers' own."""
    return not wanted.path.is_symlink() and wanted.runs is not None and _same(wanted.path, wanted.runs)


def _same(path: Path, executable: Path) -> bool:
    return path.exists() and executable.exists() and path.samefile(executable)


def _found_link(there: Link) -> Found:
    if there.target.name not in _NAMES:
        return _foreign(f"is a link to {there.target}")
    return Found(State.STALE, f"leads to {there.target}{_doubt(there.target)}", there)


def _doubt(target: Path) -> str:
    try:
        return "" if target.exists() else ", which is gone"
    except PermissionError:
        return ", which is not for this user to see"


def _found_text(there: Text, wanted: Wanted) -> Found:
    if is_untouched(there.text):
        return Found(State.STALE, "is of another version or installation", there)
    if there.text == wanted.shipped:
        return Found(State.STALE, "was copied from the package by hand", there)
    if is_marked(there.text):
        return Found(State.CHANGED, "was put here by us and has been edited since")
    return _foreign("is not ours")


def _foreign(about: str) -> Found:
    return Found(State.FOREIGN, about)


_NAMES = frozenset(
    name
    for places in PLACES.values()
    for place in places
    for name in (place.executable.command, place.executable.cloned)
)
