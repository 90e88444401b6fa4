"""Which instance this node is, as its metadata server says and as the cache keeps."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.providers.gcp.rig import StubMachine, soon
from vipswitch.errors import ConfigError, Unavailable
from vipswitch.providers.gcp.node.identity import Home, Identity
from vipswitch.testing.gcp import NUMBER, PROJECT, GcpCloud, NodeSeed, build


@pytest.fixture(scope="module")
def shared() -> Iterator[NodeSeed]:
    """A node in the network of a host project."""
    with GcpCloud() as cloud:
        cloud.add_project("host-project", "999999999999")
        yield build(cloud, nodes=1, ipv6=True, network_project="host-project").nodes[0]


@pytest.fixture(scope="module")
def cloud() -> Iterator[GcpCloud]:
    """Two nodes in a network of their project."""
    with GcpCloud() as made:
        yield made


@pytest.fixture(scope="module")
def nodes(cloud: GcpCloud) -> tuple[NodeSeed, ...]:
    """Each with a metadata server of its own."""
    return build(cloud, nodes=2, ipv6=True).nodes


@pytest.fixture
def home(nodes: tuple[NodeSeed, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """The first node's."""
    ask(nodes[0], monkeypatch)
    return home_of(nodes[0], tmp_path)


def ask(node: NodeSeed, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on that node's metadata server answers."""
    monkeypatch.setenv("GCE_METADATA_HOST", node.metadata_url.removeprefix("http://"))


def silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on there is no metadata server."""
    monkeypatch.setenv("GCE_METADATA_HOST", "127.0.0.1:1")


def home_of(node: NodeSeed, folder: Path, uuid: str = "one") -> Home:
    """What tells its machine from others is in the folder."""
    (folder / "product_uuid").write_text(uuid)
    return Home(StubMachine(folder, address=node.mac), [folder / "product_uuid"])


def test_the_metadata_server_tells_who_this_is(home: Home, nodes: tuple[NodeSeed, ...]) -> None:
    """The interface is the one with the VIP's MAC."""
    node = nodes[0]
    identity = home.identity(soon())
    assert identity == Identity(
        project=PROJECT,
        number=NUMBER,
        zone=node.zone,
        instance=node.name,
        mac=node.mac,
        nic="nic0",
        network_project=NUMBER,
        network="vpc",
        addresses=(f"{NUMBER}/vpc/{node.private_ip}", f"{NUMBER}/vpc/{node.ipv6}"),
        private=(str(node.private_ip),),
        public=(),
        ipv6=(str(node.ipv6),),
    )
    assert str(identity.resource) == node.path
    assert str(identity.of_network) == f"projects/{PROJECT}/global/networks/vpc"


def test_a_network_of_another_project_is_named_by_that(
    shared: NodeSeed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its number: the metadata server knows no more."""
    ask(shared, monkeypatch)
    identity = home_of(shared, tmp_path).identity(soon())
    assert str(identity.of_network) == "projects/999999999999/global/networks/vpc"


def test_a_failover_does_not_depend_on_the_metadata_server(
    home: Home, nodes: tuple[NodeSeed, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it once said is kept, for this process and the next."""
    known = home.identity(soon())
    silence(monkeypatch)
    assert home.identity(soon()) == known
    assert home_of(nodes[0], tmp_path).identity(soon()) == known
    [cache] = tmp_path.glob("gcp-identity-*.json")
    assert cache.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("change", ["machine", "damage"])
def test_what_another_machine_was_told_is_not_believed(
    home: Home, nodes: tuple[NodeSeed, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    """A cloned disk must not act for its parent; half a file is none."""
    home.identity(soon())
    [cache] = tmp_path.glob("gcp-identity-*.json")
    if change == "damage":
        cache.write_text(json.dumps({**json.loads(cache.read_text()), "private": []}))
    silence(monkeypatch)
    with pytest.raises(Unavailable, match="metadata service"):
        home_of(nodes[0], tmp_path, uuid="another" if change == "machine" else "one").identity(soon())


def test_another_interface_is_none_of_this_instance(
    nodes: tuple[NodeSeed, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The VIP's interface is named wrongly."""
    ask(nodes[0], monkeypatch)
    with pytest.raises(ConfigError, match=nodes[1].mac):
        home_of(nodes[1], tmp_path).identity(soon())
