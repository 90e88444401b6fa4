"""IP forwarding of this node's network interface: without it Azure drops what is not addressed to it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.azure_route_table_cloud import RouteTableCloud
from tests.unit.providers.azure.rig import soon
from tests.unit.providers.azure.route_table.rig import on_node

NIC_WRITE = "Microsoft.Network/networkInterfaces/write"


@pytest.fixture
def nic(cloud: RouteTableCloud) -> dict[str, Any]:
    """Node a's, with forwarding off and everything on it that must stay."""
    path = cloud.nodes["a"].nic_id
    found = cloud.azure.get(path)
    found["properties"]["enableIPForwarding"] = False
    found["properties"]["enableAcceleratedNetworking"] = True
    found["tags"] = {"owner": "somebody"}
    return cloud.azure.put(path, found)


def now(cloud: RouteTableCloud) -> dict[str, Any]:
    """Node a's network interface, without what changes with every write."""
    found = cloud.azure.get(cloud.nodes["a"].nic_id)
    found.pop("etag")
    found["properties"].pop("provisioningState")
    found["properties"]["dnsSettings"].pop("appliedDnsServers", None)
    for entry in found["properties"]["ipConfigurations"]:
        entry.pop("etag", None)
        entry["properties"].pop("provisioningState", None)
    return found


def test_it_is_left_alone_unless_the_config_says_so(cloud: RouteTableCloud, nic: dict[str, Any]) -> None:
    """A write of a network interface needs rights that a route does not."""
    provider = on_node(cloud)
    assert list(provider.prepare(provider.node(soon()), soon())) == []
    assert cloud.azure.journal.writes() == ()


def test_it_is_switched_on_and_nothing_else_changes(cloud: RouteTableCloud, nic: dict[str, Any]) -> None:
    """A PUT replaces the whole network interface."""
    before = now(cloud)
    provider = on_node(cloud, ip_forwarding="fix")
    assert list(provider.prepare(provider.node(soon()), soon())) == []
    before["properties"]["enableIPForwarding"] = True
    assert now(cloud) == before


def test_where_it_is_on_nothing_is_written(cloud: RouteTableCloud) -> None:
    """One look is enough."""
    provider = on_node(cloud, ip_forwarding="fix")
    assert list(provider.prepare(provider.node(soon()), soon())) == []
    assert cloud.azure.journal.writes() == ()


def test_a_network_interface_that_may_not_be_written_is_a_warning(
    cloud: RouteTableCloud, nic: dict[str, Any]
) -> None:
    """The takeover goes on: it may be that somebody else switches it on."""
    cloud.azure.faults.deny(NIC_WRITE)
    provider = on_node(cloud, ip_forwarding="fix")
    [warning] = provider.prepare(provider.node(soon()), soon())
    assert warning.startswith("IP forwarding: network interface rg-vipswitch/nic-node1: permission denied")
    assert f"allow {NIC_WRITE}" in warning


def test_somebody_else_s_change_is_not_overwritten(cloud: RouteTableCloud, nic: dict[str, Any]) -> None:
    """The write carries the etag of what was read."""
    path = cloud.nodes["a"].nic_id
    changed = {**nic, "tags": {"owner": "somebody else"}}
    cloud.azure.faults.foreign_write(NIC_WRITE, lambda: cloud.azure.put(path, changed))
    provider = on_node(cloud, ip_forwarding="fix")
    [warning] = provider.prepare(provider.node(soon()), soon())
    assert "changed meanwhile" in warning
    assert now(cloud)["tags"] == {"owner": "somebody else"}


def test_the_interface_is_found_once_and_kept(cloud: RouteTableCloud) -> None:
    """The metadata service does not know its id; the virtual machine's network profile does."""
    provider = on_node(cloud, ip_forwarding="fix")
    provider.prepare(provider.node(soon()), soon())
    cloud.azure.faults.deny("Microsoft.Compute/virtualMachines/read")
    again = on_node(cloud, ip_forwarding="fix")
    assert list(again.prepare(again.node(soon()), soon())) == []
