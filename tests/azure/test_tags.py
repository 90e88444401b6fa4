"""Tags of a resource, changed without its own write."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.azure.client import Plain, code
from tests.azure.place import Place, route


def _path(place: Place) -> str:
    return f"{place.table}/providers/Microsoft.Resources/tags/default"


def _tags(place: Place) -> dict[str, str]:
    found: dict[str, str] = place.cloud.get(place.table).get("tags", {})
    return found


def _patch(place: Place, ask: Plain, operation: str, tags: dict[str, str]) -> Any:
    return ask("PATCH", _path(place), {"operation": operation, "properties": {"tags": tags}})


@pytest.mark.parametrize(
    ("operation", "given", "left"),
    [
        ("Merge", {"c": "3"}, {"a": "1", "b": "2", "c": "3"}),
        ("Merge", {"A": "9"}, {"b": "2", "A": "9"}),
        ("Delete", {"a": "1"}, {"b": "2"}),
        ("Delete", {"a": "other"}, {"a": "1", "b": "2"}),
        ("Replace", {"c": "3"}, {"c": "3"}),
    ],
)
def test_tags_are_merged_deleted_or_replaced(
    operation: str, given: dict[str, str], left: dict[str, str], place: Place, ask: Plain
) -> None:
    """Merge and Delete touch no other tag; names compare without regard to case."""
    _patch(place, ask, "Replace", {"a": "1", "b": "2"})
    answer = _patch(place, ask, operation, given)
    assert json.loads(answer.body)["properties"]["tags"] == left
    assert _tags(place) == left
    assert ask.json(_path(place))["properties"]["tags"] == left


def test_tags_are_put_and_taken_away_as_a_whole(place: Place, ask: Plain) -> None:
    """PUT leaves no others, DELETE none."""
    ask("PUT", _path(place), {"properties": {"tags": {"a": "1"}}})
    assert _tags(place) == {"a": "1"}
    assert ask("DELETE", _path(place)).status == 200
    assert _tags(place) == {}


def test_the_resource_keeps_everything_else(place: Place, ask: Plain) -> None:
    """Its routes, and what else it has."""
    place.cloud.put(place.route, route("10.0.1.4"))
    before = place.cloud.get(place.table)["properties"]["routes"][0]["properties"]
    _patch(place, ask, "Merge", {"a": "1"})
    assert place.cloud.get(place.table)["properties"]["routes"][0]["properties"] == before


def test_a_write_of_a_route_keeps_the_tables_tags(place: Place, ask: Plain) -> None:
    """Only a PUT of the table itself without them takes them away."""
    _patch(place, ask, "Merge", {"a": "1"})
    ask("PUT", place.route, route("10.0.1.4"))
    place.cloud.finish()
    assert _tags(place) == {"a": "1"}


def test_a_table_may_also_be_patched_itself(place: Place, ask: Plain) -> None:
    """Which replaces all of its tags."""
    _patch(place, ask, "Merge", {"a": "1"})
    assert ask("PATCH", place.table, {"tags": {"b": "2"}}).status == 200
    assert _tags(place) == {"b": "2"}


@pytest.mark.parametrize(
    ("operation", "tags", "refusal"),
    [
        ("Merge", {f"k{n}": "v" for n in range(51)}, "InvalidTagCount"),
        ("Merge", {"a/b": "v"}, "InvalidTagNameCharacters"),
        ("Merge", {"a": "v" * 257}, "InvalidTagNameCharacters"),
        ("Merge", {"a" * 513: "v"}, "InvalidTagNameCharacters"),
        ("Append", {"a": "v"}, "InvalidTagsPatchOperation"),
    ],
)
def test_tags_that_cannot_be_are_refused(
    operation: str, tags: dict[str, str], refusal: str, place: Place, ask: Plain
) -> None:
    """At most 50, names without slashes and the like, values of 256 characters."""
    assert code(_patch(place, ask, operation, tags)) == refusal
    assert _tags(place) == {}


def test_a_table_that_is_absent_cannot_be_patched(place: Place, ask: Plain) -> None:
    """PATCH makes nothing."""
    assert ask("PATCH", f"{place.table}-none", {"tags": {}}).status == 404


def test_the_longest_tags_fit(place: Place, ask: Plain) -> None:
    """Fifty of them, 512 and 256 characters long."""
    tags = {f"{n:0512}": "v" * 256 for n in range(50)}
    assert _patch(place, ask, "Merge", tags).status == 200
    assert _tags(place) == tags


def test_tags_wait_for_a_running_operation(place: Place, ask: Plain) -> None:
    """As any other write to the table."""
    ask("PUT", place.route, route("10.0.1.4"))
    assert _patch(place, ask, "Merge", {"a": "1"}).status == 429


def test_tags_of_nothing_are_not_found(place: Place, ask: Plain) -> None:
    """404 with the resource's name."""
    assert ask("GET", _path(place).replace("rt-client1", "rt-none")).status == 404


def test_tags_need_their_own_permission(place: Place, ask: Plain) -> None:
    """At the scope of the resource that they are of."""
    scope = f"/subscriptions/{place.cloud.subscription}"
    role = {"Actions": ["Microsoft.Network/*"], "AssignableScopes": [scope]}
    place.cloud.roles.give(role, client=None)
    refusal = json.loads(_patch(place, ask, "Merge", {"a": "1"}).body)["error"]["message"]
    assert f"'Microsoft.Resources/tags/write' over scope '{place.table}'" in refusal
