"""Alias ranges under fingerprints."""

from __future__ import annotations

from typing import Any

import pytest

from tests.gcp.client import Plain, failed, reason, refused
from tests.gcp.place import ALIAS, Place
from vipswitch.testing.wire import Answer

NIC = {"networkInterface": "nic0"}


def _patch(place: Place, body: dict[str, Any], node: int = 0, **query: str) -> Answer:
    return place.ask("PATCH", place.path(node, "updateNetworkInterface"), body, **{**NIC, **query})


def _end(place: Place, body: dict[str, Any], node: int = 0) -> str | None:
    """The code of the error inside the operation of a change."""
    operation = place.ask.done("PATCH", place.path(node, "updateNetworkInterface"), body, **NIC)
    return failed(place.ask.ended(operation))


def test_aliases_are_replaced_by_the_whole_list(place: Place) -> None:
    """When the operation has ended; the NIC then has another fingerprint."""
    place.hold("10.0.1.60/32")
    before = place.nic()["fingerprint"]
    operation = place.ask.done("PATCH", place.path(0, "updateNetworkInterface"), place.alias(ALIAS), **NIC)
    assert place.aliases() == ["10.0.1.60/32"]
    assert operation["zone"] == place.cloud.link(f"zones/{place.nodes[0].zone}")
    assert failed(place.ask.ended(operation)) is None
    assert place.aliases() == [ALIAS]
    assert place.nic()["fingerprint"] != before


def test_an_empty_list_clears_and_an_absent_one_leaves(place: Place) -> None:
    """A client that drops empty lists clears nothing, and is told that all is well."""
    place.hold(ALIAS)
    assert _end(place, {"fingerprint": place.nic()["fingerprint"]}) is None
    assert place.aliases() == [ALIAS]
    assert _end(place, place.alias()) is None
    assert place.aliases() == []
    assert "aliasIpRanges" not in place.nic()


def test_a_fingerprint_must_be_given(place: Place) -> None:
    """400 required."""
    answer = _patch(place, {"aliasIpRanges": [{"ipCidrRange": ALIAS}]})
    assert refused(answer)[2] == "Required field 'networkInterface.fingerprint' not specified"


def test_a_stale_fingerprint_is_refused(place: Place) -> None:
    """412, and nothing is done."""
    body = place.alias(ALIAS)
    place.hold("10.0.1.60/32")
    assert reason(_patch(place, body)) == (412, "conditionNotMet")
    assert place.aliases() == ["10.0.1.60/32"]


@pytest.mark.parametrize(
    "field", [{"networkIP": "10.0.1.99"}, {"subnetwork": "x"}, {"name": "nic0"}, {"stackType": "IPV4_ONLY"}]
)
def test_nothing_else_can_be_changed(field: dict[str, Any], place: Place) -> None:
    """Not even to what it is."""
    assert "Updating this field is not supported." in refused(_patch(place, place.alias(ALIAS, **field)))[2]


@pytest.mark.parametrize(
    "taken", ["10.0.1.5/32", "10.0.1.0/32", "10.0.1.1/32", "10.0.1.254/32", "10.0.1.4/32"]
)
def test_an_address_that_is_taken_fails_in_the_operation(taken: str, place: Place) -> None:
    """The own address of an instance, and Google's four of each subnetwork."""
    assert _end(place, place.alias(taken)) == "IP_IN_USE_BY_ANOTHER_RESOURCE"
    assert place.aliases() == []


def test_an_alias_has_one_holder(place: Place) -> None:
    """The other gets it when the first one has let go, and not a moment before."""
    place.hold(ALIAS)
    operation = place.ask.done(
        "PATCH", place.path(1, "updateNetworkInterface"), place.alias(ALIAS, node=1), **NIC
    )
    told = place.ask.ended(operation)
    (error,) = told["error"]["errors"]
    assert error == {
        "code": "IP_IN_USE_BY_ANOTHER_RESOURCE",
        "message": "IP '10.0.1.50/32' is already being used by another resource.",
    }
    assert (told["httpErrorStatusCode"], told["httpErrorMessage"], told["progress"]) == (
        400,
        "BAD REQUEST",
        100,
    )
    place.hold()
    assert _end(place, place.alias(ALIAS, node=1), node=1) is None
    assert (place.aliases(), place.aliases(1)) == ([], [ALIAS])


def test_of_two_that_ask_at_once_one_gets_it(place: Place) -> None:
    """Both are accepted; the second operation to end fails."""
    operations = [
        place.ask.done(
            "PATCH", place.path(node, "updateNetworkInterface"), place.alias(ALIAS, node=node), **NIC
        )
        for node in (0, 1)
    ]
    assert [failed(place.ask.ended(one)) for one in operations] == [None, "IP_IN_USE_BY_ANOTHER_RESOURCE"]


@pytest.mark.parametrize("written", ["10.0.1.50", "10.0.1.50/32"])
def test_an_address_is_taken_with_and_without_its_length(written: str, place: Place) -> None:
    """Wider ranges too."""
    assert _end(place, place.alias(written, "10.0.1.64/28")) is None
    assert place.aliases() == [ALIAS, "10.0.1.64/28"]


def test_a_range_is_within_the_one_that_is_named(place: Place) -> None:
    """The primary range without a name, a secondary one by its own."""
    named = {"ipCidrRange": "10.21.0.50/32", "subnetworkRangeName": "vips"}
    assert _end(place, place.alias(ALIAS) | {"aliasIpRanges": [named]}) is None
    assert place.nic()["aliasIpRanges"] == [named]
    for wrong in (
        {"ipCidrRange": "10.21.0.51/32"},
        {"ipCidrRange": ALIAS, "subnetworkRangeName": "vips"},
        {"ipCidrRange": "10.21.0.51/32", "subnetworkRangeName": "none"},
        {"ipCidrRange": "10.0.1.50/24"},
        {},
    ):
        answer = _patch(place, {**place.alias(), "aliasIpRanges": [wrong]})
        assert reason(answer) == (400, "invalid")
        assert "networkInterface.aliasIpRanges[0]" in refused(answer)[2]


def test_nics_are_known_by_name(place: Place) -> None:
    """400 for one that is not there; 404 for an instance that is not."""
    assert reason(_patch(place, place.alias(ALIAS), networkInterface="nic7")) == (400, "invalid")
    path = place.path(0, "updateNetworkInterface").replace("node1", "none")
    assert reason(place.ask("PATCH", path, place.alias(ALIAS), **NIC)) == (404, "notFound")


def test_labels_are_changed_under_their_fingerprint(place: Place, ask: Plain) -> None:
    """412 for a stale one; the NICs stay as they are."""
    before = ask.json(place.path())
    body = {"labels": {"vip": "db"}, "labelFingerprint": before["labelFingerprint"]}
    assert failed(ask.ended(ask.done("POST", place.path(method="setLabels"), body))) is None
    assert reason(ask("POST", place.path(method="setLabels"), body)) == (412, "conditionNotMet")
    after = ask.json(place.path())
    assert after["labels"] == {"vip": "db"}
    assert after["networkInterfaces"] == before["networkInterfaces"]
