"""Which addresses a node publishes, and what of that is believed from the cache."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

import pytest

from tests.unit.providers.aws.rig import StubMachine, soon
from vipswitch.errors import ConfigError, Unavailable
from vipswitch.model import NodeId, Vip
from vipswitch.providers.aws.route53.provider import AwsRoute53
from vipswitch.providers.aws.route53.settings import Route53Settings, ZoneId
from vipswitch.testing.aws import Instance, MetadataServer, PublicAddress, Topology


class Node:
    """An instance whose addresses a test changes, and its provider."""

    def __init__(self, topology: Topology, folder: Path) -> None:
        self.seed = topology.nodes[0]
        self.instance = topology.instance(self.seed)
        self.folder = folder

    def has(self, *, public: str | None = None, ipv6: str | None = None) -> None:
        """These addresses from now on, beside the private one."""
        [interface] = self.instance.interfaces
        private = interface.local_ipv4s[0]
        publics = (PublicAddress(IPv4Address(public), private),) if public else ()
        ipv6s = (IPv6Address(ipv6),) if ipv6 else ()
        changed = replace(interface, publics=publics, ipv6s=ipv6s)
        self.instance = replace(self.instance, interfaces=(changed,))

    def provider(self, *types: str, given: str | None = None, publish: str = "private") -> AwsRoute53:
        """A new process's provider, which shares the cache on disk."""
        machine = StubMachine(self.seed.mac, self.folder, NodeId(given) if given else None)
        settings = Route53Settings(
            name="db.example.com", zones=(ZoneId("Z1"),), types=types or ("A",), publish=publish
        )
        return AwsRoute53(settings, Vip("primary", ()), machine)

    def current(self) -> Instance:
        return self.instance


@pytest.fixture
def node(topology: Topology, tmp_path: Path) -> Node:
    """A node in the module's VPC."""
    return Node(topology, tmp_path)


@pytest.fixture
def service(node: Node, monkeypatch: pytest.MonkeyPatch) -> Iterator[MetadataServer]:
    """Its metadata service."""
    with MetadataServer(node.current) as server:
        monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url)
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "false")
        yield server


def test_the_primary_private_address_needs_no_metadata_service(node: Node, service: MetadataServer) -> None:
    """It lasts as long as the interface: a failover does without the service."""
    assert node.provider().node(soon()) == str(node.seed.private_ip)
    service.stall()
    assert node.provider().node(soon()) == str(node.seed.private_ip)


def test_a_public_address_is_that_of_today(node: Node, service: MetadataServer) -> None:
    """An instance that was stopped and started has another one, and its cache does not know."""
    node.has(public="203.0.113.7")
    assert node.provider(publish="public").node(soon()) == "203.0.113.7"
    node.has(public="203.0.113.8")
    assert node.provider(publish="public").node(soon()) == "203.0.113.8"


def test_a_public_address_is_never_guessed(node: Node, service: MetadataServer) -> None:
    """It may be a stranger's by now: better no `up` than one that sends clients there."""
    node.has(public="203.0.113.7")
    node.provider(publish="public").node(soon())
    service.stall()
    with pytest.raises(Unavailable, match="public address of today") as caught:
        node.provider(publish="public").node(soon())
    assert "node = " in caught.value.hint


def test_ipv6_comes_fresh_where_it_can(node: Node, service: MetadataServer) -> None:
    """And from the cache where the service is silent."""
    node.has(ipv6="2001:db8::1")
    provider = node.provider("AAAA", "A")
    assert provider.node(soon()) == f"{node.seed.private_ip},2001:db8::1"
    node.has(ipv6="2001:db8::2")
    assert provider.node(soon()) == f"{node.seed.private_ip},2001:db8::2"
    service.stall()
    assert provider.node(soon()) == f"{node.seed.private_ip},2001:db8::2"


@pytest.mark.parametrize(
    ("types", "publish", "hint"),
    [(("A",), "public", 'publish = "private"'), (("AAAA",), "private", "leave AAAA out")],
)
def test_an_address_that_the_node_does_not_have(
    node: Node, service: MetadataServer, types: tuple[str, ...], publish: str, hint: str
) -> None:
    """Said with the two ways out."""
    node.has()
    with pytest.raises(ConfigError) as caught:
        node.provider(*types, publish=publish).node(soon())
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("types", "given", "id"),
    [
        (("A",), "10.0.1.10", "10.0.1.10"),
        (("A", "AAAA"), "FD00:0::10, 10.0.1.10", "10.0.1.10,fd00::10"),
        (("AAAA",), "fd00::10", "fd00::10"),
    ],
)
def test_the_config_may_give_the_addresses(node: Node, types: tuple[str, ...], given: str, id: str) -> None:
    """For machines outside AWS, where nobody else knows; there is no metadata service here."""
    assert node.provider(*types, given=given).node(soon()) == id


@pytest.mark.parametrize(
    ("types", "given"),
    [
        (("A",), "eni-0123456789abcdef0"),
        (("A",), "fd00::10"),
        (("A",), "10.0.1.10,10.0.1.11"),
        (("A", "AAAA"), "10.0.1.10"),
    ],
)
def test_one_address_for_each_type_or_none(node: Node, types: tuple[str, ...], given: str) -> None:
    """An interface's id is the likely slip; the hint shows what is wanted."""
    with pytest.raises(ConfigError, match=f"node {given}: ") as caught:
        node.provider(*types, given=given).node(soon())
    assert caught.value.hint.startswith('write node = "')
