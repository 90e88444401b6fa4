"""Which interface this node is: asked of the metadata service once, then known without it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.providers.aws.rig import VIP4, Rig, StubMachine, soon
from vipswitch.errors import ConfigError, Unavailable
from vipswitch.model import NodeId, Vip
from vipswitch.providers.aws.node.identity import Home, Identity
from vipswitch.providers.aws.route_table.provider import AwsRouteTable
from vipswitch.testing.aws import MetadataServer, Topology


@pytest.fixture
def service(topology: Topology, monkeypatch: pytest.MonkeyPatch) -> Iterator[MetadataServer]:
    """The metadata service of the first node."""
    with MetadataServer(topology.instance(topology.nodes[0])) as server:
        monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url)
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "false")
        yield server


def machine_file(folder: Path, text: str) -> tuple[Path, ...]:
    """What tells a machine from others."""
    file = folder / "product_uuid"
    file.write_text(text)
    return (file,)


def test_identity_comes_from_the_metadata_service(
    service: MetadataServer, topology: Topology, tmp_path: Path
) -> None:
    """The interface by its MAC, the rest from the identity document."""
    node = topology.nodes[0]
    home = Home(StubMachine(node.mac, tmp_path))
    found = home.identity(soon())
    assert found == Identity(
        interface=NodeId(node.interface_id),
        region=topology.region,
        account=topology.account,
        instance=node.instance_id,
        vpc=topology.vpc_id,
        subnet=node.subnet_id,
        private=(str(node.private_ip),),
        public=found.public,
        ipv6=(str(node.ipv6),),
    )


@pytest.mark.timed
def test_a_failover_does_not_need_the_metadata_service(
    service: MetadataServer, topology: Topology, tmp_path: Path
) -> None:
    """Another process, while the service hangs, knows at once."""
    machine, files = StubMachine(topology.nodes[0].mac, tmp_path), machine_file(tmp_path, "ec2-here")
    known = Home(machine, files).identity(soon())
    service.stall()
    began = time.monotonic()
    assert Home(machine, files).identity(soon()) == known
    assert time.monotonic() - began < 0.2


def test_a_clone_does_not_act_for_its_parent(
    service: MetadataServer, topology: Topology, tmp_path: Path
) -> None:
    """The image was made from a running node, cache and all: the clone asks who it is."""
    machine = StubMachine(topology.nodes[0].mac, tmp_path)
    Home(machine, machine_file(tmp_path, "ec2-parent")).identity(soon())
    asked = service.requests
    Home(machine, machine_file(tmp_path, "ec2-clone")).identity(soon())
    assert service.requests > asked


def test_another_interface_is_another_identity(
    service: MetadataServer, topology: Topology, tmp_path: Path
) -> None:
    """The cache of one MAC says nothing about another."""
    Home(StubMachine(topology.nodes[0].mac, tmp_path)).identity(soon())
    with pytest.raises(ConfigError) as caught:
        Home(StubMachine("02:00:00:00:00:99", tmp_path)).identity(soon())
    assert "02:00:00:00:00:99" in caught.value.message


@pytest.mark.parametrize(
    "garbage", ["", "{", "[]", "null", '{"machine": 1}', '{"machine": "x", "interface": "eni-1"}']
)
def test_garbage_in_the_cache_is_ignored(
    service: MetadataServer, topology: Topology, tmp_path: Path, garbage: str
) -> None:
    """Half a file, an old format, somebody's idea: the service is asked, and the file made anew."""
    machine = StubMachine(topology.nodes[0].mac, tmp_path)
    files = machine_file(tmp_path, "ec2-here")
    known = Home(machine, files).identity(soon())
    [cache] = tmp_path.glob("aws-identity-*.json")
    cache.write_text(garbage)
    assert Home(machine, files).identity(soon()) == known
    assert json.loads(cache.read_text())["interface"] == known.interface


def test_the_cache_is_private_and_tells_no_secret(
    service: MetadataServer, topology: Topology, tmp_path: Path
) -> None:
    """0600, and of the machine's UUID, which only root may read, no more than a digest."""
    Home(StubMachine(topology.nodes[0].mac, tmp_path), machine_file(tmp_path, "ec2-secret")).identity(soon())
    [cache] = tmp_path.glob("aws-identity-*")
    assert cache.stat().st_mode & 0o777 == 0o600
    assert "ec2-secret" not in cache.read_text()


def test_a_machine_that_nothing_tells_from_others_is_not_cached(
    service: MetadataServer, topology: Topology, tmp_path: Path
) -> None:
    """Better slow than somebody else."""
    Home(StubMachine(topology.nodes[0].mac, tmp_path), (tmp_path / "none",)).identity(soon())
    assert list(tmp_path.glob("aws-identity-*")) == []


def test_a_cache_that_cannot_be_written_does_no_harm(
    service: MetadataServer, topology: Topology, tmp_path: Path
) -> None:
    """A full or read-only disk is a cause of failovers, not an obstacle to them."""
    home = Home(StubMachine(topology.nodes[0].mac, tmp_path / "absent"))
    assert home.identity(soon()).interface == topology.nodes[0].interface_id


@pytest.mark.timed
def test_a_silent_service_costs_less_than_two_seconds(
    service: MetadataServer, topology: Topology, tmp_path: Path
) -> None:
    """And the error says how to do without it."""
    service.stall()
    began = time.monotonic()
    with pytest.raises(Unavailable) as caught:
        Home(StubMachine(topology.nodes[0].mac, tmp_path)).identity(soon())
    assert time.monotonic() - began < 2.0
    assert "node = " in caught.value.hint


def test_nobody_there_is_told_at_once(
    topology: Topology, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that is not in EC2."""
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://[::1]:1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "false")
    with pytest.raises(Unavailable):
        Home(StubMachine(topology.nodes[0].mac, tmp_path)).identity(soon())


def test_an_endpoint_that_is_no_url_is_a_matter_of_the_config(
    topology: Topology, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the environment, where our own config cannot check it."""
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:http")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "false")
    with pytest.raises(ConfigError):
        Home(StubMachine(topology.nodes[0].mac, tmp_path)).identity(soon())


def test_no_proxy_is_used(
    service: MetadataServer, topology: Topology, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy would answer for its own instance."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert Home(StubMachine(topology.nodes[0].mac, tmp_path)).identity(soon())


def test_the_config_comes_before_the_service(rig: Rig) -> None:
    """A node id in the config is taken as it is; nobody is asked."""
    assert rig.provider(2).node(soon()) == rig.id(2)


def test_a_node_that_is_no_interface_is_refused(tmp_path: Path) -> None:
    """An instance id is the likely slip."""
    settings = AwsRouteTable.Settings(route_tables=())
    machine = StubMachine("02:00:00:00:00:01", tmp_path, NodeId("i-0123456789abcdef0"))
    with pytest.raises(ConfigError) as caught:
        AwsRouteTable(settings, Vip("primary", (VIP4,)), machine).node(soon())
    assert "eni-" in caught.value.hint


def test_region_and_account_come_from_the_identity(
    rig: Rig, service: MetadataServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where boto3 knows no region, this instance's is used; hints name the account."""
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    node = rig.nodes[0]
    settings = AwsRouteTable.Settings(route_tables=rig.tables)
    provider = AwsRouteTable(settings, Vip("primary", (VIP4,)), StubMachine(node.mac, rig.folder))
    rig.cloud.faults.deny("ReplaceRoute")
    with pytest.raises(Exception, match="permission denied") as caught:
        provider.claim(provider.places[0], provider.node(soon()), None, soon())
    assert f"arn:aws:ec2:{rig.topology.region}:{rig.topology.account}:route-table/" in caught.value.hint  # type: ignore[attr-defined]
