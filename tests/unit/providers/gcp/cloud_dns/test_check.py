"""`vipswitch check`, as far as it asks Cloud DNS."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.gcp_cloud_dns_cloud import DOMAIN, NAME, CloudDnsCloud
from tests.unit.providers.gcp.cloud_dns.rig import check, provider_on, wrong
from tests.unit.providers.gcp.rig import soon
from vipswitch.provider import Level
from vipswitch.providers.gcp.cloud_dns.provider import GcpCloudDns
from vipswitch.providers.gcp.ids import Name

HERE = (Name("inside"),)


def looked_at(cloud: CloudDnsCloud, node: str | None = None, **settings: Any) -> GcpCloudDns:
    """The provider of a name in one zone, which the nodes' network sees."""
    visible(cloud, "vpc")
    return provider_on(cloud, node, **{"zones": HERE, **settings})


def visible(cloud: CloudDnsCloud, *networks: str, project: str = "") -> None:
    """Lets these networks see the first zone."""
    where = f"https://www.googleapis.com/compute/v1/projects/{project or cloud.gcp.project}/global/networks"
    described(cloud, privateVisibilityConfig={"networks": [{"networkUrl": f"{where}/{n}"} for n in networks]})


def described(cloud: CloudDnsCloud, **values: object) -> None:
    """Gives the first zone other values."""
    cloud.gcp.api.store.change(cloud.gcp.path("managedZones/inside"), **values)


def test_all_is_well(cloud: CloudDnsCloud) -> None:
    """Who asks, what is published, the zone, the record, and that it may be changed."""
    provider = looked_at(cloud)
    cloud.gcp.journal.clear()
    findings = check(provider)
    assert {found.level for found in findings} == {Level.OK}
    assert [found.subject for found in findings][1:] == [
        "published addresses",
        "managed zone inside",
        f"record {NAME} in inside",
        "permissions on inside",
    ]
    assert [found.message for found in findings][1:4] == [
        cloud.node_id("a"),
        f"{DOMAIN}, private to vpc",
        f"says {cloud.node_id('c')}",
    ]
    assert cloud.gcp.journal.writes() == ()


def test_before_the_first_up_there_is_no_address(cloud: CloudDnsCloud) -> None:
    """And nothing is wrong with that."""
    provider = looked_at(cloud)
    cloud.say(HERE[0], (NAME, "A", []))
    assert wrong(provider) == []
    assert "no address yet; the first `up` publishes one" in [found.message for found in check(provider)]


def test_name_servers_of_a_public_zone_are_shown(cloud: CloudDnsCloud) -> None:
    """Whether its domain is delegated to them is the registrar's to say."""
    provider = looked_at(cloud)
    described(cloud, visibility="public", nameServers=["ns-cloud-a1.googledomains.com."])
    zone = next(found for found in check(provider) if found.subject == "managed zone inside")
    assert zone.message.endswith("answers once it is delegated to ns-cloud-a1.googledomains.com")


def test_a_private_zone_that_nobody_sees(cloud: CloudDnsCloud) -> None:
    """The record moves, and nobody hears of it."""
    [found] = wrong(provider_on(cloud, None, zones=HERE))
    assert (found.level, found.message) == (Level.WARNING, "is private, and visible in no VPC network")


def test_a_private_zone_that_this_network_does_not_see(cloud: CloudDnsCloud) -> None:
    """Clients may be in another one; also in one of that name in another project."""
    for networks, project in ((["clients"], ""), (["vpc", "clients"], "another-project")):
        provider = looked_at(cloud)
        visible(cloud, *networks, project=project)
        [found] = wrong(provider)
        assert (found.level, found.message) == (
            Level.WARNING,
            "is not visible in this node's own network vpc",
        )


def test_a_project_may_be_called_by_its_number(cloud: CloudDnsCloud) -> None:
    """As the metadata service calls that of a Shared VPC: then the names have to do."""
    provider = looked_at(cloud)
    visible(cloud, "vpc", project=cloud.gcp.number)
    assert wrong(provider) == []


def test_a_zone_without_records_of_its_own_is_an_error(cloud: CloudDnsCloud) -> None:
    """One that peers or forwards answers from elsewhere."""
    provider = looked_at(cloud)
    described(cloud, forwardingConfig={"targetNameServers": [{"ipv4Address": "10.0.0.53"}]})
    [found] = wrong(provider)
    assert (found.level, found.subject) == (Level.ERROR, "managed zone inside")
    assert "forwards to other name servers" in found.message


def test_a_name_outside_its_zone_is_an_error(cloud: CloudDnsCloud) -> None:
    """Which only the zone itself can tell: it is not called by its domain."""
    found = wrong(looked_at(cloud, name="db.myexample.internal"))
    assert [(each.level, each.subject) for each in found] == [(Level.ERROR, "managed zone inside")]
    assert "to which db.myexample.internal does not belong" in found[0].message


def test_a_long_life_is_an_outage(cloud: CloudDnsCloud) -> None:
    """Said in seconds, for what is configured and for what resolvers have already."""
    provider = looked_at(cloud, ttl=120)
    cloud.say(HERE[0], (NAME, "A", [cloud.node_id("c")]), ttl=300)
    own, there = wrong(provider)
    assert (own.level, own.subject) == (Level.WARNING, "ttl")
    assert own.message.startswith("120 s: for so long after a failover")
    assert there.message.startswith("300 s: ")


def test_addresses_that_do_not_fit_the_zone(cloud: CloudDnsCloud) -> None:
    """Private ones in a public zone; the other way round clients leave the network to come back."""
    provider = looked_at(cloud)
    described(cloud, visibility="public")
    [found] = wrong(provider)
    assert "the internet cannot reach them" in found.message
    described(cloud, visibility="private")
    assert 'set publish = "private"' in [each.fix for each in wrong(looked_at(cloud, publish="public"))]


@pytest.mark.parametrize(
    ("records", "reason"),
    [
        ([(NAME, "A", ["10.0.9.8", "10.0.9.9"])], "its A record has 2 values"),
        ([(NAME, "A", []), (NAME, "CNAME", ["x.example.com."])], "is a CNAME (x.example.com.)"),
    ],
)
def test_what_a_failover_would_refuse_is_an_error(
    cloud: CloudDnsCloud, records: list[tuple[str, str, list[str]]], reason: str
) -> None:
    """Found before it happens."""
    provider = looked_at(cloud)
    cloud.say(HERE[0], *records)
    [found] = wrong(provider)
    assert found.level is Level.ERROR
    assert found.message.startswith(reason)


def test_an_address_that_does_not_move(cloud: CloudDnsCloud) -> None:
    """Clients that prefer IPv6 stay where the AAAA record says."""
    provider = looked_at(cloud)
    cloud.say(HERE[0], (NAME, "AAAA", ["fd20::9"]))
    [found] = wrong(provider)
    assert found.level is Level.WARNING
    assert found.message.startswith("stays as it is, fd20::9")


def test_a_missing_zone_is_named(cloud: CloudDnsCloud) -> None:
    """The other one is looked at all the same."""
    found = wrong(looked_at(cloud, zones=(Name("gone"), *HERE)))
    assert "managed zone gone" in [each.subject for each in found if each.level is Level.ERROR]
    assert not any(each.subject.endswith("inside") for each in found)


def test_a_foreign_address_is_an_error(cloud: CloudDnsCloud) -> None:
    """One config copied to another node would send clients to the first."""
    [found] = wrong(looked_at(cloud, "b"))
    assert (found.level, found.subject) == (Level.ERROR, "published addresses")
    assert found.message == f"{cloud.node_id('b')}: not an address of nic0 of node1"


def test_outside_google_cloud_addresses_cannot_be_compared(cloud: CloudDnsCloud) -> None:
    """The config is believed, and `check` says that it was."""
    provider = looked_at(cloud, "a")
    check(provider)
    cloud.nodes[0].metadata.respond(500)
    [found] = [each for each in wrong(provider) if each.subject == "published addresses"]
    assert found.level is Level.WARNING
    assert "not compared" in found.message


def test_want_of_a_permission_is_an_error(cloud: CloudDnsCloud) -> None:
    """Also of one that only an `up` needs, which changes nothing now."""
    provider = looked_at(cloud)
    allowed = {action for grant in provider.grants(soon()) for action in grant.actions}
    cloud.gcp.roles.give(allowed - {"dns.resourceRecordSets.update"})
    [found] = wrong(provider)
    assert (found.level, found.subject) == (Level.ERROR, "permissions on inside")
    assert found.message == "lacks dns.resourceRecordSets.update"


@pytest.mark.parametrize("what", ["managedZones.*", "resourceRecordSets.*", "*"])
def test_could_not_look_is_a_warning(cloud: CloudDnsCloud, what: str) -> None:
    """Never fine, and no proof of anything."""
    provider = looked_at(cloud)
    cloud.gcp.faults.throttle(None, f"dns.{what}")
    assert {each.level for each in wrong(provider)} == {Level.WARNING}


def test_without_credentials_that_is_all_there_is_to_say(cloud: CloudDnsCloud) -> None:
    """One error, not one for everything that needs them."""
    cloud.nodes[0].metadata.account = ""
    [found] = check(looked_at(cloud, "a"))
    assert (found.level, found.subject) == (Level.ERROR, "Google Cloud credentials")
