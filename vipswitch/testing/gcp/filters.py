"""The filters of lists.

Rules: a filter is of one of two languages, which must not be mixed: `field = "value"` with `=`, `!=`, `<`,
`<=`, `>`, `>=`, `:`; or `field eq regex` with `eq` and `ne`, where the expression must match the whole value.
Terms stand beside each other or are joined by AND, OR (which binds closer) and parentheses; `NOT` and `-`
negate. A field may be nested (`labels.role`); `:*` asks whether it is there, `:` alone whether it contains
the value. Values compare as text without regard to case, numbers as numbers. What is absent differs from all.
Sources: `filter` of compute.routes.list in the discovery document; AIP-160.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from .answers import Json
from .errors import GcpError, invalid

Test = Callable[[Json], bool]

_TOKEN = re.compile(
    r"""\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|!=|<=|>=|[()=<>:]|[^\s()=<>:!"'][^\s()=<>:!]*)"""
)
_WORDS = ("AND", "OR", "NOT")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda one, other: bool(one < other),
    "<=": lambda one, other: bool(one <= other),
    ">": lambda one, other: bool(one > other),
    ">=": lambda one, other: bool(one >= other),
}


def parse(text: str) -> Test:
    """What a filter asks of each document. Raises GcpError for one that makes no sense."""
    if not text.strip():
        return lambda _: True
    parser = _Parser(text)
    test = parser.all()
    if parser.left:
        raise parser.refused()
    return test


class _Parser:
    """Reads one filter from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.left = list(_tokens(text))
        self._kinds: set[bool] = set()

    def refused(self) -> GcpError:
        return invalid("filter", self._text, "Invalid list filter expression.")

    def all(self) -> Test:
        """Terms that all hold."""
        tests = [self._any()]
        while self.left and self.left[0] != ")":
            self._take("AND")
            tests.append(self._any())
        return lambda document: all(test(document) for test in tests)

    def _any(self) -> Test:
        tests = [self._one()]
        while self._take("OR"):
            tests.append(self._one())
        return lambda document: any(test(document) for test in tests)

    def _one(self) -> Test:
        if self._take("NOT"):
            test = self._one()
            return lambda document: not test(document)
        if self._take("("):
            found = self.all()
            if not self._take(")"):
                raise self.refused()
            return found
        return self._term()

    def _term(self) -> Test:
        try:
            name, sign, value = self.left[:3]
        except ValueError:
            raise self.refused() from None
        del self.left[:3]
        old = sign in ("eq", "ne")
        self._kinds.add(old)
        if len(self._kinds) > 1 or name in _WORDS or not (old or sign in ("=", "!=", ":", *_COMPARE)):
            raise self.refused()
        negated = name.startswith("-")
        test = _test(name.removeprefix("-"), sign, _unquoted(value), self.refused())
        return (lambda document: not test(document)) if negated else test

    def _take(self, token: str) -> bool:
        found = bool(self.left) and self.left[0] == token
        if found:
            del self.left[0]
        return found


def _tokens(text: str) -> Iterator[str]:
    at, text = 0, text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if not match:
            raise invalid("filter", text, "Invalid list filter expression.")
        yield match[1]
        at = match.end()


def _unquoted(value: str) -> str:
    if value[:1] in "\"'":
        return re.sub(r"\\(.)", r"\1", value[1:-1])
    return value


def _test(name: str, sign: str, value: str, refusal: GcpError) -> Test:
    if sign in ("eq", "ne"):
        try:
            pattern = re.compile(value)
        except re.error:
            raise refusal from None
        return _any(name, lambda one: pattern.fullmatch(str(one)) is not None, negated=sign == "ne")
    if sign in ("=", "!="):
        return _any(name, lambda one: _same(one, value), negated=sign == "!=")
    if sign == ":":
        return _any(name, lambda one: _has(one, value))
    return _any(name, lambda one: _compared(one, sign, value))


def _any(name: str, test: Callable[[Any], bool], *, negated: bool = False) -> Test:
    return lambda document: any(test(one) for one in _values(document, name)) is not negated


def _values(document: Json, name: str) -> list[Any]:
    """The values of a field that may be nested; a list's are its entries'."""
    found: list[Any] = [document]
    for part in name.split("."):
        inner = [one.get(part) for one in found if isinstance(one, dict)]
        flat = [each for one in inner for each in (one if isinstance(one, list) else [one])]
        found = [one for one in flat if one is not None]
    return found


def _same(one: Any, value: str) -> bool:
    if isinstance(one, bool):
        return str(one).lower() == value.lower()
    if isinstance(one, int):
        return str(one) == value
    return str(one).lower() == value.lower()


def _has(one: Any, value: str) -> bool:
    return value == "*" or value.lower() in str(one).lower()


def _compared(one: Any, sign: str, value: str) -> bool:
    if isinstance(one, int) and value.lstrip("-").isdigit():
        return _COMPARE[sign](one, int(value))
    return _COMPARE[sign](str(one), value)
