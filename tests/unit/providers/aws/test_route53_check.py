"""`vipswitch check`, as far as it asks Route 53."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.providers.aws.dns_rig import DOMAIN, NAME, A, B, DnsRig, record
from tests.unit.providers.aws.rig import soon
from vipswitch.provider import Finding, Level
from vipswitch.providers.aws.route53.provider import AwsRoute53
from vipswitch.providers.aws.route53.settings import ZoneId
from vipswitch.testing.aws import MetadataServer, zones


@pytest.fixture
def service(dns: DnsRig, monkeypatch: pytest.MonkeyPatch) -> Iterator[MetadataServer]:
    """The metadata service of the first node, whose address is A."""
    with MetadataServer(dns.topology.instance(dns.topology.nodes[0])) as server:
        monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url)
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "false")
        yield server


@pytest.fixture
def private(dns: DnsRig) -> ZoneId:
    """A zone of the domain for the nodes' VPC."""
    return ZoneId(zones.hosted_zone(dns.cloud, DOMAIN, private_vpc=dns.topology.vpc_id))


def check(provider: AwsRoute53) -> list[Finding]:
    """All findings; each one that is not fine has a fix."""
    findings = list(provider.check(soon()))
    assert all(found.fix for found in findings if found.level is not Level.OK)
    return findings


def wrong(provider: AwsRoute53) -> list[Finding]:
    """The findings that are not fine, but for the one that there always is."""
    return [f for f in check(provider) if f.level is not Level.OK and f.subject != "permissions"]


def test_all_is_well(dns: DnsRig, service: MetadataServer, private: ZoneId) -> None:
    """Who asks, what is published, the zone, the record; and that nothing was tried."""
    dns.make(record(NAME, "A", B), zone=private)
    dns.cloud.journal.clear()
    findings = check(dns.provider(None, zones=(private,)))
    assert [(f.level, f.subject, f.message) for f in findings[1:4]] == [
        (Level.OK, "published addresses", A),
        (Level.OK, f"hosted zone {private}", f"{DOMAIN}, private to {dns.topology.vpc_id}"),
        (Level.OK, f"record {NAME} in {private}", f"says {B}"),
    ]
    assert (findings[4].level, findings[4].subject) == (Level.WARNING, "permissions")
    assert "no dry run" in findings[4].message
    assert "vipswitch iam" in findings[4].fix
    assert dns.cloud.journal.writes() == ()


def test_before_the_first_up_there_is_no_record(
    dns: DnsRig, service: MetadataServer, private: ZoneId
) -> None:
    """That is fine."""
    assert wrong(dns.provider(None, zones=(private,))) == []


def test_a_long_life_is_an_outage(dns: DnsRig, service: MetadataServer, private: ZoneId) -> None:
    """Said in seconds, for what is configured and for what resolvers have already."""
    dns.make(record(NAME, "A", B, ttl=300), zone=private)
    own, there = wrong(dns.provider(None, zones=(private,), ttl=120))
    assert (own.level, own.subject) == (Level.WARNING, "ttl")
    assert own.message.startswith("120 s: for so long after a failover")
    assert (there.level, there.subject) == (Level.WARNING, f"record {NAME} in {private} A")
    assert there.message.startswith("300 s: ")


def test_private_addresses_in_a_public_zone(dns: DnsRig, service: MetadataServer) -> None:
    """Done on purpose where clients come by a VPN; else nobody gets through."""
    [found] = wrong(dns.provider(None))
    assert (found.level, found.subject) == (Level.WARNING, f"hosted zone {dns.zone}")
    assert "the internet cannot reach them" in found.message


def test_public_addresses_in_a_private_zone(dns: DnsRig, private: ZoneId) -> None:
    """Clients in the VPC would leave it to come back."""
    found = wrong(dns.provider("203.0.113.7", zones=(private,), publish="public"))
    assert 'set publish = "private"' in [f.fix for f in found]


def test_a_zone_that_this_vpc_does_not_see(dns: DnsRig, service: MetadataServer) -> None:
    """The record moves, and nobody here hears of it."""
    vpc = dns.cloud.ec2().create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    other = ZoneId(zones.hosted_zone(dns.cloud, DOMAIN, private_vpc=vpc))
    [found] = wrong(dns.provider(None, zones=(other,)))
    assert (found.level, found.subject) == (Level.WARNING, f"hosted zone {other}")
    assert dns.topology.vpc_id in found.message


def test_a_name_outside_the_zone(dns: DnsRig, service: MetadataServer) -> None:
    """Route 53 says so at the first write; `check` does before."""
    [found] = wrong(dns.provider(None, name="db.example.org"))
    assert (found.level, found.message) == (
        Level.ERROR,
        f"is for {DOMAIN}, to which db.example.org does not belong",
    )


@pytest.mark.parametrize(
    ("there", "reason"),
    [
        (record(NAME, "CNAME", "other.example.com"), "is a CNAME"),
        (record(NAME, "A", A, B), "has 2 values"),
        (record(NAME, "A", A, SetIdentifier="x", Weight=1), "weighted"),
    ],
)
def test_what_a_failover_would_refuse_is_an_error(
    dns: DnsRig, service: MetadataServer, private: ZoneId, there: object, reason: str
) -> None:
    """Found before it happens."""
    dns.make(there, zone=private)
    [found] = wrong(dns.provider(None, zones=(private,)))
    assert (found.level, found.subject) == (Level.ERROR, f"record {NAME} in {private}")
    assert reason in found.message


def test_an_address_that_does_not_move(dns: DnsRig, service: MetadataServer, private: ZoneId) -> None:
    """Clients that prefer IPv6 stay where the AAAA record says."""
    dns.make(record(NAME, "AAAA", "fd00::9"), zone=private)
    [found] = wrong(dns.provider(None, zones=(private,)))
    assert found.level is Level.WARNING
    assert found.message.startswith("stays as it is, fd00::9")


def test_a_missing_zone_is_named(dns: DnsRig, service: MetadataServer, private: ZoneId) -> None:
    """The other one is looked at all the same."""
    gone = ZoneId("Z00000000000GONE")
    findings = check(dns.provider(None, zones=(gone, private)))
    assert {f.subject for f in findings if f.level is Level.ERROR} == {
        f"hosted zone {gone}",
        f"record {NAME} in {gone}",
    }
    assert f"hosted zone {private}" in {f.subject for f in findings}


def test_a_foreign_address_is_an_error(dns: DnsRig, service: MetadataServer, private: ZoneId) -> None:
    """One config copied to another node would send clients to the first."""
    [found] = wrong(dns.provider(B, zones=(private,)))
    assert (found.level, found.subject) == (Level.ERROR, "published addresses")
    assert found.message.startswith(f"{B}: not an address of eni-")


def test_an_address_that_has_just_come_is_known(
    dns: DnsRig, service: MetadataServer, private: ZoneId
) -> None:
    """What was cached before does not make it a foreign one."""
    provider = dns.provider(None, zones=(private,))
    provider.node(soon())
    [cache] = dns.folder.glob("aws-identity-*.json")
    cache.write_text(cache.read_text().replace(A, "10.0.1.99"))
    assert wrong(dns.provider(A, zones=(private,))) == []


def test_outside_aws_addresses_cannot_be_compared(dns: DnsRig, private: ZoneId) -> None:
    """The config is believed, and `check` says that it was."""
    [found] = wrong(dns.provider(A, zones=(private,)))
    assert (found.level, found.subject) == (Level.WARNING, "published addresses")
    assert "not compared" in found.message


def test_a_node_without_an_address_is_an_error(dns: DnsRig, private: ZoneId) -> None:
    """`up` would fail as well."""
    found = wrong(dns.provider(None, zones=(private,)))
    assert (found[0].level, found[0].subject) == (Level.ERROR, "published addresses")


@pytest.mark.parametrize(
    ("action", "subject"),
    [("GetHostedZone", "hosted zone {}"), ("ListResourceRecordSets", f"record {NAME} in {{}}")],
)
def test_want_of_a_permission_to_read_is_an_error(
    dns: DnsRig, service: MetadataServer, private: ZoneId, action: str, subject: str
) -> None:
    """With the action and the zone's ARN to allow."""
    dns.cloud.faults.deny(action)
    [found] = wrong(dns.provider(None, zones=(private,)))
    assert (found.level, found.subject) == (Level.ERROR, subject.format(private))
    assert found.fix == f"allow route53:{action} on arn:aws:route53:::hostedzone/{private}"


@pytest.mark.parametrize("action", ["GetCallerIdentity", "GetHostedZone", "ListResourceRecordSets"])
def test_could_not_look_is_a_warning(
    dns: DnsRig, service: MetadataServer, private: ZoneId, action: str
) -> None:
    """Never fine, and no proof of anything."""
    dns.cloud.faults.throttle(None, action)
    assert [f.level for f in wrong(dns.provider(None, zones=(private,)))] == [Level.WARNING]


def test_without_credentials_that_is_all_there_is_to_say(
    dns: DnsRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One error, not one for everything that needs them."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    [found] = check(dns.provider())
    assert found == Finding(Level.ERROR, "AWS credentials", "none found", found.fix)
