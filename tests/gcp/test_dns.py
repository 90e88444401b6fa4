"""Changes of record sets in Cloud DNS."""

from __future__ import annotations

from typing import Any

import pytest

from tests.gcp.client import Plain, reason, refused
from tests.gcp.place import NAME, Place
from vipswitch.testing.wire import Answer

CHANGES = "managedZones/public/changes"
RRSETS = "managedZones/public/rrsets"


def _set(*data: str, name: str = NAME, type_: str = "A", ttl: object = 20) -> dict[str, Any]:
    return {"name": name, "type": type_, "ttl": ttl, "rrdatas": list(data)}


def _change(
    ask: Plain,
    *,
    deletions: list[dict[str, Any]] | None = None,
    additions: list[dict[str, Any]] | None = None,
) -> Answer:
    body = {"deletions": deletions, "additions": additions}
    return ask("POST", CHANGES, {name: value for name, value in body.items() if value is not None})


def _data(ask: Plain, type_: str = "A") -> list[str] | None:
    found = ask.json(RRSETS, name=NAME, type=type_)["rrsets"]
    return found[0]["rrdatas"] if found else None


def test_a_change_is_read_at_once_and_served_when_it_is_done(place: Place, ask: Plain) -> None:
    """pending, then done; ids are decimal text, in sequence."""
    told = ask.done("POST", CHANGES, {"additions": [_set("10.0.1.50")]})
    assert (told["id"], told["status"], told["kind"]) == ("1", "pending", "dns#change")
    assert told["additions"][0]["signatureRrdatas"] == []
    assert _data(ask) == ["10.0.1.50"]
    assert (NAME, "A") not in place.cloud.served("public")
    assert [ask.json(f"{CHANGES}/1")["status"] for _ in range(2)] == ["pending", "done"]
    assert place.cloud.served("public")[NAME, "A"]["rrdatas"] == ["10.0.1.50"]
    assert ask.done("POST", CHANGES, {"deletions": [_set("10.0.1.50")]})["id"] == "2"
    assert [one["id"] for one in ask.json(CHANGES)["changes"]] == ["2", "1", "0"]


def test_changes_are_served_in_their_order(place: Place, ask: Plain) -> None:
    """The end of the later one finds the earlier one served."""
    _change(ask, additions=[_set("10.0.1.50")])
    _change(ask, deletions=[_set("10.0.1.50")], additions=[_set("10.0.1.51")])
    for _ in range(2):
        ask.json(f"{CHANGES}/2")
    assert ask.json(f"{CHANGES}/1")["status"] == "done"
    assert place.cloud.served("public")[NAME, "A"]["rrdatas"] == ["10.0.1.51"]


def test_a_change_replaces_what_it_deletes(place: Place, ask: Plain) -> None:
    """One atomic change, with another set beside."""
    old = [_set("10.0.1.50"), _set('"node1"', type_="TXT")]
    assert _change(ask, additions=old).status == 200
    new = [_set("10.0.1.51"), _set('"node2"', type_="TXT")]
    assert _change(ask, deletions=old, additions=new).status == 200
    assert (_data(ask), _data(ask, "TXT")) == (["10.0.1.51"], ['"node2"'])


def test_a_deletion_of_what_is_not_there_is_not_found(ask: Plain) -> None:
    """404 with its place in the change."""
    told = refused(_change(ask, deletions=[_set("10.0.1.50")]))
    text = "The 'entity.change.deletions[0]' resource named 'db.example.com. (A)' does not exist."
    assert told == (404, "notFound", text)


@pytest.mark.parametrize(
    "wrong", [_set("10.0.1.51"), _set("10.0.1.50", ttl=21), _set("10.0.1.50", "10.0.1.51")]
)
def test_a_deletion_of_something_else_is_a_failed_precondition(wrong: dict[str, Any], ask: Plain) -> None:
    """412; nothing of the change is done."""
    _change(ask, additions=[_set("10.0.1.50")])
    told = refused(_change(ask, deletions=[wrong], additions=[_set("10.0.1.52")]))
    assert told == (412, "conditionNotMet", "Precondition not met for 'entity.change.deletions[0]'")
    assert _data(ask) == ["10.0.1.50"]


def test_an_addition_of_what_is_there_is_a_conflict(ask: Plain) -> None:
    """409, also of the same data."""
    _change(ask, additions=[_set("10.0.1.50")])
    told = refused(_change(ask, additions=[_set("10.0.1.50", type_="A")]))
    text = "The resource 'entity.change.additions[0]' named 'db.example.com. (A)' already exists"
    assert told == (409, "alreadyExists", text)


def test_a_change_is_done_as_a_whole_or_not(ask: Plain) -> None:
    """The second part is wrong, and the first one is not done."""
    additions = [_set("10.0.1.50"), _set("ns.example.com.", name="example.com.", type_="NS")]
    assert reason(_change(ask, additions=additions)) == (409, "alreadyExists")
    assert _data(ask) is None


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (_set("nowhere"), "invalid"),
        (_set("fd00::1"), "invalid"),
        (_set("10.0.1.50", type_="AAAA"), "invalid"),
        (_set("10.0.1.50", name="db.example.org."), "invalid"),
        (_set("10.0.1.50", name="db.example.com"), "invalid"),
        (_set("10.0.1.50", ttl=-1), "invalid"),
        (_set(), "required"),
    ],
)
def test_a_record_set_must_make_sense(wrong: dict[str, Any], why: str, ask: Plain) -> None:
    """400, and its place is named."""
    status, reason_, text = refused(_change(ask, additions=[wrong]))
    assert (status, reason_) == (400, why)
    assert "entity.change.additions[0]" in text


def test_an_empty_change_is_refused(ask: Plain) -> None:
    """400."""
    assert reason(_change(ask)) == (400, "required")


def test_a_ttl_may_be_text(ask: Plain) -> None:
    """As google-cloud-dns sends it; it is told as a number."""
    _change(ask, additions=[_set("10.0.1.50", ttl="20")])
    assert ask.json(f"{RRSETS}/{NAME}/A")["ttl"] == 20


def test_zones_and_sets_that_are_not_there_are_not_found(ask: Plain) -> None:
    """404 for one, an empty list for a search."""
    assert reason(ask("GET", "managedZones/none")) == (404, "notFound")
    assert reason(ask("GET", "managedZones/none/rrsets")) == (404, "notFound")
    assert reason(ask("POST", "managedZones/none/changes", {"additions": [_set("10.0.1.50")]})) == (
        404,
        "notFound",
    )
    assert reason(ask("GET", f"{RRSETS}/{NAME}/A")) == (404, "notFound")
    assert reason(ask("GET", f"{CHANGES}/7")) == (404, "notFound")
    assert ask.json(RRSETS, name=NAME)["rrsets"] == []
    assert reason(ask("GET", RRSETS, type="A")) == (400, "invalid")


def test_a_zone_begins_with_its_servers(place: Place, ask: Plain) -> None:
    """NS and SOA; a private one says so."""
    assert [one["type"] for one in ask.json(RRSETS)["rrsets"]] == ["NS", "SOA"]
    found = {one["name"]: one["visibility"] for one in ask.json("managedZones")["managedZones"]}
    assert found == {"public": "public", "private": "private"}
    (one,) = ask.json("managedZones", dnsName="example.internal.")["managedZones"]
    assert one["name"] == "private"


def test_records_may_be_written_by_somebody_else(place: Place, ask: Plain) -> None:
    """At once, and served at once."""
    heard: list[str] = []
    place.cloud.subscribe(heard.append)
    place.cloud.records("public", (NAME, "A", 30, ["10.0.1.50"]))
    assert _data(ask) == ["10.0.1.50"]
    assert place.cloud.served("public")[NAME, "A"]["ttl"] == 30
    place.cloud.records("public", (NAME, "A", 30, []))
    assert _data(ask) is None
    assert heard == ["projects/vipswitch-test/managedZones/public/rrsets"] * 2
