"""Answers with a JSON body, as Google's front end sends them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..documents import Json, copied
from ..wire import Answer

__all__ = ["Json", "copied", "json_answer", "read"]

_HEADERS = {
    "Content-Type": "application/json; charset=UTF-8",
    "Cache-Control": "private",
    "Vary": "Origin, X-Origin, Referer",
    "Server": "ESF",
}


def json_answer(status: int, body: object, headers: Mapping[str, str] | None = None) -> Answer:
    """An answer with a body, which Google writes indented."""
    return Answer(status, json.dumps(body, indent=2).encode(), {**_HEADERS, **(headers or {})})


def read(answer: Answer) -> Any:
    """The JSON of an answer."""
    return json.loads(answer.body) if answer.body else None
