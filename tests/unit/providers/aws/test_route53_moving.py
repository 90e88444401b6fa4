"""Reading and claiming a name, as the hosted zone sees it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.providers.aws.dns_rig import DOMAIN, NAME, A, B, DnsRig, record
from tests.unit.providers.aws.rig import soon
from vipswitch.errors import ConfigError, Conflict, OutcomeUnknown, Refused, Unavailable, VipswitchError
from vipswitch.model import Holding, Place
from vipswitch.providers.aws.route53.provider import AwsRoute53
from vipswitch.testing.aws import zones

ROOT = Path(__file__).parents[4]
ALIAS = {"HostedZoneId": "Z32O12XQLNTSW2", "DNSName": "lb.example.net.", "EvaluateTargetHealth": False}


def seen(provider: AwsRoute53, number: int = 0) -> Holding:
    """What the provider reads of a place."""
    place = provider.places[number]
    answer = provider.read([place], soon())[place]
    assert isinstance(answer, Holding), answer
    return answer


def refusal(provider: AwsRoute53) -> VipswitchError:
    """Why the provider does not say who holds its place."""
    answer = provider.read(provider.places, soon())[provider.places[0]]
    assert isinstance(answer, VipswitchError), answer
    return answer


def take(provider: AwsRoute53, before: Holding | None) -> None:
    provider.claim(provider.places[0], provider.node(soon()), before, soon())


def test_a_takeover_is_one_read_and_one_batch(dns: DnsRig) -> None:
    """The old record goes and the new one comes in the same request."""
    dns.make(record(NAME, "A", B, ttl=300))
    dns.cloud.journal.clear()
    provider = dns.provider()
    before = seen(provider)
    assert before.holder == B
    take(provider, before)
    assert dns.asked() == ["ListResourceRecordSets", "ChangeResourceRecordSets"]
    assert (dns.values(), dns.ttl()) == ((A,), 10)


def test_a_new_name_is_created(dns: DnsRig) -> None:
    """Nothing has to be prepared in the zone."""
    provider = dns.provider(ttl=30)
    take(provider, seen(provider))
    assert (dns.values(), dns.ttl()) == ((A,), 30)


@pytest.mark.parametrize("next_name", [f"e.{DOMAIN}", f"dba.{DOMAIN}", f"a.db.{DOMAIN}"])
def test_the_next_record_of_the_zone_is_not_ours(dns: DnsRig, next_name: str) -> None:
    """The listing begins at the name, and goes on when there is no such name."""
    dns.make(record(next_name, "A", B))
    assert seen(dns.provider()) == Holding(None)


def test_a_wildcard_is_not_ours(dns: DnsRig) -> None:
    """It answers for the name until the name has a record; it is listed as \\052."""
    dns.make(record(f"*.{DOMAIN}", "A", B))
    provider = dns.provider()
    assert seen(provider) == Holding(None)
    take(provider, seen(provider))
    assert (dns.values(), dns.values(f"\\052.{DOMAIN}")) == ((A,), (B,))


def test_a_name_is_found_as_the_zone_writes_it(dns: DnsRig) -> None:
    """Made in capitals by somebody, with the dot at the end."""
    dns.make(record("DB.Example.Com.", "A", B))
    assert seen(dns.provider()).holder == B


def test_ipv4_and_ipv6_move_together(dns: DnsRig) -> None:
    """One batch for both: no client gets the old node by one family and the new one by the other."""
    provider = dns.provider(f"{A},fd00::1", types=("AAAA", "A"))
    take(provider, Holding(None))
    other = dns.provider(f"{B},fd00::2", types=("A", "AAAA"))
    before = seen(other)
    assert before.holder == f"{A},fd00::1"
    dns.cloud.journal.clear()
    take(other, before)
    assert (dns.values(), dns.values(type_="AAAA")) == ((B,), ("fd00::2",))
    assert dns.asked() == ["ChangeResourceRecordSets"]


def test_half_a_holder_is_another_holder(dns: DnsRig) -> None:
    """An A record of ours without its AAAA record is completed, not believed."""
    dns.make(record(NAME, "A", A))
    provider = dns.provider(f"{A},fd00::1", types=("A", "AAAA"))
    before = seen(provider)
    assert before.holder == A != provider.node(soon())
    take(provider, before)
    assert seen(provider).holder == f"{A},fd00::1"


def test_a_record_of_the_other_family_is_left_alone(dns: DnsRig) -> None:
    """`types` says what is ours."""
    dns.make(record(NAME, "AAAA", "fd00::9"))
    provider = dns.provider()
    take(provider, seen(provider))
    assert dns.values(type_="AAAA") == ("fd00::9",)


def test_a_claim_on_a_changed_record_is_a_conflict(dns: DnsRig) -> None:
    """Changed, made anew with another TTL, gone, or come: each time nothing is written."""
    provider = dns.provider()
    nobody = seen(provider)
    dns.make(record(NAME, "A", B))
    before = seen(provider)
    for changed in (record(NAME, "A", "10.0.3.10"), record(NAME, "A", B, ttl=60)):
        dns.make(changed, action="UPSERT")
        for stale in (before, nobody):
            with pytest.raises(Conflict):
                take(provider, stale)
        assert dns.values() == (changed["ResourceRecords"][0]["Value"],)
    dns.make(changed, action="DELETE")
    with pytest.raises(Conflict):
        take(provider, before)
    assert dns.values() is None


def test_after_a_conflict_a_new_look_is_enough(dns: DnsRig) -> None:
    """The conflict leaves nothing behind."""
    provider = dns.provider()
    nobody = seen(provider)
    dns.make(record(NAME, "A", B))
    with pytest.raises(Conflict):
        take(provider, nobody)
    take(provider, seen(provider))
    assert dns.values() == (A,)


def test_the_text_for_people_follows_the_holder(dns: DnsRig) -> None:
    """Beside the name, whether it was there before or not."""
    mark = f"_vipswitch.{NAME}"
    first, second = dns.provider(txt=True), dns.provider(B, txt=True)
    take(first, seen(first))
    assert dns.values(mark, "TXT") == (f'"held by {A}"',)
    take(second, seen(second))
    assert dns.values(mark, "TXT") == (f'"held by {B}"',)


def test_the_text_does_not_change_without_the_address(dns: DnsRig) -> None:
    """It has no condition of its own: that of the batch is its condition, too."""
    provider = dns.provider(txt=True)
    nobody = seen(provider)
    dns.make(record(NAME, "A", B))
    with pytest.raises(Conflict):
        take(provider, nobody)
    assert dns.values(f"_vipswitch.{NAME}", "TXT") is None


@pytest.mark.parametrize(
    ("there", "reason"),
    [
        ([record(NAME, "CNAME", "other.example.com")], "is a CNAME (other.example.com)"),
        ([record(NAME, "A", "10.0.1.1", "10.0.1.2", "10.0.1.3")], "has 3 values: vipswitch publishes one"),
        ([record(NAME, "A", AliasTarget=ALIAS)], "is an alias of another AWS resource"),
        ([record(NAME, "A", B, SetIdentifier="x", Weight=1)], "a weighted routing policy (x)"),
        ([record(NAME, "A", B, SetIdentifier="x", Region="eu-west-1")], "a latency routing policy (x)"),
        ([record(NAME, "A", B, SetIdentifier="x", Failover="PRIMARY")], "a failover routing policy (x)"),
        (
            [record(NAME, "A", B, SetIdentifier="x", GeoLocation={"CountryCode": "DE"})],
            "a geolocation routing policy (x)",
        ),
        (
            [record(NAME, "A", B, SetIdentifier="x", MultiValueAnswer=True)],
            "a multivalue answer routing policy (x)",
        ),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_what_we_would_not_have_written_is_refused(dns: DnsRig, there: list[object], reason: str) -> None:
    """Named as what it is, with its name and zone, and left as it is."""
    dns.make(*there)
    before = zones.records(dns.cloud, dns.zone)
    wrong = refusal(dns.provider())
    assert isinstance(wrong, ConfigError)
    assert reason in wrong.message
    assert wrong.message.startswith(f"record {NAME} in {dns.zone}: ")
    assert wrong.hint
    assert zones.records(dns.cloud, dns.zone) == before


def test_a_page_full_of_records_of_the_name_is_read_to_its_end(dns: DnsRig) -> None:
    """Twelve weighted sets of another type come before the one that says what is wrong."""
    dns.make(*(record(NAME, "A", B, SetIdentifier=f"x{n:02}", Weight=1) for n in range(12)))
    dns.make(record(NAME, "AAAA", "fd00::9", "fd00::8"))
    dns.cloud.journal.clear()
    wrong = refusal(dns.provider("fd00::1", types=("AAAA",)))
    assert "its AAAA record has 2 values" in wrong.message
    assert dns.asked() == ["ListResourceRecordSets"] * 2


def test_a_zone_that_is_not_there_does_not_hide_the_other(dns: DnsRig) -> None:
    """The one that is there is read; the other one is named."""
    dns.make(record(NAME, "A", B))
    provider = dns.provider(zones=("Z00000000000GONE", dns.zone))
    gone, there = provider.read(provider.places, soon()).values()
    assert isinstance(there, Holding)
    assert there.holder == B
    assert isinstance(gone, ConfigError)
    assert gone.message.startswith(f"record {NAME} in Z00000000000GONE: No hosted zone found")


def test_a_name_outside_the_zone_is_a_matter_of_the_config(dns: DnsRig) -> None:
    """Nothing says so before the first write; `check` does."""
    provider = dns.provider(name="db.example.org")
    with pytest.raises(ConfigError, match="is not permitted in zone example") as caught:
        take(provider, seen(provider))
    assert "`zones`" in caught.value.hint


def test_a_cname_that_appears_meanwhile_is_a_matter_of_the_config(dns: DnsRig) -> None:
    """The batch fails, and the next read says the same."""
    provider = dns.provider()
    nobody = seen(provider)
    dns.make(record(NAME, "CNAME", "other.example.com"))
    with pytest.raises(ConfigError, match="type CNAME"):
        take(provider, nobody)
    assert "is a CNAME" in refusal(provider).message


def test_a_protected_record_is_refused_and_not_tried_again(dns: DnsRig) -> None:
    """Refused is an end: the switch makes no second attempt."""
    provider = dns.provider()
    nobody = seen(provider)
    with (
        zones.protected(dns.cloud, dns.zone, NAME, "A", comment="do not touch"),
        pytest.raises(Refused, match="protected from changes: do not touch") as caught,
    ):
        take(provider, nobody)
    assert "protects" in caught.value.hint


def test_a_batch_in_work_is_trouble_that_passes(dns: DnsRig) -> None:
    """Route 53 makes one at a time in a zone, other people's too."""
    dns.cloud.faults.prior_request_not_complete(1)
    provider = dns.provider()
    with pytest.raises(Unavailable, match="PriorRequestNotComplete"):
        take(provider, Holding(None))


def test_throttling_is_trouble_that_passes(dns: DnsRig) -> None:
    """Five requests in a second, for the whole account."""
    dns.cloud.faults.throttle(1, "ListResourceRecordSets")
    assert isinstance(refusal(dns.provider()), Unavailable)


def test_a_lost_answer_leaves_the_outcome_open(dns: DnsRig) -> None:
    """Of a change whose id never came nothing can be asked; the record says who holds the name."""
    dns.cloud.faults.drop_after(1, "ChangeResourceRecordSets")
    provider = dns.provider()
    with pytest.raises(OutcomeUnknown):
        take(provider, Holding(None))
    assert seen(provider) == Holding(A, '[["A",10,"10.0.1.10"]]')


def test_a_claim_is_settled_when_name_servers_know_it(dns: DnsRig) -> None:
    """Until then the provider says which change it waits for."""
    zones.propagate_after(dns.cloud, 3600.0)
    provider = dns.provider()
    take(provider, seen(provider))
    pending = seen(provider)
    assert (pending.holder, pending.settled) == (A, False)
    assert "is pending" in pending.note
    assert not seen(provider).settled
    assert dns.asked()[-1] == "GetChange"
    zones.propagate_after(dns.cloud, 0.0)
    assert seen(provider) == Holding(A, pending.token)


@pytest.mark.parametrize("denied", [True, False], ids=["denied", "throttled"])
def test_a_change_that_cannot_be_followed_is_not_settled(dns: DnsRig, *, denied: bool) -> None:
    """The holder is told all the same, with the reason."""
    arm = dns.cloud.faults.deny if denied else lambda action: dns.cloud.faults.throttle(None, action)
    arm("GetChange")
    provider = dns.provider()
    take(provider, seen(provider))
    seen(provider)
    answer = seen(provider)
    assert (answer.holder, answer.settled) == (A, False)
    assert answer.note.startswith("could not see whether all name servers know it: change C")


def test_each_zone_is_a_place(dns: DnsRig) -> None:
    """Two zones of one domain, one for the VPC and one for the internet, each with a lock of its own."""
    provider = dns.provider(zones=dns.zones)
    assert provider.places == (dns.place(0), dns.place(1))
    assert [provider.contention_key(place) for place in provider.places] == [
        f"aws-zone:{zone}" for zone in dns.zones
    ]
    assert dns.provider(zones=(dns.zone, dns.zone)).places == (dns.place(0),)


def test_a_place_of_another_provider_is_refused(dns: DnsRig) -> None:
    """Not taken for a zone."""
    with pytest.raises(ConfigError):
        dns.provider().contention_key(Place("rtb-0123456789abcdef0"))


def test_dry_run_lines_are_the_requests_that_are_made(dns: DnsRig) -> None:
    """In the words of IAM and of the API, so that they can be looked up."""
    provider = dns.provider(txt=True)
    zone = dns.zone
    assert provider.calls("read", provider.places, A) == [
        f"route53:ListResourceRecordSets HostedZoneId={zone} StartRecordName={NAME}"
    ]
    assert provider.calls("claim", provider.places, A) == [
        f"route53:ChangeResourceRecordSets HostedZoneId={zone} DELETE=as read CREATE=A {NAME} 10 10.0.1.10"
        f' UPSERT=TXT _vipswitch.{NAME} 10 "held by 10.0.1.10"'
    ]
    assert provider.calls("mark", provider.places, A) == [
        f"route53:ListResourceRecordSets HostedZoneId={zone} StartRecordName={NAME}",
        f"route53:ChangeResourceRecordSets HostedZoneId={zone} DELETE=as read"
        f' CREATE=TXT _vipswitch.{NAME} 10 "released 10.0.1.10 GENERATION"',
    ]
    assert provider.calls("release", provider.places, A) == []
    assert dns.asked() == []


def test_nothing_is_asked_for_when_all_is_as_it_should_be(dns: DnsRig) -> None:
    """Route 53 refuses an empty batch."""
    dns.make(record(NAME, "A", A))
    provider = dns.provider()
    before = seen(provider)
    dns.cloud.journal.clear()
    take(provider, before)
    assert dns.asked() == []


def test_importing_the_provider_imports_no_sdk() -> None:
    """`--help` and a hook that finds the agent pay nothing for boto3."""
    code = (
        "import sys, vipswitch.providers.aws.route53;"
        "print([m for m in sys.modules if m.split('.')[0] in ('boto3', 'botocore', 'urllib3', 'http')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"
