"""How resources are named in the config, and by ARM."""

from __future__ import annotations

import pytest

from vipswitch.providers.azure.ids import ROUTE_TABLES, Name, ResourceId, name_of, part, resource_id, scope_of

WHOLE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/routeTables/rt"
table = name_of(ROUTE_TABLES, "a route table such as rt")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("rt-1", Name("rt-1")),
        ("rg_x.(1)/rt-1", Name("rt-1", "rg_x.(1)")),
        (WHOLE, Name("rt", "g", "s")),
        (WHOLE.lower(), Name("rt", "g", "s")),
    ],
)
def test_a_resource_is_named_in_three_ways(given: str, expected: Name) -> None:
    """By name, with its group, or by its id in any spelling."""
    assert table(given) == expected


@pytest.mark.parametrize(
    "given",
    [
        "",
        "a b",
        "a/b/c",
        WHOLE.replace("routeTables", "networkInterfaces"),
        f"{WHOLE}/routes/r",
        "/subscriptions/s/resourceGroups/g",
    ],
)
def test_what_is_no_such_resource_is_refused(given: str) -> None:
    """Also the id of another kind of resource, or of a part of one."""
    with pytest.raises(ValueError):
        table(given)


def test_ids_are_compared_without_regard_to_case() -> None:
    """ARM gives them back as it likes."""
    one, other = resource_id(WHOLE), resource_id(WHOLE.upper())
    assert one is not None
    assert other is not None
    assert one.key == other.key
    assert ResourceId("s", "RG", "t", "NIC").node == "rg/nic"


def test_parts_of_ids() -> None:
    """The last name, the resource above it, the group above that."""
    below = f"{WHOLE}/routes/r"
    assert part(below) == "r"
    assert resource_id(below) == resource_id(WHOLE)
    assert scope_of(below) == "/subscriptions/s/resourceGroups/g"
    assert scope_of("/subscriptions/s") == "/subscriptions/s"
    assert resource_id("/subscriptions/s") is None
