"""Route 53's calls as the journal, the listeners and the faults see them."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from xml.sax.saxutils import escape

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from tests.aws.hosted_zone import ONE, TWO, VIP, Zone, change, refusal
from vipswitch.testing.aws import protocol, zones
from vipswitch.testing.aws.protocol import ApiRequest
from vipswitch.testing.aws.route53 import RecordChange
from vipswitch.testing.wire import Request

SCOPE = "AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20260101/us-east-1/route53/aws4_request,"


def parsed(method: str, target: str, body: str = "") -> ApiRequest | None:
    return protocol.parse(Request(method, target, {"authorization": SCOPE}, body.encode(), "10.0.1.10"))


def status(call: Zone) -> int:
    """The HTTP status with which a change is answered."""
    try:
        call.make(change("UPSERT"))
    except ClientError as refused:
        return int(refused.response["ResponseMetadata"]["HTTPStatusCode"])
    return 200


def test_a_batch_is_in_the_journal_in_readable_words(zone: Zone) -> None:
    """And heard of as a write; a refused one is not."""
    zone.make(change("UPSERT", "VIP.Example.com", ONE, TWO), change("CREATE", VIP, '"x"', type_="TXT"))
    zone.refusal(change("CREATE"))
    write, refused = zone.cloud.journal.calls()
    assert dict(write.params) == {
        "HostedZoneId": zone.id,
        "Comment": "a test",
        "Changes.1.Action": "UPSERT",
        "Changes.1.Name": "VIP.Example.com",
        "Changes.1.Type": "A",
        "Changes.1.TTL": "5",
        "Changes.1.Values": f"{ONE}, {TWO}",
        "Changes.2.Action": "CREATE",
        "Changes.2.Name": VIP,
        "Changes.2.Type": "TXT",
        "Changes.2.TTL": "5",
        "Changes.2.Values": '"x"',
    }
    assert (write.service, write.action) == ("route53", "ChangeResourceRecordSets")
    assert zone.cloud.journal.writes() == (write,)
    assert refused.error == "InvalidChangeBatch"


def test_reads_are_told_with_the_names_of_the_api(zone: Zone) -> None:
    """From path and query."""
    zone.listed(StartRecordName=VIP, StartRecordType="A", MaxItems="1")
    zone.status(zone.make(change("CREATE"))["Id"])
    zone.client.list_hosted_zones_by_name(DNSName="example.com")
    listed, _, asked, by_name = zone.cloud.journal.calls()
    expected = {"HostedZoneId": zone.id, "StartRecordName": VIP, "StartRecordType": "A", "MaxItems": "1"}
    assert (listed.action, dict(listed.params), listed.mutating) == (
        "ListResourceRecordSets",
        expected,
        False,
    )
    assert (asked.action, list(asked.params), asked.mutating) == ("GetChange", ["Id"], False)
    assert (by_name.action, by_name.params["DNSName"]) == ("ListHostedZonesByName", "example.com")


def test_other_bodies_are_flattened(zone: Zone) -> None:
    """Structures by dots, lists by numbers."""
    zones.hosted_zone(zone.cloud, "corp", private_vpc="vpc-1")
    zone.client.change_tags_for_resource(
        ResourceType="hostedzone", ResourceId=zone.id, AddTags=[{"Key": "vip", "Value": "primary"}]
    )
    made, tagged = zone.cloud.journal.writes()
    assert (made.action, made.params["VPC.VPCId"]) == ("CreateHostedZone", "vpc-1")
    assert made.params["HostedZoneConfig.PrivateZone"] == "true"
    assert dict(tagged.params) == {
        "ResourceType": "hostedzone",
        "ResourceId": zone.id,
        "AddTags.1.Key": "vip",
        "AddTags.1.Value": "primary",
    }


def test_changes_have_the_names_that_policies_compare() -> None:
    """Lower case, escaped, without the dot at the end."""
    record = "<Name>*.Db.Example.com.</Name><Type>A</Type><SetIdentifier>one</SetIdentifier>"
    given = f"<Change><Action>DELETE</Action><ResourceRecordSet>{record}</ResourceRecordSet></Change>"
    batch = f"<ChangeBatch><Changes>{given}</Changes></ChangeBatch>"
    body = f'<ChangeResourceRecordSetsRequest xmlns="https://example.com/">{batch}</ChangeResourceRecordSetsRequest>'
    api = parsed("POST", "/2013-04-01/hostedzone/Z1/rrset/", body)
    assert api is not None
    assert api.changes == (RecordChange("DELETE", "*.Db.Example.com.", "A", set_identifier="one"),)
    assert api.changes[0].normalized_name == "\\052.db.example.com"
    assert api.region == "us-east-1"


@pytest.mark.parametrize("body", ["", escape("<"), "<a/>"])
def test_a_body_that_is_no_batch_has_no_changes(body: str) -> None:
    """It is moto's to refuse it."""
    api = parsed("POST", "/2013-04-01/hostedzone/Z1/rrset/", body)
    assert api is not None
    assert (dict(api.params), api.changes) == ({"HostedZoneId": "Z1"}, ())


def test_other_calls_are_not_told() -> None:
    """Those that vipswitch has no use for."""
    assert parsed("GET", "/2013-04-01/healthcheck") is None


def test_throttling_has_route_53s_words(zone: Zone) -> None:
    """400, not EC2's 503."""
    zone.cloud.faults.throttle(2, "ChangeResourceRecordSets")
    assert refusal(lambda: zone.make(change("CREATE"))) == ("Throttling", "Rate exceeded")
    assert status(zone) == 400
    assert status(zone) == 200


def test_a_prior_request_is_not_complete_so_many_times(zone: Zone) -> None:
    """Writes only: records can be read meanwhile."""
    zone.cloud.faults.prior_request_not_complete(1)
    zone.listed()
    code, text = refusal(lambda: zone.make(change("CREATE")))
    assert code == "PriorRequestNotComplete"
    assert text == "The request was rejected because Route 53 was still processing a prior request."
    zone.make(change("CREATE"))


def test_unavailable_does_nothing(zone: Zone) -> None:
    """500 InternalFailure."""
    zone.cloud.faults.unavailable(2)
    assert refusal(lambda: zone.make(change("CREATE")))[0] == "InternalFailure"
    assert status(zone) == 500
    assert zone.values() is None


def test_denial_names_the_zone(zone: Zone) -> None:
    """AccessDenied, in IAM's words."""
    zone.cloud.faults.deny("ChangeResourceRecordSets")
    code, text = refusal(lambda: zone.make(change("CREATE")))
    asked = "is not authorized to perform: route53:ChangeResourceRecordSets"
    assert code == "AccessDenied"
    assert f"{asked} on resource: arn:aws:route53:::hostedzone/{zone.id} because" in text


def test_dropped_calls_are_done_or_not(zone: Zone) -> None:
    """Before the work or after it."""
    zone.cloud.faults.drop_before(1, "ChangeResourceRecordSets")
    with pytest.raises(ConnectionClosedError):
        zone.make(change("CREATE"))
    assert zone.values() is None
    zone.cloud.faults.drop_after(1, "ChangeResourceRecordSets")
    with pytest.raises(ConnectionClosedError):
        zone.make(change("CREATE"))
    assert zone.values() == (ONE,)


def test_a_held_exchange_loses_against_a_newer_one(zone: Zone) -> None:
    """What a dead node sent changes nothing when it arrives late."""
    zone.make(change("CREATE"))
    gate = zone.cloud.faults.hold("ChangeResourceRecordSets")
    with ThreadPoolExecutor() as pool:
        late = pool.submit(zone.make, change("DELETE"), change("CREATE", VIP, "10.0.3.10"))
        assert gate.arrived.wait(5)
        zone.make(change("DELETE"), change("CREATE", VIP, TWO))
        gate.release()
        assert refusal(late.result)[0] == "InvalidChangeBatch"
    assert zone.values() == (TWO,)


def test_listeners_and_callbacks_come_before_the_answer(zone: Zone) -> None:
    """In the order of the commits."""
    told, seen = threading.Event(), []
    unsubscribe = zone.cloud.journal.subscribe(lambda call: seen.append(call.action))
    zone.cloud.faults.after_commit("ChangeResourceRecordSets", told.set)
    zone.make(change("CREATE"))
    unsubscribe()
    assert told.is_set()
    assert seen == ["ChangeResourceRecordSets"]


def test_reads_show_the_old_records_so_many_times(zone: Zone) -> None:
    """Writes act on the records as they are."""
    zone.make(change("CREATE"))
    zone.cloud.faults.stale_reads(2)
    zone.make(change("DELETE"), change("CREATE", "a.example.com"))
    assert (VIP, "A") in zone.listed()
    zone.refusal(change("DELETE"))
    assert (VIP, "A") in zone.listed()
    assert (VIP, "A") not in zone.listed()
