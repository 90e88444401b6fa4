"""What is asked of Cloud DNS, to the letter, and what its answers mean."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests
from google.auth.credentials import AnonymousCredentials
from google.cloud import dns as google_dns

from tests.unit.providers.gcp.rig import PROJECT, Google, Metadata, answer, refused, soon
from vipswitch.errors import ConfigError, Conflict, PermissionDenied, Refused, Unavailable, VipswitchError
from vipswitch.model import NodeId
from vipswitch.providers.gcp.api.client import Clients
from vipswitch.providers.gcp.api.meanings import NotFound
from vipswitch.providers.gcp.cloud_dns.settings import ZoneId
from vipswitch.providers.gcp.cloud_dns.zones import Change, ManagedZone, ManagedZones
from vipswitch.providers.record_sets import Batch, Found, RecordSet, holding, marking
from vipswitch.testing import wire

ZONE = ZoneId(PROJECT, "example-zone")
NAME = "db.example.com"
ROOT = f"/dns/v1/projects/{PROJECT}/managedZones/example-zone"
OLD = RecordSet(NAME, "A", 300, ("10.0.1.10",))
NEW = RecordSet(NAME, "A", 10, ("10.0.2.10",))
BATCH = Batch((OLD,), (NEW,))


@pytest.fixture
def zones(clients: Clients, metadata: Metadata) -> ManagedZones:
    """Those of a stand-in that says what a test tells it."""
    return ManagedZones(clients)


def rrset(name: str, type_: str, *data: str, ttl: object = 300, **more: object) -> dict[str, object]:
    """A record set as Cloud DNS shows one."""
    shown = {"kind": "dns#resourceRecordSet", "name": name, "type": type_, "ttl": ttl}
    return {**shown, "rrdatas": list(data), "signatureRrdatas": [], **more}


def listing(*sets: dict[str, object], **more: object) -> wire.Answer:
    return answer(200, {"kind": "dns#resourceRecordSetsListResponse", "rrsets": list(sets), **more})


def change_made(status: str) -> wire.Answer:
    """As in the documentation of changes.create."""
    made = {"kind": "dns#change", "id": "42", "status": status, "startTime": "2026-11-06T10:00:00.000Z"}
    return answer(200, made)


def asked(google: Google) -> tuple[str, str, Any]:
    """The last request: its method, path and body, a TTL as a number."""
    last = google.requests[-1]
    body = json.loads(last.body) if last.body else None
    for kind in ("additions", "deletions") if body else ():
        body[kind] = [{**each, "ttl": int(each["ttl"])} for each in body[kind]]
    return last.method, last.path, body


def typed(google: Google) -> google_dns.zone.ManagedZone:
    """The zone through Google's own client for Python."""
    session = requests.Session()
    session.verify = str(google.ca_file)
    client = google_dns.Client(
        PROJECT, AnonymousCredentials(), _http=session, client_options={"api_endpoint": google.url}
    )
    return client.zone("example-zone", "example.com.")


def test_a_change_is_the_request_of_googles_own_client(google: Google, zones: ManagedZones) -> None:
    """But for the TTL, which that sends as a text."""
    google.says(change_made("pending"))
    assert zones.change(ZONE, NAME, BATCH, soon()) == Change("42", done=False)
    ours = asked(google)
    zone = typed(google)
    theirs = zone.changes()
    theirs.delete_record_set(zone.resource_record_set("db.example.com.", "A", 300, ["10.0.1.10"]))
    theirs.add_record_set(zone.resource_record_set("db.example.com.", "A", 10, ["10.0.2.10"]))
    theirs.create()
    assert ours == asked(google)
    assert ours[:2] == ("POST", f"{ROOT}/changes")


def test_a_look_at_a_change_is_the_request_of_googles_own_client(google: Google, zones: ManagedZones) -> None:
    """One that is done has been sent to the name servers."""
    google.says(change_made("pending"))
    assert not zones.in_effect(ZONE, "42", soon())
    google.says(change_made("done"))
    assert zones.in_effect(ZONE, "42", soon())
    ours = asked(google)
    theirs = typed(google).changes()
    theirs.name = "42"
    theirs.reload()
    assert ours == asked(google) == ("GET", f"{ROOT}/changes/42", None)


def test_a_name_and_its_text_are_asked_for_and_nothing_else(google: Google, zones: ManagedZones) -> None:
    """Not the whole zone, which may have thousands of record sets."""
    google.says(listing())
    zones.record_sets(ZONE, NAME, soon())
    assert sorted(request.target for request in google.requests) == [
        f"{ROOT}/rrsets?name=_vipswitch.db.example.com.&type=TXT",
        f"{ROOT}/rrsets?name=db.example.com.",
    ]


def test_record_sets_are_read_as_they_are_shown(google: Google, zones: ManagedZones) -> None:
    """The values in their order, because a deletion has to name them so; a TTL may be a text."""
    google.before = lambda request: google.says(
        listing(rrset("_vipswitch.db.example.com.", "TXT", '"released 10.0.1.10 5"', '"more"', ttl="60"))
        if "_vipswitch" in request.target
        else listing(rrset("db.example.com.", "A", "10.0.1.10"), rrset("db.example.com.", "MX", "10 mail."))
    )
    own = zones._listed(ZONE, NAME, soon(), {"name": "db.example.com."})
    texts = zones._listed(ZONE, NAME, soon(), {"name": "_vipswitch.db.example.com.", "type": "TXT"})
    assert own == (OLD, RecordSet(NAME, "MX", 300, ("10 mail.",)))
    assert texts == (RecordSet(f"_vipswitch.{NAME}", "TXT", 60, ('"released 10.0.1.10 5"', '"more"')),)


def test_a_listing_of_several_pages_is_read_to_its_end(google: Google, zones: ManagedZones) -> None:
    """A page may be empty and not be the last."""
    google.says(listing(nextPageToken="2"), listing(rrset("db.example.com.", "A", "10.0.1.10")))
    assert zones._listed(ZONE, NAME, soon(), {"name": "db.example.com."}) == (OLD,)
    assert google.requests[-1].query == "name=db.example.com.&pageToken=2"


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        ({"wrr": {"items": [{"weight": 1, "rrdatas": ["10.0.1.10"]}]}}, "a weighted round robin"),
        ({"geo": {"items": [{"location": "europe-west1", "rrdatas": ["10.0.1.10"]}]}}, "a geolocation"),
        ({"primaryBackup": {"trickleTraffic": 0.1}}, "a failover"),
        ({"kind": "dns#rRSetRoutingPolicy"}, "a"),
    ],
)
def test_a_routing_policy_is_refused(
    google: Google, zones: ManagedZones, policy: dict[str, object], told: str
) -> None:
    """It answers one client so and another so: nothing that vipswitch would have written."""
    google.says(listing(rrset("db.example.com.", "A", routingPolicy=policy)))
    found = zones.record_sets(ZONE, NAME, soon())
    with pytest.raises(ConfigError, match=f"x: its A record has {told} routing policy"):
        holding(found, ("A",), "x")


@pytest.mark.parametrize(
    "refusal",
    [
        refused(412, "conditionNotMet", "Precondition not met for 'entity.change.deletions[0]'"),
        refused(
            404,
            "notFound",
            "The 'entity.change.deletions[0]' resource named 'db.example.com. (A)' does not exist.",
        ),
        refused(
            409,
            "alreadyExists",
            "The resource 'entity.change.additions[0]' named 'db.example.com. (A)' already exists",
        ),
        refused(
            409,
            "cnameResourceRecordSetConflict",
            "The resource record set 'entity.change.additions[0]' is invalid because the DNS name"
            " 'db.example.com.' may have either one CNAME resource record set or resource record sets of"
            " other types, but not both.",
        ),
    ],
    ids=["changed", "gone", "come", "a CNAME has come"],
)
def test_what_is_not_as_it_was_read_is_a_conflict(
    google: Google, zones: ManagedZones, refusal: wire.Answer
) -> None:
    """In Cloud DNS's own words: whoever changed it, the next read tells."""
    google.says(refusal)
    with pytest.raises(Conflict):
        zones.change(ZONE, NAME, BATCH, soon())


@pytest.mark.parametrize(
    ("refusal", "error", "text"),
    [
        (
            refused(
                404, "notFound", "The 'parameters.managedZone' resource named 'example-zone' does not exist."
            ),
            NotFound,
            "record db.example.com in example-zone: not found",
        ),
        (
            refused(403, "forbidden", "Forbidden"),
            PermissionDenied,
            "denied for dns.changes.create",
        ),
        (refused(403, "rateLimitExceeded", "Rate Limit Exceeded"), Unavailable, "throttled"),
        (refused(403, "quotaExceeded", "The request exceeds the quota."), Refused, "exceeds the quota"),
        (
            refused(400, "invalid", "Invalid value for 'entity.change.additions[0].name': 'db.example.org.'"),
            Refused,
            "Invalid value",
        ),
    ],
    ids=["no zone", "denied", "throttled", "quota", "another domain"],
)
def test_what_is_no_conflict_is_not_tried_again_as_one(
    google: Google, zones: ManagedZones, refusal: wire.Answer, error: type[VipswitchError], text: str
) -> None:
    """A missing zone is 404 as well."""
    google.says(refusal)
    with pytest.raises(error, match=text):
        zones.change(ZONE, NAME, BATCH, soon())


@pytest.mark.parametrize(
    ("shown", "zone"),
    [
        (
            {"visibility": "public", "nameServers": ["ns-cloud-a1.googledomains.com."]},
            ManagedZone("example.com", private=False, name_servers=("ns-cloud-a1.googledomains.com",)),
        ),
        (
            {
                "visibility": "private",
                "privateVisibilityConfig": {
                    "kind": "dns#managedZonePrivateVisibilityConfig",
                    "gkeClusters": [],
                    "networks": [{"networkUrl": "https://www.googleapis.com/compute/v1/x"}],
                },
            },
            ManagedZone("example.com", private=True, networks=("https://www.googleapis.com/compute/v1/x",)),
        ),
        (
            {"visibility": "private", "peeringConfig": {"targetNetwork": {"networkUrl": "x"}}},
            ManagedZone("example.com", private=True, purpose="peers with another network's zones"),
        ),
    ],
    ids=["public", "private", "peering"],
)
def test_a_zone_tells_who_sees_it(
    google: Google, zones: ManagedZones, shown: dict[str, object], zone: ManagedZone
) -> None:
    """A public one was made before visibility was told at all."""
    google.says(answer(200, {"kind": "dns#managedZone", "dnsName": "example.com.", **shown}))
    assert zones.describe(ZONE, soon()) == zone


def test_permissions_are_asked_for_on_the_zone(google: Google, zones: ManagedZones) -> None:
    """A role may be bound there; where one has none, Google leaves the field out."""
    google.says(answer(200, {"permissions": ["dns.changes.get"]}))
    wanted = ["dns.changes.get", "dns.changes.create"]
    assert zones.permitted(ZONE, wanted, soon()) == {"dns.changes.get"}
    last = google.requests[-1]
    assert (last.path, json.loads(last.body)) == (
        f"{ROOT}:testIamPermissions",
        {"permissions": ["dns.changes.create", "dns.changes.get"]},
    )
    google.says(answer(200, {}))
    assert zones.permitted(ZONE, wanted, soon()) == frozenset()


def test_what_a_node_says_goes_out_in_quotes(google: Google, zones: ManagedZones) -> None:
    """Without them Cloud DNS takes each word of a text for a string of its own."""
    google.says(change_made("done"))
    batch = marking(Found(), NodeId("10.0.2.10"), NAME, ttl=10, generation=7)
    assert zones.change(ZONE, NAME, batch, soon()).done
    [added] = asked(google)[2]["additions"]
    assert added == {
        "name": "_vipswitch.db.example.com.",
        "type": "TXT",
        "ttl": 10,
        "rrdatas": ['"released 10.0.2.10 7"'],
    }
