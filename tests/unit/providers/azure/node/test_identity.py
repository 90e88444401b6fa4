"""Who this node is: asked of the metadata service, kept on disk, never believed elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.providers.azure.rig import Arm, StubMachine, soon
from vipswitch.errors import ConfigError, PermissionDenied, Unavailable
from vipswitch.model import NodeId
from vipswitch.providers.azure.footing import Footing
from vipswitch.providers.azure.node.identity import Home
from vipswitch.testing.azure import AzureCloud, NodeSeed, build

METADATA = "AZURE_POD_IDENTITY_AUTHORITY_HOST"


@pytest.fixture
def azure() -> Iterator[AzureCloud]:
    """Two nodes with addresses of both families."""
    with AzureCloud() as cloud:
        yield cloud


@pytest.fixture
def node(azure: AzureCloud, monkeypatch: pytest.MonkeyPatch) -> NodeSeed:
    """The first of them, as which this process runs."""
    seed = build(azure, ipv6=True).nodes[0]
    monkeypatch.setenv(METADATA, seed.metadata_url)
    return seed


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """What tells this machine from others."""
    file = tmp_path / "product_uuid"
    file.write_text("one machine")
    return [file]


def asked(node: NodeSeed) -> int:
    """How often the metadata service was asked."""
    return len(node.metadata.requests)


def test_the_metadata_service_says_who_this_node_is(
    node: NodeSeed, files: list[Path], tmp_path: Path
) -> None:
    """Where it is, which machine, and the addresses of the VIP's interface."""
    found = Home(StubMachine(tmp_path, node.mac), files).identity(soon())
    assert (found.group, found.location, found.machine) == ("rg-vipswitch", "westeurope", node.machine_id)
    assert (found.private, found.ipv6) == (("10.0.1.4",), ("fd00:0:0:1::4",))


def test_it_is_asked_once(node: NodeSeed, files: list[Path], tmp_path: Path) -> None:
    """A failover does not depend on it, also in the next process."""
    machine = StubMachine(tmp_path, node.mac)
    first = Home(machine, files).identity(soon())
    node.metadata.respond(500)
    assert Home(machine, files).identity(soon()) == first
    assert asked(node) == 1


@pytest.mark.parametrize("change", ["machine", "mac", "nothing tells", "damage"])
def test_what_another_machine_has_kept_is_not_believed(
    node: NodeSeed, files: list[Path], tmp_path: Path, change: str
) -> None:
    """A clone has its parent's disk."""
    Home(StubMachine(tmp_path, node.mac), files).identity(soon())
    [kept] = tmp_path.glob("azure-identity-*")
    mac = node.mac
    match change:
        case "machine":
            files[0].write_text("another machine")
        case "nothing tells":
            files[0].unlink()
        case "damage":
            kept.write_text(json.dumps({**json.loads(kept.read_text()), "private": 7}))
        case "mac":
            mac = "00:0d:3a:ff:ff:ff"
            kept.rename(kept.with_name(f"azure-identity-{mac.replace(':', '')}.json"))
    node.metadata.respond(500)
    with pytest.raises(Unavailable):
        Home(StubMachine(tmp_path, mac), files).identity(soon())


def test_an_interface_that_azure_does_not_know_is_a_matter_of_the_config(
    node: NodeSeed, files: list[Path], tmp_path: Path
) -> None:
    """A bridge, or another machine's."""
    with pytest.raises(ConfigError, match="no network interface of this virtual machine"):
        Home(StubMachine(tmp_path, "02:00:00:00:00:01"), files).identity(soon())


def test_addresses_that_come_and_go_are_asked_for_again(
    azure: AzureCloud, node: NodeSeed, files: list[Path], tmp_path: Path
) -> None:
    """What else is known stays known."""
    home = Home(StubMachine(tmp_path, node.mac), files)
    home.identity(soon())
    home.remember("/subscriptions/s/x")
    nic = azure.get(node.nic_id)
    nic["properties"]["ipConfigurations"] = nic["properties"]["ipConfigurations"][:1]
    azure.put(node.nic_id, nic)
    assert home.refreshed(soon()).ipv6 == ()
    again = Home(StubMachine(tmp_path, node.mac), files).identity(soon())
    assert (again.ipv6, again.nic) == ((), "/subscriptions/s/x")


def footing(azure: AzureCloud, tmp_path: Path, mac: str, given: str | None = None) -> Footing[object]:
    """What a provider on this machine stands on."""
    arm = Arm(url=azure.url, ca_file=azure.ca_file)
    machine = StubMachine(tmp_path, mac, NodeId(given) if given else None)
    return Footing(arm.account(), machine, connect=lambda clients: clients)


def test_a_network_interface_is_found_by_its_mac(azure: AzureCloud, node: NodeSeed, tmp_path: Path) -> None:
    """Among those of the virtual machine; asked once, then known."""
    found = footing(azure, tmp_path, node.mac)
    assert str(found.interface(soon())) == node.nic_id
    calls = len(azure.journal.calls())
    assert calls == 2
    assert found.interface(soon()).node == "rg-vipswitch/nic-node1"
    assert len(azure.journal.calls()) == calls


def test_the_second_interface_of_a_machine_is_found_too(
    azure: AzureCloud, node: NodeSeed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service LAN and a replication LAN have one each."""
    first, second = (new_interface(azure, node, number) for number in (1, 2))
    machine = azure.add_machine("two", [first, second])
    mac = azure.get(second)["properties"]["macAddress"].replace("-", ":").lower()
    monkeypatch.setenv(METADATA, azure.metadata(machine, identities=("two-identity",)).url)
    assert str(footing(azure, tmp_path, mac).interface(soon())) == second


def new_interface(azure: AzureCloud, node: NodeSeed, number: int) -> str:
    """Another network interface in the node's subnet."""
    path = azure.id("Microsoft.Network/networkInterfaces", f"nic-new{number}")
    entry = {
        "name": "ipconfig1",
        "properties": {
            "privateIPAddress": f"10.0.1.{70 + number}",
            "privateIPAllocationMethod": "Static",
            "primary": True,
            "subnet": {"id": node.subnet.id},
        },
    }
    azure.put(path, {"location": azure.location, "properties": {"ipConfigurations": [entry]}})
    return path


@pytest.mark.parametrize(
    ("given", "expected"),
    [("nic-x", "rg-vipswitch/nic-x"), ("Other/NIC-x", "other/nic-x")],
)
def test_the_config_may_name_the_interface(
    azure: AzureCloud, node: NodeSeed, tmp_path: Path, given: str, expected: str
) -> None:
    """In short, or with its group; nobody is asked."""
    assert footing(azure, tmp_path, node.mac, given).interface(soon()).node == expected
    assert azure.journal.calls() == ()


def test_a_node_that_is_no_interface_is_a_matter_of_the_config(
    azure: AzureCloud, node: NodeSeed, tmp_path: Path
) -> None:
    """The id of something else, say."""
    path = azure.id("Microsoft.Network/routeTables", "rt")
    with pytest.raises(ConfigError, match="not a network interface"):
        footing(azure, tmp_path, node.mac, path).interface(soon())


def test_without_the_right_to_look_the_hint_names_it(
    azure: AzureCloud, node: NodeSeed, tmp_path: Path
) -> None:
    """Or the config may name the interface."""
    azure.faults.deny("Microsoft.Compute/virtualMachines/read")
    with pytest.raises(PermissionDenied) as caught:
        footing(azure, tmp_path, node.mac).interface(soon())
    assert caught.value.hint == f"allow Microsoft.Compute/virtualMachines/read on {node.machine_id}"
