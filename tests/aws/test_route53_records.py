"""Which record sets a zone can have: where moto differs from Route 53.

Each pair shows bare moto doing it and the corrected one not. A test of bare moto that fails means that moto
has learnt it: drop the correction and the pair.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.aws.hosted_zone import VIP, Zone, change, refusal


def test_bare_moto_has_a_cname_beside_an_address(bare_zone: Zone) -> None:
    """RFC 1034 forbids it."""
    bare_zone.make(change("CREATE", VIP, "other.example.net.", type_="CNAME"))
    bare_zone.make(change("CREATE"))
    assert {(VIP, "A"), (VIP, "CNAME")} <= set(bare_zone.listed())


@pytest.mark.parametrize("action", ["CREATE", "UPSERT"])
def test_nothing_can_be_beside_a_cname(zone: Zone, action: str) -> None:
    """Nor can a CNAME come to others, nor be the zone's own name."""
    zone.make(change("CREATE", VIP, "other.example.net.", type_="CNAME"))
    assert zone.refusal(change(action)) == (
        f"RRSet of type A with DNS name {VIP} is not permitted because a conflicting RRSet of type CNAME "
        "with the same DNS name already exists in zone example.com."
    )
    zone.make(change("CREATE", "a.example.com"))
    assert zone.refusal(change(action, "a.example.com", "other.example.net.", type_="CNAME")) == (
        "RRSet of type CNAME with DNS name a.example.com. is not permitted as it conflicts with other "
        "records with the same DNS name in zone example.com."
    )
    assert zone.refusal(change(action, "example.com", "other.example.net.", type_="CNAME")) == (
        "RRSet of type CNAME with DNS name example.com. is not permitted at apex in zone example.com."
    )


def test_bare_moto_has_a_simple_set_beside_a_weighted_one(bare_zone: Zone) -> None:
    """Nobody could say which of them answers."""
    bare_zone.make(change("CREATE", SetIdentifier="one", Weight=1))
    bare_zone.make(change("CREATE"))
    assert bare_zone.listed().count((VIP, "A")) == 2


@pytest.mark.parametrize("action", ["CREATE", "UPSERT"])
def test_sets_of_one_name_and_type_are_routed_alike(zone: Zone, action: str) -> None:
    """A simple set cannot come to weighted ones, nor the other way round."""
    zone.make(change("CREATE", SetIdentifier="one", Weight=1))
    assert zone.refusal(change(action)) == (
        f"RRSet with DNS name {VIP}, type A cannot be created "
        "as other RRSets exist with the same name and type."
    )
    zone.make(change("CREATE", "a.example.com"))
    assert zone.refusal(change(action, "a.example.com", SetIdentifier="one", Weight=1)) == (
        "RRSet with DNS name a.example.com., type A, SetIdentifier one cannot be created "
        "as a non-weighted set exists with the same name and type."
    )


def test_sets_are_told_apart_by_their_identifiers(zone: Zone) -> None:
    """A weighted set is deleted by its identifier and leaves the others."""
    zone.make(*(change("CREATE", SetIdentifier=name, Weight=1) for name in ("one", "two")))
    assert zone.refusal(change("DELETE", SetIdentifier="three", Weight=1)) == (
        f"Tried to delete resource record set [name='{VIP}', type='A', set-identifier='three'] "
        "but it was not found"
    )
    zone.make(change("DELETE", SetIdentifier="one", Weight=1))
    left = zone.client.list_resource_record_sets(HostedZoneId=zone.id, StartRecordName=VIP)
    assert [record.get("SetIdentifier") for record in left["ResourceRecordSets"]] == ["two"]


def test_an_alias_is_compared_by_its_target(zone: Zone) -> None:
    """An alias has neither TTL nor values."""

    def alias(action: str, target: str) -> Any:
        to = {"HostedZoneId": zone.id, "DNSName": target, "EvaluateTargetHealth": False}
        return {"Action": action, "ResourceRecordSet": {"Name": VIP, "Type": "A", "AliasTarget": to}}

    zone.make(alias("CREATE", "a.example.com"))
    assert "do not match" in zone.refusal(alias("DELETE", "b.example.com"))
    assert "do not match" in zone.refusal(change("DELETE"))
    zone.make(alias("DELETE", "A.example.com."))


def test_bare_moto_takes_any_name_that_ends_alike(bare_zone: Zone) -> None:
    """Without regard to labels."""
    bare_zone.make(change("CREATE", "notexample.com"))
    assert ("notexample.com.", "A") in bare_zone.listed()


@pytest.mark.parametrize("name", ["notexample.com", "example.org", "com"])
def test_a_name_outside_the_zone_is_refused(zone: Zone, name: str) -> None:
    """Names are compared label by label."""
    expected = f"RRSet with DNS name {name}. is not permitted in zone example.com."
    assert zone.refusal(change("CREATE", name)) == expected


BAD = [
    ("A", "10.0.1", "ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address)"),
    ("AAAA", "10.0.1.10", "AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address)"),
    ("TXT", "bare", "InvalidCharacterString (Value should be enclosed in quotation marks)"),
]


@pytest.mark.parametrize(("type_", "value", "problem"), BAD)
def test_bare_moto_takes_any_value(bare_zone: Zone, type_: str, value: str, problem: str) -> None:
    """Name servers could not answer with it."""
    bare_zone.make(change("CREATE", VIP, value, type_=type_))
    assert bare_zone.values(VIP, type_) == (value,)


@pytest.mark.parametrize(("type_", "value", "problem"), BAD)
def test_a_bad_value_is_refused(zone: Zone, type_: str, value: str, problem: str) -> None:
    """Created or upserted."""
    expected = f"Invalid Resource Record: 'FATAL problem: {problem} encountered with '{value}''"
    assert zone.refusal(change("CREATE", VIP, value, type_=type_)) == expected
    assert zone.refusal(change("UPSERT", VIP, value, type_=type_)) == expected


@pytest.mark.parametrize(("type_", "value"), [("AAAA", "fd00:99::50"), ("TXT", '"one" "two \\" three"')])
def test_good_values_are_kept_as_sent(zone: Zone, type_: str, value: str) -> None:
    """Nothing is rewritten."""
    zone.make(change("CREATE", VIP, value, type_=type_))
    assert zone.values(VIP, type_) == (value,)


def test_a_change_without_content_is_no_input(zone: Zone) -> None:
    """Not InvalidChangeBatch: the request makes no sense, whatever the zone holds."""
    empty = {"Action": "CREATE", "ResourceRecordSet": {"Name": VIP, "Type": "A"}}
    code, text = refusal(lambda: zone.make(empty))
    assert (code, "but found none in Change" in text) == ("InvalidInput", True)


def test_bare_moto_lets_a_zone_lose_its_soa(bare_zone: Zone) -> None:
    """Nothing would say any more how long a negative answer lasts."""
    bare_zone.make(change("UPSERT", "example.com", "ns. mail. 1 2 3 4 5", type_="SOA", ttl=900))
    bare_zone.make(change("DELETE", "example.com", "ns. mail. 1 2 3 4 5", type_="SOA", ttl=900))
    assert ("example.com.", "SOA") not in bare_zone.listed()


def test_a_zone_keeps_its_soa(zone: Zone) -> None:
    """It can be changed, not deleted."""
    zone.make(change("UPSERT", "example.com", "ns. mail. 1 2 3 4 5", type_="SOA", ttl=900))
    last = change("DELETE", "example.com", "ns. mail. 1 2 3 4 5", type_="SOA", ttl=900)
    assert zone.refusal(last) == "A HostedZone must contain exactly one SOA record."
