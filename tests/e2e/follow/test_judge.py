"""The judge of followed clusters, on evidence that was made up: it convicts those whom it should."""

from dataclasses import replace

import pytest

from tests.e2e.evidence import AddressEvent, Evidence, Query, Route
from tests.e2e.follow import judge

TABLES = ("t1", "t2")


def moved(at: float, holder: str) -> list[Route]:
    return [Route(at, table, holder) for table in TABLES]


def evidence() -> Evidence:
    """All went well: n1, then n2, an outage, and n3 when n2 has died."""
    return Evidence(
        marks={"switched": 10.0, "paused": 15.0, "resumed": 18.0, "outage": 20.0, "back": 40.0, "led": 41.0}
        | {"killed": 50.0, "promoted": 60.0, "returned": 65.0},
        roles={"new": "n2", "after": "n2", "heir": "n3", "dead": "n2"},
        routes=[*moved(0.0, "n1"), *moved(11.0, "n2"), *moved(61.0, "n3")],
        addresses=[
            AddressEvent(0.0, "n1", True),
            AddressEvent(10.5, "n2", True),
            AddressEvent(11.5, "n1", False),
            AddressEvent(60.5, "n3", True),
            AddressEvent(66.0, "n2", False),
        ],
        queries=[Query(at / 4, at / 4 + 0.1) for at in range(4, 280)],
    )


def test_good_evidence_is_good() -> None:
    """Nobody is convicted."""
    assert judge.maintained(evidence()) == []
    assert judge.outage(evidence().until("killed")) == []


def without(seen: Evidence, node: str, *, present: bool) -> list[AddressEvent]:
    return [event for event in seen.addresses if (event.node, event.present) != (node, present)]


@pytest.mark.parametrize(
    ("spoilt", "found"),
    [
        ({"routes": [*moved(0.0, "n1"), *moved(61.0, "n3")]}, "did not come to n2 for good"),
        ({"routes": [*moved(0.0, "n1"), *moved(16.0, "n2"), *moved(61.0, "n3")]}, "within 5.0 s of switched"),
        (
            {"routes": [*moved(0.0, "n1"), *moved(11.0, "n2"), *moved(30.0, "n1"), *moved(41.5, "n2")]},
            "came to lead to n1 at switched +20.000 s",
        ),
        ({"routes": [*moved(0.0, "n1"), *moved(11.0, "n2")]}, "did not come to n3 for good"),
        ({"addresses": without(evidence(), "n1", present=False)}, "on ['n1', 'n3'], not on n3 alone"),
        ({"addresses": without(evidence(), "n2", present=False)}, "on ['n2', 'n3'], not on n3 alone"),
        ({"addresses": without(evidence(), "n3", present=True)}, "n3 has not the address"),
        (
            {"addresses": [*evidence().addresses[:3], AddressEvent(30.0, "n2", False)]},
            "n2: the address came or went at switched +20.000 s",
        ),
        ({"queries": [q for q in evidence().queries if not 15.2 < q.ended < 17.0]}, "no query succeeded"),
    ],
)
def test_bad_evidence_is_found_out(spoilt: dict[str, object], found: str) -> None:
    """Each law has somebody who breaks it."""
    said = judge.maintained(replace(evidence(), **spoilt))  # type: ignore[arg-type]
    assert any(found in each for each in said), said
