"""The tags of a resource, as a resource of their own below it.

Rules: Merge adds and replaces, Delete takes away those whose name and value are given, Replace (and PUT)
leaves no others; DELETE takes all away. The resource keeps everything else, and gets a new etag unless
`rules.tags_renew_etag` is off. Source: Tags REST API, "Update At Scope".
"""

from __future__ import annotations

from ..wire import Answer
from . import conflicts, errors, writes
from .answers import Json, json_answer
from .errors import ArmError
from .ids import Target
from .request import Call
from .store import Resource, Store

_MOST_TAGS = 50
_LONGEST_NAME = 512
_LONGEST_VALUE = 256


def answer(store: Store, call: Call, scope: Target) -> Answer:
    """GET, PATCH, PUT or DELETE of a resource's tags. Raises ArmError."""
    resource = store.find(scope.id)
    if resource is None:
        raise errors.missing(scope.type, scope.name, scope.group or "")
    if call.mutating:
        conflicts.check_quiet(store, call, resource)
        tags = {} if call.method == "DELETE" else _wanted(call, dict(resource.body.get("tags") or {}))
        _check(tags)
        writes.tag(store, resource, tags)
    return json_answer(200, None if call.method == "DELETE" else _shown(resource))


def _wanted(call: Call, present: Json) -> Json:
    body = call.json()
    given: Json = (body.get("properties") or {}).get("tags") or {}
    operation = "replace" if call.method == "PUT" else str(body.get("operation")).lower()
    if operation == "merge":
        return {**_without(present, given), **given}
    if operation == "delete":
        names = {name.lower() for name, value in given.items() if _value(present, name) == value}
        return {name: value for name, value in present.items() if name.lower() not in names}
    if operation == "replace":
        return given
    raise ArmError(
        400, "InvalidTagsPatchOperation", f"The tags operation '{body.get('operation')}' is not valid."
    )


def _without(present: Json, given: Json) -> Json:
    """Names compare without regard to case; the new spelling wins."""
    names = {name.lower() for name in given}
    return {name: value for name, value in present.items() if name.lower() not in names}


def _value(present: Json, name: str) -> object:
    return next((value for key, value in present.items() if key.lower() == name.lower()), None)


def _check(tags: Json) -> None:
    if len(tags) > _MOST_TAGS:
        raise ArmError(
            400, "InvalidTagCount", f"The resource has {len(tags)} tags; the most is {_MOST_TAGS}."
        )
    for name, value in tags.items():
        if len(name) > _LONGEST_NAME or len(str(value)) > _LONGEST_VALUE or set(name) & set("<>%&\\?/"):
            raise ArmError(
                400, "InvalidTagNameCharacters", f"The tag name '{name}' or its value is not valid."
            )


def _shown(resource: Resource) -> Json:
    return {
        "id": f"{resource.id}/providers/Microsoft.Resources/tags/default",
        "name": "default",
        "type": "Microsoft.Resources/tags",
        "properties": {"tags": resource.body.get("tags") or {}},
    }
