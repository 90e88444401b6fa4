"""Answers with a JSON body, and the JSON itself."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any

from ..wire import Answer

Json = dict[str, Any]


def json_answer(status: int, body: object = None, headers: Mapping[str, str] | None = None) -> Answer:
    """An answer as Resource Manager sends it; without a body it has no content type."""
    sent = {"Cache-Control": "no-cache", "Pragma": "no-cache", **(headers or {})}
    if body is None:
        return Answer(status, b"", sent)
    return Answer(
        status, json.dumps(body).encode(), {"Content-Type": "application/json; charset=utf-8", **sent}
    )


def read(answer: Answer) -> Any:
    """The JSON of an answer."""
    return json.loads(answer.body) if answer.body else None


def copied(body: Json) -> Json:
    """A copy that shares nothing with the original."""
    return copy.deepcopy(body)
