"""What of an answer Google's own documents do not know.

Rules: an answer is walked beside its schema in the discovery document; each name in it must be a property
there, each value of the property's type and format, and one of its enum if it has one.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
}
_MAX_UINT64 = 2**64


@cache
def document(service: str) -> dict[str, Any]:
    """The discovery document of `compute` or `dns`, as google-api-python-client ships it."""
    folder = files("googleapiclient") / "discovery_cache" / "documents"
    found: dict[str, Any] = json.loads((folder / f"{service}.v1.json").read_text())
    return found


def method(id_: str) -> dict[str, Any]:
    """A method of a discovery document, by its id."""
    service, resource, name = id_.split(".")
    found: dict[str, Any] = document(service)["resources"][resource]["methods"][name]
    assert found["id"] == id_
    return found


def unknown(id_: str, answer: Mapping[str, Any]) -> list[str]:
    """Where the answer of a method has what its schema does not know."""
    service = id_.partition(".")[0]
    return list(_of_object(service, {"$ref": method(id_)["response"]["$ref"]}, answer, ""))


def properties(service: str, schema: str) -> dict[str, Any]:
    """The properties of a schema."""
    found: dict[str, Any] = document(service)["schemas"][schema]["properties"]
    return found


def _of_object(service: str, schema: Mapping[str, Any], value: Any, at: str) -> Iterator[str]:
    if "$ref" in schema:
        schema = document(service)["schemas"][schema["$ref"]]
    if not isinstance(value, dict):
        yield f"{at} is no object: {value!r}"
        return
    known, rest = schema.get("properties", {}), schema.get("additionalProperties")
    for name, one in value.items():
        if name not in known and rest is None:
            yield f"{at}.{name} is not known"
        else:
            yield from _of_value(service, known.get(name, rest), one, f"{at}.{name}")


def _of_value(service: str, schema: Mapping[str, Any], value: Any, at: str) -> Iterator[str]:
    type_ = schema.get("type", "object")
    if "$ref" in schema or type_ == "object":
        yield from _of_object(service, schema, value, at)
    elif not isinstance(value, _TYPES[type_]) or (type_ != "boolean" and isinstance(value, bool)):
        yield f"{at} is {value!r}, no {type_}"
    elif type_ == "array":
        for number, one in enumerate(value):
            yield from _of_value(service, schema["items"], one, f"{at}[{number}]")
    elif wrong := _wrong(schema, value):
        yield f"{at} is {value!r}, {wrong}"


def _wrong(schema: Mapping[str, Any], value: Any) -> str | None:
    format_ = schema.get("format")
    if "enum" in schema and value not in schema["enum"]:
        return f"none of {schema['enum']}"
    if format_ == "uint64" and not (value.isdigit() and int(value) < _MAX_UINT64):
        return "no uint64"
    if format_ == "byte" and base64.urlsafe_b64encode(base64.urlsafe_b64decode(value)).decode() != value:
        return "no base64"
    if "pattern" in schema and not re.fullmatch(schema["pattern"], str(value)):
        return f"no {schema['pattern']}"
    return None
