"""Parsers of config keys that the settings of several clouds are made of; each raises ValueError."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from vipswitch.settings import text


def like(pattern: str, wanted: str) -> Callable[[object], str]:
    """A parser of texts that match a pattern; it says what is wanted where one does not."""

    def parse(raw: object) -> str:
        given = text(raw)
        if not re.fullmatch(pattern, given):
            raise ValueError(f"{given} is not {wanted}")
        return given

    return parse


def https_url(example: str) -> Callable[[object], str]:
    """A parser of https URLs, such as `example`; what it gives has no slash at its end."""

    def parse(raw: object) -> str:
        given = text(raw)
        parts = urlsplit(given)
        if parts.scheme != "https" or not parts.hostname:
            raise ValueError(f"{given} is not a URL such as {example}")
        return given.rstrip("/")

    return parse


def absolute_path(raw: object) -> Path:
    """The path of a file, from the root on."""
    given = Path(text(raw))
    if not given.is_absolute():
        raise ValueError(f"{given} is not an absolute path")
    return given
