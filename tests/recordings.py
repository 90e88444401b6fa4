"""Recorded answers of a cloud, compared with those of the local one.

Rules: `<word>` in a recording stands for what differs from time to time (an etag, a guid): the same word
means the same text, different words of one kind mean different texts. An answer may have more than the
documented one only where `more` names it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from vipswitch.testing.wire import Answer

_WORD = re.compile(r"<([a-z0-9-]+)>")


@dataclass(slots=True)
class Words:
    """What the words of a recording stand for in this play."""

    texts: dict[str, str] = field(default_factory=dict)

    def fill(self, value: Any) -> Any:
        """The value with its words replaced."""
        text = json.dumps(value)
        return json.loads(_WORD.sub(lambda word: json.dumps(self.texts[word[1]])[1:-1], text))

    def differences(self, expected: Any, actual: Any, more: frozenset[str], at: str = "") -> Iterator[str]:
        """Where an answer is not as documented; learns words on the way."""
        if isinstance(expected, dict) and isinstance(actual, dict):
            yield from (f"{at}.{name} is missing" for name in expected if name not in actual)
            yield from (f"{at}.{name} is new" for name in actual if name not in expected and name not in more)
            for name in expected.keys() & actual.keys():
                yield from self.differences(expected[name], actual[name], more, f"{at}.{name}")
        elif isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
            for number, (one, other) in enumerate(zip(expected, actual, strict=True)):
                yield from self.differences(one, other, more, f"{at}[{number}]")
        elif not self._same(expected, actual):
            yield f"{at} is {actual!r}, not {expected!r}"

    def _same(self, expected: Any, actual: Any) -> bool:
        if not isinstance(expected, str) or not isinstance(actual, str):
            return bool(expected == actual) and type(expected) is type(actual)
        match = re.fullmatch(self._pattern(expected), actual)
        return match is not None and all(self._learn(*item) for item in match.groupdict().items())

    def _pattern(self, expected: str) -> str:
        parts = _WORD.split(expected)
        seen: set[str] = set()
        pattern = ""
        for number, part in enumerate(parts):
            name = part.replace("-", "_")
            if number % 2 == 0:
                pattern += re.escape(part)
            elif part in seen:
                pattern += f"(?P={name})"
            else:
                seen.add(part)
                pattern += f"(?P<{name}>.+?)"
        return pattern

    def _learn(self, name: str, text: str) -> bool:
        word = name.replace("_", "-")
        known = self.texts.setdefault(word, text)
        return known == text and all(
            other == word or value != text
            for other, value in self.texts.items()
            if _kind(other) == _kind(word)
        )


def _kind(word: str) -> str:
    """Words of one kind, `etag-1` and `etag-2`, stand for different texts."""
    return word.rstrip("0123456789").rstrip("-")


def compare(words: Words, expected: dict[str, Any], answer: Answer, more: frozenset[str]) -> Iterator[str]:
    """Where status, named headers and body of an answer are not as documented; learns words on the way."""
    if answer.status != expected["status"]:
        yield f"status {answer.status}: {answer.body.decode()}"
    headers = {name.lower(): value for name, value in answer.headers.items()}
    for name, value in expected.get("headers", {}).items():
        if value is None and name in headers:
            yield f"header {name} is {headers[name]!r}, and should not be there"
        elif value is not None:
            yield from words.differences(value, headers.get(name), more, f"header {name}")
    body = json.loads(answer.body) if answer.body else None
    yield from words.differences(expected.get("body"), body, more, "body")
