"""Which addresses a node publishes, and what of that is believed from the cache."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.azure_dns_cloud import AzureDnsCloud
from tests.unit.providers.azure.dns.rig import provider_on, soon
from vipswitch.errors import ConfigError, Unavailable
from vipswitch.providers.azure.dns.provider import ZoneRecords


class Node:
    """The first node of a cloud, whose public address a test changes."""

    def __init__(self, cloud: AzureDnsCloud) -> None:
        self.cloud = cloud
        self.seed = cloud.nodes[0]
        self.service = self.seed.metadata

    def has(self, address: str, sku: str) -> None:
        """That public address from now on."""
        azure = self.cloud.azure
        path = azure.id("Microsoft.Network/publicIPAddresses", f"pip-{address.replace('.', '-')}")
        azure.put(
            path,
            {
                "location": azure.location,
                "sku": {"name": sku},
                "properties": {"publicIPAllocationMethod": "Static", "ipAddress": address},
            },
        )
        nic = azure.get(self.seed.nic_id)
        nic["properties"]["ipConfigurations"][0]["properties"]["publicIPAddress"] = {"id": path}
        azure.put(self.seed.nic_id, nic)

    def provider(self, *types: str, publish: str = "private") -> ZoneRecords:
        """A new process's provider, which shares the cache on disk."""
        return provider_on(self.cloud, None, types=types or ("A",), publish=publish)


@pytest.fixture
def node(public: AzureDnsCloud) -> Node:
    """A node with a private and an IPv6 address."""
    return Node(public)


def test_the_first_private_address_needs_no_metadata_service(node: Node) -> None:
    """It lasts as long as the interface: a failover does without the service."""
    assert node.provider().node(soon()) == str(node.seed.private_ip)
    node.service.respond(500)
    assert node.provider().node(soon()) == str(node.seed.private_ip)


@pytest.mark.parametrize("sku", ["Standard", "Basic"])
def test_a_public_address_is_that_of_today(node: Node, sku: str) -> None:
    """Another may have been given since; one of the Standard SKU stands in a document of its own."""
    node.has("20.0.0.7", sku)
    assert node.provider(publish="public").node(soon()) == "20.0.0.7"
    node.has("20.0.0.8", sku)
    assert node.provider(publish="public").node(soon()) == "20.0.0.8"


def test_a_public_address_is_never_guessed(node: Node) -> None:
    """It may be a stranger's by now: better no `up` than one that sends clients there."""
    node.has("20.0.0.7", "Standard")
    node.provider(publish="public").node(soon())
    node.service.respond(500)
    with pytest.raises(Unavailable, match="public address of today") as caught:
        node.provider(publish="public").node(soon())
    assert caught.value.hint


def test_a_node_without_a_public_address_says_so(node: Node) -> None:
    """And what to do about it."""
    with pytest.raises(ConfigError, match="has no public IPv4 address") as caught:
        node.provider(publish="public").node(soon())
    assert 'publish = "private"' in caught.value.hint


def test_an_ipv6_address_may_come_from_the_cache(node: Node) -> None:
    """It seldom changes: the last one heard of will do while the service is silent."""
    both = f"{node.seed.private_ip},{node.seed.ipv6}"
    assert node.provider("A", "AAAA").node(soon()) == both
    node.service.respond(500)
    assert node.provider("A", "AAAA").node(soon()) == both


def test_a_node_without_ipv6_says_so(tmp_path: Path, node: Node) -> None:
    """Before anything is written."""
    nic = node.cloud.azure.get(node.seed.nic_id)
    nic["properties"]["ipConfigurations"] = nic["properties"]["ipConfigurations"][:1]
    node.cloud.azure.put(node.seed.nic_id, nic)
    with pytest.raises(ConfigError, match="has no IPv6 address") as caught:
        node.provider("AAAA").node(soon())
    assert "`types`" in caught.value.hint


def test_what_the_config_gives_is_what_is_published(node: Node) -> None:
    """And nobody is asked."""
    node.service.respond(500)
    assert provider_on(node.cloud, "b").node(soon()) == node.cloud.node_id("b")
    with pytest.raises(ConfigError, match="not one address for each of A, AAAA") as caught:
        provider_on(node.cloud, "b", types=("A", "AAAA")).node(soon())
    assert "virtual machine of Azure" in caught.value.hint
