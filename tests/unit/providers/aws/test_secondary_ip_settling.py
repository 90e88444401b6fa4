"""The metadata service's word on whether an address has moved: heard where it speaks, never waited for."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.unit.providers.aws.lan import Lan, place, seen
from tests.unit.providers.aws.rig import soon
from vipswitch.model import Holding
from vipswitch.testing.aws import LiveInstance, MetadataServer, live

LATE = "the metadata service does not show it yet: the network may still deliver to the old interface"


@pytest.fixture
def instance(lan: Lan) -> LiveInstance:
    """The first node, as it is."""
    return live(lan.cloud, lan.topology, lan.nodes[0])


@pytest.fixture
def service(instance: LiveInstance, monkeypatch: pytest.MonkeyPatch) -> Iterator[MetadataServer]:
    """Its metadata service."""
    with MetadataServer(instance) as server:
        monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url)
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "false")
        yield server


def test_what_the_metadata_service_shows_is_settled(lan: Lan, service: MetadataServer) -> None:
    """The subnet, too, comes from there: one request of EC2."""
    lan.give(lan.ipv4(), 0)
    lan.cloud.journal.clear()
    provider = lan.provider(given=False)
    assert provider.node(soon()) == lan.id(0)
    assert seen(provider, lan.ipv4()) == Holding(lan.id(0))
    assert lan.asked() == ["DescribeNetworkInterfaces"]


def test_what_it_does_not_show_yet_is_not_settled(
    lan: Lan, instance: LiveInstance, service: MetadataServer
) -> None:
    """The API says ours at once, and the network follows."""
    instance.lag_s = 3600
    lan.give(lan.ipv4(), 0)
    provider = lan.provider(given=False, subnet=lan.subnet)
    assert seen(provider, lan.ipv4()) == Holding(lan.id(0), settled=False, note=LATE)
    instance.lag_s = 0
    assert seen(provider, lan.ipv4()).settled


def test_an_order_waits_until_the_network_has_followed(
    lan: Lan, instance: LiveInstance, service: MetadataServer
) -> None:
    """One write, and reads until the address is shown."""
    lan.give(lan.ipv4(), 1)
    bed = lan.bed(lan.ipv4(), given=False)
    instance.lag_s = 0.5
    lan.cloud.journal.clear()
    result = bed.up("a")
    assert (result.errors, result.warnings) == ((), ())
    assert result.seconds >= 0.5
    assert len(lan.cloud.journal.writes()) == 1


def test_what_does_not_follow_in_time_is_held_with_a_warning(
    lan: Lan, instance: LiveInstance, service: MetadataServer
) -> None:
    """It is ours, and no second write would make the network faster."""
    instance.lag_s = 3600
    result = lan.bed(lan.ipv4(), given=False).up("a", deadline_s=3.0)
    assert result.errors == ()
    assert result.warnings == (f"{place(lan.ipv4())}: held, but not in effect everywhere yet: {LATE}",)
    assert lan.holder(lan.ipv4()) == lan.id(0)


def test_what_another_holds_needs_no_look(lan: Lan, service: MetadataServer) -> None:
    """Nor what nobody holds, nor an IPv6 address, of which it does not tell when it was moved."""
    provider = lan.provider(vip=(lan.ipv4(50), lan.ipv4(51), lan.ipv6()), given=False)
    lan.give(lan.ipv4(50), 1)
    lan.give(lan.ipv6(), 0)
    provider.node(soon())
    asked = service.requests
    answers = provider.read(provider.places, soon())
    assert all(isinstance(answer, Holding) and answer.settled for answer in answers.values())
    assert service.requests == asked


def test_no_write_waits_for_the_service(lan: Lan, service: MetadataServer) -> None:
    """While another has one of the addresses, there is something to write, and nobody looks."""
    bed = lan.bed(lan.ipv4(50), lan.ipv4(51), given=False)
    bed.up("a")
    lan.give(lan.ipv4(51), 1)
    service.stall()
    lan.cloud.journal.clear()
    before, asked = service.requests, []
    lan.cloud.faults.after_commit("AssignPrivateIpAddresses", lambda: asked.append(service.requests))
    assert bed.up("a").errors == ()
    assert len(lan.cloud.journal.writes()) == 1
    assert asked == [before]


def test_a_node_that_the_config_names_is_not_compared(lan: Lan, service: MetadataServer) -> None:
    """The service may speak of another machine's interfaces."""
    lan.give(lan.ipv4(), 0)
    assert seen(lan.provider(), lan.ipv4()) == Holding(lan.id(0))
    assert service.requests == 0


@pytest.mark.timed
def test_a_silent_service_costs_half_a_second_after_the_write(lan: Lan, service: MetadataServer) -> None:
    """And nothing is held against the address."""
    bed = lan.bed(lan.ipv4(), given=False)
    lan.give(lan.ipv4(), 1)
    bed.status("a")
    service.stall()
    lan.cloud.journal.clear()
    began = time.monotonic()
    result = bed.up("a")
    [write] = lan.cloud.journal.writes()
    assert (result.errors, result.warnings) == ((), ())
    assert write.received - began < 0.3
    assert time.monotonic() - began < 1.2


@pytest.mark.parametrize("gone", ["switched off", "unreachable"])
def test_without_the_service_nothing_is_held_against_the_address(
    lan: Lan, service: MetadataServer, gone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was there once, so this node is known; a failover goes on without it."""
    lan.provider(given=False).node(soon())
    lan.give(lan.ipv4(), 0)
    if gone == "switched off":
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    else:
        monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1")
    assert seen(lan.provider(given=False), lan.ipv4()) == Holding(lan.id(0))
