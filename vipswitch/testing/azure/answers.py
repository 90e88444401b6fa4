"""Answers with a JSON body, and the JSON itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..documents import Json, copied
from ..wire import Answer

__all__ = ["Json", "copied", "json_answer", "numbered", "read"]


def json_answer(status: int, body: object = None, headers: Mapping[str, str] | None = None) -> Answer:
    """An answer as Resource Manager sends it; without a body it has no content type."""
    sent = {"Cache-Control": "no-cache", "Pragma": "no-cache", **(headers or {})}
    if body is None:
        return Answer(status, b"", sent)
    return Answer(
        status, json.dumps(body).encode(), {"Content-Type": "application/json; charset=utf-8", **sent}
    )


def numbered(answer: Answer, number: int) -> Answer:
    """The answer with the ids by which support would look a request up."""
    id_ = f"00000000-0000-0000-0000-{number:012}"
    ids = {"x-ms-request-id": id_, "x-ms-correlation-request-id": id_}
    return replace(answer, headers={**answer.headers, **ids})


def read(answer: Answer) -> Any:
    """The JSON of an answer."""
    return json.loads(answer.body) if answer.body else None
