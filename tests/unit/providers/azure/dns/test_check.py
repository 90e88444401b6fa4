"""`vipswitch check`, as far as it asks zones of Azure DNS."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.contract.azure_dns_cloud import DOMAIN, AzureDnsCloud
from tests.unit.providers.azure.dns.rig import check, first, provider_on, wrong
from vipswitch.model import Place
from vipswitch.provider import Finding, Level
from vipswitch.providers.azure.dns.provider import ZoneRecords
from vipswitch.providers.azure.ids import Name

HERE = (Name(DOMAIN),)


def looked_at(cloud: AzureDnsCloud, node: str | None = None, **settings: Any) -> ZoneRecords:
    """The provider of a name in one zone, which is told the addresses that fit it."""
    link(cloud)
    fitting = {"publish": "private", "zones": HERE}
    return provider_on(cloud, node, **{**fitting, **settings})


def link(cloud: AzureDnsCloud, network: str = "", *, registers: bool = False) -> None:
    """Lets a virtual network see the zone; that of the nodes unless another is given."""
    vnet = network or cloud.nodes[0].subnet.id.partition("/subnets/")[0]
    path = cloud.azure.id(f"{cloud.kind.type}/virtualNetworkLinks", DOMAIN, vnet.rpartition("/")[2])
    properties = {"virtualNetwork": {"id": vnet}, "registrationEnabled": registers}
    if cloud.kind.private:
        cloud.azure.put(path, {"location": "global", "properties": properties})


def others(findings: list[Finding]) -> list[Finding]:
    """But for what a public zone with private addresses is always told."""
    return [found for found in findings if "the internet cannot reach them" not in found.message]


def test_all_is_well(cloud: AzureDnsCloud) -> None:
    """Who asks, what is published, the zone, the record, and that it may be written."""
    provider = looked_at(cloud)
    about, record = f"{cloud.kind.noun} {cloud.azure.group}/{DOMAIN}", "A record db in rg-vipswitch/"
    cloud.azure.journal.clear()
    findings = others(check(provider))
    assert {found.level for found in findings} == {Level.OK}
    subjects = [found.subject for found in findings]
    assert subjects[:3] == ["Azure credentials", "published addresses", about]
    assert [f.message for f in findings if f.subject.startswith(record)] == [
        f"says {cloud.node_id('c')}",
        "may be written",
    ]
    assert cloud.azure.journal.writes() == ()


def test_the_attempt_to_write_changes_nothing(cloud: AzureDnsCloud) -> None:
    """It is made under an etag that the record set does not have."""
    before = cloud.azure.get(cloud.path(Place(f"{DOMAIN}/A/db")))
    check(looked_at(cloud))
    assert cloud.azure.get(cloud.path(Place(f"{DOMAIN}/A/db"))) == before
    assert [call.status for call in cloud.azure.journal.calls() if call.method == "PUT"] == [412]


def test_before_the_first_up_there_is_nothing_to_try(cloud: AzureDnsCloud) -> None:
    """That is said, because it is not known."""
    provider = looked_at(cloud)
    cloud.empty(first(provider))
    [found] = others(wrong(provider))
    assert found.level is Level.WARNING
    assert "was not tried" in found.message


def test_name_servers_of_a_public_zone_are_shown(public: AzureDnsCloud) -> None:
    """Whether its domain is delegated to them is the registrar's to say."""
    [zone] = [f for f in check(looked_at(public)) if f.subject.startswith("DNS zone") and f.level is Level.OK]
    assert "delegated to ns1-01.azure-dns.com." in zone.message


def test_networks_of_a_private_zone_are_shown(private: AzureDnsCloud) -> None:
    """And which of them register their machines in it."""
    provider = looked_at(private)
    other = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/clients"
    link(private, other, registers=True)
    [zone] = [f for f in check(provider) if f.subject.startswith("private DNS zone")]
    assert zone.message == "linked to vnet, clients with registration"


def test_a_private_zone_that_nobody_sees(private: AzureDnsCloud) -> None:
    """The record moves, and nobody hears of it."""
    [found] = wrong(provider_on(private, None, publish="private", zones=HERE))
    assert (found.level, found.message) == (Level.ERROR, "is linked to no virtual network")


def test_a_private_zone_that_this_network_does_not_see(private: AzureDnsCloud) -> None:
    """Clients may be in another one."""
    link(private, "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/clients")
    [found] = wrong(provider_on(private, None, publish="private", zones=HERE))
    assert (found.level, found.message) == (Level.WARNING, "is not visible in this node's own vnet")


def test_this_nodes_network_may_not_be_ours_to_find_out(private: AzureDnsCloud) -> None:
    """Moving a name needs no right on machines and interfaces; then the networks are only shown."""
    provider = looked_at(private)
    private.azure.faults.deny("Microsoft.Compute/virtualMachines/read")
    [found] = wrong(provider)
    assert found.level is Level.WARNING
    assert found.message.startswith("not compared with this node's own virtual network")


def test_a_long_life_is_an_outage(cloud: AzureDnsCloud) -> None:
    """Said in seconds, for what is configured and for what resolvers have already."""
    provider = looked_at(cloud, ttl=120)
    cloud.say(first(provider), cloud.node_id("c"), ttl=300)
    own, there = others(wrong(provider))
    assert (own.level, own.subject) == (Level.WARNING, "ttl")
    assert own.message.startswith("120 s: for so long after a failover")
    assert there.message.startswith("300 s: ")


def test_private_addresses_in_a_public_zone(public: AzureDnsCloud) -> None:
    """Done on purpose where clients come by a VPN; else nobody gets through."""
    [found] = wrong(looked_at(public))
    assert "the internet cannot reach them" in found.message
    assert "virtual network" in found.fix


def test_public_addresses_in_a_private_zone(private: AzureDnsCloud) -> None:
    """Clients in the network would leave it to come back."""
    found = wrong(looked_at(private, publish="public"))
    assert 'set publish = "private"' in [f.fix for f in found]


@pytest.mark.parametrize(
    ("prepare", "reason"),
    [
        (lambda cloud, place: cloud.say(place, "10.0.9.8", "10.0.9.9"), "has 2 addresses"),
        (lambda cloud, place: (cloud.empty(place), cloud.alias_name(place, "x.example.com")), "is there (x."),
    ],
)
def test_what_a_failover_would_refuse_is_an_error(
    cloud: AzureDnsCloud, prepare: Callable[[AzureDnsCloud, Place], object], reason: str
) -> None:
    """Found before it happens."""
    provider = looked_at(cloud)
    prepare(cloud, first(provider))
    [found] = [f for f in wrong(provider) if f.level is Level.ERROR]
    assert reason in found.message


def test_an_address_that_does_not_move(cloud: AzureDnsCloud) -> None:
    """Clients that prefer IPv6 stay where the AAAA record says."""
    provider = looked_at(cloud)
    cloud.say(Place(f"{DOMAIN}/AAAA/db"), "fd00::9")
    [found] = others(wrong(provider))
    assert found.level is Level.WARNING
    assert found.message.startswith("stays as it is, fd00::9")


def test_a_missing_zone_is_named(cloud: AzureDnsCloud) -> None:
    """The other one is looked at all the same."""
    provider = looked_at(cloud, zones=(Name("gone.internal"), *HERE), name="db.gone.internal")
    [outside] = check(provider)
    assert "does not belong to the zone example.internal" in outside.message
    provider = looked_at(cloud, zones=(Name(DOMAIN, "nowhere"), *HERE))
    errors = [found.subject for found in wrong(provider) if found.level is Level.ERROR]
    assert f"{cloud.kind.noun} nowhere/{DOMAIN}" in errors
    assert not any("rg-vipswitch" in subject for subject in errors)


def test_a_foreign_address_is_an_error(cloud: AzureDnsCloud) -> None:
    """One config copied to another node would send clients to the first."""
    [found] = others(wrong(looked_at(cloud, "b")))
    assert (found.level, found.subject) == (Level.ERROR, "published addresses")
    assert found.message.startswith(f"{cloud.node_id('b')}: not an address of interface ")


def test_outside_azure_addresses_cannot_be_compared(public: AzureDnsCloud) -> None:
    """The config is believed, and `check` says that it was."""
    provider = looked_at(public, "a")
    check(provider)
    public.nodes[0].metadata.respond(500)
    [found] = others(wrong(provider))
    assert (found.level, found.subject) == (Level.WARNING, "published addresses")
    assert "not compared" in found.message


@pytest.mark.parametrize("verb", ["read", "write"])
def test_want_of_a_permission_is_an_error(cloud: AzureDnsCloud, verb: str) -> None:
    """With the action and the record set to allow it on, also that to write, which is tried."""
    provider = looked_at(cloud)
    cloud.azure.faults.deny(f"{cloud.kind.type}/A/{verb}")
    [found] = others(wrong(provider))
    assert found.level is Level.ERROR
    assert found.fix == f"allow {cloud.kind.type}/A/{verb} on {cloud.path(first(provider))}"


@pytest.mark.parametrize("what", ["", "/A", "/AAAA", "/CNAME"])
def test_could_not_look_is_a_warning(cloud: AzureDnsCloud, what: str) -> None:
    """Never fine, and no proof of anything."""
    provider = looked_at(cloud)
    cloud.azure.faults.throttle(None, f"{cloud.kind.type}{what}/read")
    found = others(wrong(provider))
    assert {each.level for each in found} == {Level.WARNING}


def test_without_credentials_that_is_all_there_is_to_say(public: AzureDnsCloud) -> None:
    """One error, not one for everything that needs them."""
    public.nodes[0].metadata.identities = ()
    [found] = check(looked_at(public, "a"))
    assert (found.level, found.subject) == (Level.ERROR, "Azure credentials")
