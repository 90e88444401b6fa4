r"""A reader for keepalived.conf: its statements, each with its words, its block and where it stands.

Rules: one statement a line, a backslash at its end joins the next one; `#` and `!` begin a comment outside
quotes; quotes of both kinds keep words together, a backslash takes the meaning of the character behind it;
`include` and its variants take patterns, relative to the including file. A line for one kind of node only
(`@id`) is taken as if it were for this one. Not carried out: `~SEQ` and `~LST` lines, which are left out,
and `$NAME`, which stays in the words as it is. Source: keepalived.conf(5).
"""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vipswitch.errors import ConfigError

_INCLUDE = re.compile(r"include[rmwba]?")
_CONDITION = re.compile(r"@\^?\S+\s+")
_DEEPEST = 10


@dataclass(frozen=True, slots=True)
class Statement:
    """One line: its words, and the block that it stands in, such as ("vrrp_instance", "VI_1")."""

    words: tuple[str, ...]
    block: tuple[str, ...]
    path: Path
    line: int

    @property
    def where(self) -> str:
        """How people find it."""
        return f"{self.path}:{self.line}: {self.words[0]}"


def read(path: Path) -> list[Statement]:
    """Every statement of the file and of those it includes. Raises OSError, ConfigError."""
    return list(_with_blocks(_lines(path, 0)))


def _with_blocks(lines: Iterator[tuple[Path, int, list[str]]]) -> Iterator[Statement]:
    """Tell which block each line stands in; a block begins with the words before its brace."""
    blocks: list[tuple[str, ...]] = []
    last: tuple[str, ...] = ()
    for path, number, words in lines:
        part: list[str] = []
        for word in (*words, None):
            if word not in ("{", "}", None):
                part.append(str(word))
                continue
            if part:
                last, part = tuple(part), []
                yield Statement(last, blocks[-1] if blocks else (), path, number)
            if word == "{":
                blocks.append(last)
            elif word == "}" and blocks:
                blocks.pop()


def _lines(path: Path, depth: int) -> Iterator[tuple[Path, int, list[str]]]:
    if depth > _DEEPEST:
        raise ConfigError(f"{path}: included in itself", hint="look at its include lines")
    text = path.read_text(encoding="utf-8", errors="surrogateescape")
    for number, line in _joined(text):
        words = words_of(_CONDITION.sub("", line.strip(), count=1))
        if not words or words[0].startswith("~"):
            continue
        if _INCLUDE.fullmatch(words[0]) and len(words) == 2:
            for included in sorted(glob.glob(os.path.join(path.parent, words[1]))):
                yield from _lines(Path(included), depth + 1)
        else:
            yield path, number, words


def _joined(text: str) -> Iterator[tuple[int, str]]:
    """The lines with the number of their first part."""
    first, whole = 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        first = first or number
        if line.endswith("\\"):
            whole += line[:-1]
            continue
        yield first, whole + line
        first, whole = 0, ""
    if whole:
        yield first, whole


def words_of(line: str) -> list[str]:
    """The words of a line up to its comment, quotes taken away."""
    words: list[str] = []
    word: str | None = None
    quote = ""
    left = iter(line)
    for char in left:
        if char == "\\":
            word = (word or "") + next(left, "")
        elif quote:
            quote = "" if char == quote else quote
            word = (word or "") + (char if quote else "")
        elif char in "\"'":
            quote, word = char, word or ""
        elif char in "#!":
            break
        elif char.isspace():
            words += [word] if word is not None else []
            word = None
        else:
            word = (word or "") + char
    return words + ([word] if word is not None else [])
