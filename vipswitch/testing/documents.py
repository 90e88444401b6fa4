"""JSON documents, as the local clouds keep and show them."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def copied(body: Json) -> Json:
    """A copy that shares nothing with the original."""
    return {name: _copied(value) for name, value in body.items()}


def _copied(value: Any) -> Any:
    """Of what JSON can be: copy.deepcopy takes five times as long."""
    if isinstance(value, dict):
        return copied(value)
    return [_copied(one) for one in value] if isinstance(value, list) else value
