"""Which addresses a node publishes, and what of that is believed from the cache."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.contract.gcp_cloud_dns_cloud import CloudDnsCloud
from tests.unit.providers.gcp.cloud_dns.rig import provider_on
from tests.unit.providers.gcp.rig import soon
from vipswitch.errors import ConfigError, Unavailable
from vipswitch.providers.gcp.cloud_dns.provider import GcpCloudDns

Made = Callable[..., GcpCloudDns]


@pytest.fixture
def made(cloud: CloudDnsCloud) -> Made:
    """A new process's provider on the first node, which shares the cache on disk."""

    def make(*types: str, publish: str = "private") -> GcpCloudDns:
        return provider_on(cloud, None, types=types or ("A",), publish=publish)

    return make


def has(cloud: CloudDnsCloud, **values: object) -> None:
    """Gives the first node's interface other values; None takes one away."""
    path = cloud.nodes[0].path
    [nic] = cloud.gcp.api.store.get(path)["networkInterfaces"]
    new = {key: value for key, value in {**nic, **values}.items() if value is not None}
    cloud.gcp.api.store.change(path, networkInterfaces=[new])


def external(address: str) -> list[dict[str, str]]:
    return [{"name": "External NAT", "type": "ONE_TO_ONE_NAT", "natIP": address}]


def test_the_internal_address_needs_no_metadata_service(cloud: CloudDnsCloud, made: Made) -> None:
    """It lasts as long as the interface: a failover does without the service."""
    assert made().node(soon()) == cloud.address("a", "A")
    cloud.nodes[0].metadata.respond(500)
    assert made().node(soon()) == cloud.address("a", "A")


def test_an_external_address_is_that_of_today(cloud: CloudDnsCloud, made: Made) -> None:
    """An instance that was stopped and started has another one."""
    for address in ("34.76.0.7", "34.76.0.8"):
        has(cloud, accessConfigs=external(address))
        assert made(publish="public").node(soon()) == address


def test_an_external_address_is_never_guessed(cloud: CloudDnsCloud, made: Made) -> None:
    """It may be a stranger's by now: better no `up` than one that sends clients there."""
    has(cloud, accessConfigs=external("34.76.0.7"))
    made(publish="public").node(soon())
    cloud.nodes[0].metadata.respond(500)
    with pytest.raises(Unavailable, match="public address of today") as caught:
        made(publish="public").node(soon())
    assert caught.value.hint


def test_a_node_without_an_external_address_says_so(made: Made) -> None:
    """And what to do about it."""
    with pytest.raises(ConfigError, match="nic0 of node1: has no public IPv4 address") as caught:
        made(publish="public").node(soon())
    assert 'publish = "private"' in caught.value.hint


def test_an_ipv6_address_may_come_from_the_cache(cloud: CloudDnsCloud, made: Made) -> None:
    """It seldom changes: the last one heard of will do while the service is silent."""
    both = f"{cloud.address('a', 'A')},{cloud.address('a', 'AAAA')}"
    assert made("A", "AAAA").node(soon()) == both
    cloud.nodes[0].metadata.respond(500)
    assert made("A", "AAAA").node(soon()) == both


def test_a_node_without_ipv6_says_so(cloud: CloudDnsCloud, made: Made) -> None:
    """Before anything is written."""
    has(cloud, ipv6Address=None)
    with pytest.raises(ConfigError, match="has no IPv6 address") as caught:
        made("AAAA").node(soon())
    assert "`types`" in caught.value.hint


def test_what_the_config_gives_is_what_is_published(cloud: CloudDnsCloud) -> None:
    """And nobody is asked."""
    cloud.nodes[0].metadata.respond(500)
    assert provider_on(cloud, "b").node(soon()) == cloud.node_id("b")
    with pytest.raises(ConfigError, match="not one address for each of A, AAAA") as caught:
        provider_on(cloud, "b", types=("A", "AAAA")).node(soon())
    assert "an instance of Compute Engine" in caught.value.hint
