"""What of an answer the SDK's models do not know.

Rules: an answer is walked beside the model that was made of it; each name in it must be a field of the model
there, and each value of the field's type. The SDKs have two kinds of models: mappings that keep the JSON
(network, private DNS) and older ones with an attribute map (public DNS).
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from typing import Any

SENT_BUT_NOT_MODELLED = frozenset(
    ("kind", "allowPort25Out", "nicAuxiliarySkuBillingNotificationType", "maxNumberOfRecordsPerRecordSet")
)
"""Recorded from Azure, and in no model of these SDKs."""


def unknown(model: Any, at: str = "") -> Iterator[str]:
    """Where a mapping model has what it does not know, or what is of another type."""
    fields = {field._rest_name: name for name, field in model._attr_to_rest_field.items()}
    for rest_name, raw in model.items():
        here = f"{at}.{rest_name}"
        if rest_name not in fields:
            yield from [] if rest_name in SENT_BUT_NOT_MODELLED else [f"{here} is not known"]
            continue
        value = getattr(model, fields[rest_name])
        yield from _of_value(value, raw, here)


def _of_value(value: Any, raw: Any, here: str) -> Iterator[str]:
    if hasattr(value, "_attr_to_rest_field"):
        yield from unknown(value, here)
    elif isinstance(value, list):
        for number, (one, other) in enumerate(zip(value, raw, strict=True)):
            yield from _of_value(one, other, f"{here}[{number}]")
    elif isinstance(value, Mapping):
        yield from []
    elif isinstance(raw, dict):
        yield f"{here} is an object, and no model was made of it"
    elif not isinstance(value, enum.Enum) and type(value) is not type(raw):
        yield f"{here} is {value!r}, made of {raw!r}"


def unmapped(model: Any, raw: Mapping[str, Any], at: str = "") -> Iterator[str]:
    """The same for a model with an attribute map, and the JSON that it was made of."""
    known = {field["key"].replace("\\.", ".") for field in model._attribute_map.values()}
    for name in _leaves(raw):
        if not any(name == key or name.startswith((f"{key}.", f"{key}[")) for key in known):
            yield from (
                [] if name.rpartition(".")[2] in SENT_BUT_NOT_MODELLED else [f"{at}.{name} is not known"]
            )
    for name, field in model._attribute_map.items():
        if _at(raw, field["key"]) is not None and getattr(model, name) is None:
            yield f"{at}.{field['key']} was not taken"


def _leaves(raw: Mapping[str, Any], at: str = "") -> Iterator[str]:
    for name, value in raw.items():
        if name == "properties":
            yield from _leaves(value, "properties.")
        else:
            yield f"{at}{name}"


def _at(raw: Mapping[str, Any], key: str) -> Any:
    value: Any = raw
    for name in key.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
