r"""A reader for pgpool.conf that takes the file as Pgpool-II's own lexer does.

Rules: the longest token wins; a value is the one token after the name, whatever it is; names are
compared to the letter; the last setting of a name wins; `include` is followed. Traps of that lexer: a
doubled quote is a syntax error, a backslash lets a quote pass but stays in the value, a double quote is
a value of its own, a comment without a newline behind it is a syntax error, and whatever is not a "no"
is a "yes". Source: src/config/pool_config.l, tried against 4.3.5.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from vipswitch.errors import ConfigError

_TOKENS = {
    "eol": r"\n",
    "space": r"[ \t\r]+",
    "comment": r"#[^\n]*(?=\n)",
    "key": r"[A-Za-z_\x80-\U0010ffff][A-Za-z_0-9\x80-\U0010ffff]*",
    "string": r"'(?:[^'\n]|(?<=\\)')*'",
    "unquoted": r"[A-Za-z_\x80-\U0010ffff][A-Za-z_0-9\x80-\U0010ffff._:/-]*",
    "integer": r"[-+]?(?:0x[0-9a-fA-F]+|[0-9]+)[a-zA-Z]*",
    "real": r"[-+]?[0-9]*\.[0-9]*(?:[Ee][-+]?[0-9]+)?",
    "equals": r"=",
    "other": r".",
}
_PATTERNS = {kind: re.compile(pattern) for kind, pattern in _TOKENS.items()}
_DEEPEST = 10
_NO = re.compile(r"0|n|no|f|fa|fal|fals|false|of|off", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting and where it stands. `garbled`: what stands after the name is no value at all."""

    name: str
    value: str
    path: Path
    line: int
    garbled: bool = False

    @property
    def where(self) -> str:
        """How people find it."""
        return f"{self.path}:{self.line}: {self.name}"


@dataclass(frozen=True, slots=True)
class PgpoolConf:
    """The settings of one pgpool.conf, the last of each name."""

    path: Path
    settings: Mapping[str, Setting]

    def text(self, name: str, default: str = "") -> str:
        """The value, or Pgpool-II's default."""
        found = self.settings.get(name)
        return default if found is None else found.value

    def on(self, name: str, default: bool = False) -> bool:
        """A yes or no as Pgpool-II takes it."""
        found = self.settings.get(name)
        return default if found is None else not _NO.fullmatch(found.value)

    def where(self, name: str) -> str:
        """Where it is set, or where it could be."""
        found = self.settings.get(name)
        return f"{self.path}: {name}" if found is None else found.where


def read_text(path: Path) -> str:
    """The file as text that keeps every byte."""
    return path.read_text(encoding="utf-8", errors="surrogateescape")


def read(path: Path, text_of: Callable[[Path], str] = read_text) -> PgpoolConf:
    """Read it with all that it includes. Raises ConfigError where Pgpool-II would not start, and OSError."""
    return PgpoolConf(path, {setting.name: setting for setting in _all(path, text_of, 0)})


def _all(path: Path, text_of: Callable[[Path], str], depth: int) -> Iterator[Setting]:
    if depth > _DEEPEST:
        raise ConfigError(f"{path}: included more than {_DEEPEST} deep", hint="a file may not include itself")
    for setting in parse(path, text_of(path)):
        if setting.name == "include":
            yield from _included(setting, text_of, depth)
        else:
            yield setting


def _included(setting: Setting, text_of: Callable[[Path], str], depth: int) -> Iterator[Setting]:
    """A relative path starts at the folder of the file that includes."""
    try:
        yield from _all(setting.path.parent / setting.value, text_of, depth + 1)
    except FileNotFoundError as wrong:
        hint = "Pgpool-II does not start without a file that it is to include"
        raise ConfigError(f"{setting.where}: no such file {setting.value}", hint=hint) from wrong


def parse(path: Path, text: str) -> list[Setting]:
    """The settings of one file, in order. Raises ConfigError with the line of a syntax error."""
    settings: list[Setting] = []
    tokens = _tokens(text)
    for kind, word, line in tokens:
        if kind == "eol":
            continue
        if kind != "key":
            raise _syntax_error(path, word, line)
        kind, value, line = next(tokens, ("eol", "", line))
        if kind == "equals":
            kind, value, line = next(tokens, ("eol", "", line))
        value = value[1:-1] if kind == "string" else value
        settings.append(Setting(word, value, path, line, garbled=kind in ("eol", "other", "equals")))
    return settings


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    at, line = 0, 1
    while at < len(text):
        kind, word = _longest(text, at)
        if kind not in ("space", "comment"):
            yield kind, word, line
        line += kind == "eol"
        at += len(word)


def _longest(text: str, at: int) -> tuple[str, str]:
    """As flex does: the longest match, among equals the first rule."""
    matches = ((kind, found[0]) for kind, pattern in _PATTERNS.items() if (found := pattern.match(text, at)))
    return max(matches, key=lambda match: len(match[1]))


def _syntax_error(path: Path, word: str, line: int) -> ConfigError:
    hints = {
        "'": "a quote cannot stand inside a value, doubled or not",
        "#": "end the file with a newline: a comment without one is a syntax error",
    }
    hint = hints.get(word[0], "write each setting as name = 'value'")
    return ConfigError(f"{path}:{line}: Pgpool-II stops here with a syntax error at {word}", hint=hint)
