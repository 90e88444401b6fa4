"""A new zone, and how its records are listed: where moto differs from Route 53.

Each pair shows bare moto doing it and the corrected one not. A test of bare moto that fails means that moto
has learnt it: drop the correction and the pair.
"""

from __future__ import annotations

from tests.aws.hosted_zone import VIP, Zone, change, refusal
from vipswitch.testing.aws import zones


def test_an_unknown_zone_is_not_found(zone: Zone) -> None:
    """Moto has this right."""
    lost = Zone(zone.cloud, zone.client, "Z0123456789")
    assert refusal(lambda: lost.make(change("CREATE"))) == (
        "NoSuchHostedZone",
        "No hosted zone found with ID: Z0123456789",
    )


def test_bare_moto_shows_names_as_sent(bare_zone: Zone) -> None:
    """A client that compares names is misled."""
    bare_zone.make(change("CREATE", "*.example.com"))
    assert ("*.example.com.", "A") in bare_zone.listed()


def test_names_are_shown_lower_case_and_escaped(zone: Zone) -> None:
    """And may be asked for either way."""
    zone.make(change("CREATE", "*.Example.com"))
    assert ("\\052.example.com.", "A") in zone.listed()
    assert zone.listed(StartRecordName="\\052.example.com", MaxItems="1") == [("\\052.example.com.", "A")]
    zone.make(change("DELETE", "\\052.example.com"))


def test_records_are_listed_by_reversed_name_and_type(zone: Zone) -> None:
    """With the dot at the end of a name, which comes after a hyphen."""
    for name in ("b.example.com", "a.b.example.com", "b-1.example.com", "a.example.com"):
        zone.make(change("CREATE", name))
    zone.make(change("CREATE", "b.example.com", "fd00::1", type_="AAAA"))
    assert zone.listed()[2:] == [
        ("a.example.com.", "A"),
        ("b-1.example.com.", "A"),
        ("b.example.com.", "A"),
        ("b.example.com.", "AAAA"),
        ("a.b.example.com.", "A"),
    ]


def test_the_next_record_is_listed_for_one_that_is_absent(zone: Zone) -> None:
    """A reader has to compare name and type."""
    zone.make(change("CREATE", "x.example.com"), change("CREATE", VIP, "fd00::1", type_="AAAA"))
    start = {"StartRecordName": VIP, "MaxItems": "1"}
    assert zone.listed(StartRecordType="A", **start) == [(VIP, "AAAA")]
    assert zone.listed(StartRecordType="CNAME", **start) == [("x.example.com.", "A")]
    assert zone.listed(StartRecordName="zz.example.com") == []


def test_bare_moto_cannot_page_through_weighted_sets(bare_zone: Zone) -> None:
    """The second page begins with the first set again."""
    bare_zone.make(*(change("CREATE", SetIdentifier=name, Weight=1) for name in ("one", "two")))
    page = bare_zone.client.list_resource_record_sets(
        HostedZoneId=bare_zone.id, StartRecordName=VIP, MaxItems="1"
    )
    assert "NextRecordIdentifier" not in page


def test_pages_begin_where_the_last_one_ended(zone: Zone) -> None:
    """By name, type and identifier."""
    zone.make(change("CREATE", "a.example.com"))
    zone.make(*(change("CREATE", SetIdentifier=name, Weight=1) for name in ("one", "two")))
    pages = zone.client.get_paginator("list_resource_record_sets").paginate(
        HostedZoneId=zone.id, PaginationConfig={"PageSize": 1}
    )
    found = [record for page in pages for record in page["ResourceRecordSets"]]
    assert [record.get("SetIdentifier", record["Type"]) for record in found] == [
        "NS",
        "SOA",
        "A",
        "one",
        "two",
    ]


def test_a_start_type_needs_a_start_name(zone: Zone) -> None:
    """Moto has this right."""
    assert refusal(lambda: zone.listed(StartRecordType="A"))[0] == "InvalidInput"


def test_bare_moto_garbles_the_soa(bare_zone: Zone) -> None:
    """It shows a Python dict."""
    records = bare_zone.client.list_resource_record_sets(HostedZoneId=bare_zone.id)["ResourceRecordSets"]
    assert records[1]["ResourceRecords"][0]["Value"].startswith("{'Value'")


def test_a_zone_begins_with_its_ns_and_soa(zone: Zone) -> None:
    """As name servers answer them."""
    born = zones.records(zone.cloud, zone.id)
    assert len(born["example.com.", "NS"].values) == 4
    assert all(value.endswith(".") for value in born["example.com.", "NS"].values)
    assert born["example.com.", "SOA"].values[0].endswith(" 1 7200 900 1209600 86400")
    assert born["example.com.", "SOA"].ttl == 900


def test_bare_moto_lists_zones_of_exactly_this_name(bare_zone: Zone) -> None:
    """So that a client that takes the first one is right by luck."""
    zones.hosted_zone(bare_zone.cloud, "later.example.net")
    found = bare_zone.client.list_hosted_zones_by_name(DNSName="example.net")["HostedZones"]
    assert found == []


def test_zones_are_listed_from_a_name_on(zone: Zone) -> None:
    """By reversed name; the first need not have the name that was asked for."""
    zones.hosted_zone(zone.cloud, "later.example.net")
    page = zone.client.list_hosted_zones_by_name(DNSName="example.net", MaxItems="1")
    assert [found["Name"] for found in page["HostedZones"]] == ["later.example.net."]
    page = zone.client.list_hosted_zones_by_name(DNSName="example.com", MaxItems="1")
    assert (page["HostedZones"][0]["Name"], page["IsTruncated"]) == ("example.com.", True)


def test_a_private_zone_belongs_to_its_vpc(zone: Zone) -> None:
    """Moto has this right."""
    private = zone.client.get_hosted_zone(Id=zones.hosted_zone(zone.cloud, "corp", private_vpc="vpc-1"))
    assert private["HostedZone"]["Config"]["PrivateZone"]
    assert [vpc["VPCId"] for vpc in private["VPCs"]] == ["vpc-1"]
