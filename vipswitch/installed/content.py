"""What a file of ours holds: a link to an executable, or a text that carries a digest of itself.

The digest tells a text that nobody has touched, whatever version wrote it, from one that somebody has edited.
It is no protection, only a question whether to ask.
"""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

_MARK = "# put here by `vipswitch hooks install`, unchanged while its digest is "
_MOST_BYTES = 65536


@dataclass(frozen=True, slots=True)
class Link:
    """A symbolic link."""

    target: Path


@dataclass(frozen=True, slots=True)
class Text:
    """A regular file, with its permission bits."""

    text: str
    mode: int = 0o644


Content = Link | Text


def marked(text: str) -> str:
    """The text with our mark, which comes after a `#!` line."""
    first, rest = _apart(text)
    return f"{first}{_MARK}{_digest(text)}\n{rest}"


def is_marked(text: str) -> bool:
    """Whether our mark is in its place, be the text edited or not."""
    return _apart(text)[1].startswith(_MARK)


def is_untouched(text: str) -> bool:
    """Whether it is as one of our versions wrote it."""
    first, rest = _apart(text)
    mark, _, body = rest.partition("\n")
    return mark == f"{_MARK}{_digest(first + body)}"


def content_of(path: Path) -> Content | None:
    """What lies at a path; None for what can be neither, a folder or a program. Raises OSError."""
    about = path.lstat()
    if stat.S_ISLNK(about.st_mode):
        return Link(Path(os.path.normpath(path.parent / os.readlink(path))))
    if not stat.S_ISREG(about.st_mode) or about.st_size > _MOST_BYTES:
        return None
    text = path.read_bytes().decode("utf-8", "surrogateescape")
    return Text(text, stat.S_IMODE(about.st_mode))


def _apart(text: str) -> tuple[str, str]:
    """The `#!` line, if there is one, and the rest."""
    if not text.startswith("#!"):
        return "", text
    first, _, rest = text.partition("\n")
    return f"{first}\n", rest


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:16]
