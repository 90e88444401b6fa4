"""What `vipswitch check` finds for route tables before a failover does."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path

import pytest

from tests.contract.azure_route_table_cloud import RouteTableCloud
from tests.unit.providers.azure.route_table.rig import found, on_node
from vipswitch.model import Vip
from vipswitch.provider import Level
from vipswitch.providers.azure.ids import Name
from vipswitch.providers.azure.route_table.permissions import WRITE, WRITE_ROUTE, WRITE_TAGS

NODES_TABLE = Name("rt-nodes")


def test_a_site_in_order_has_nothing_to_mend(cloud: RouteTableCloud) -> None:
    """Who asks, as which interface, through which subnets."""
    cloud.route("rt-nodes", "vip", "10.99.0.50/32", "10.0.1.4")
    findings = found(on_node(cloud, route_tables=(NODES_TABLE,)))
    assert {f.level for f in findings.values()} == {Level.OK}, findings
    assert findings["Azure credentials"].message == "managed identity of this machine"
    assert findings["network interface rg-vipswitch/nic-node1"].message == "in subnet1"
    assert findings["subnet subnet1"].message == "follows rt-nodes"
    assert findings["route table rt-nodes 10.99.0.50/32"].message == "vip leads to this node"


def test_it_changes_nothing(cloud: RouteTableCloud) -> None:
    """Also where it tries whether it might: no route, no etag, no tag."""
    before = [cloud.azure.get(cloud.path(table)) for table in cloud.tables]
    cloud.azure.rules.tags_renew_etag = False
    cloud.empty(on_node(cloud).places[1])
    before[1] = cloud.azure.get(cloud.path("rt-vip2"))
    found(on_node(cloud))
    assert [cloud.azure.get(cloud.path(table)) for table in cloud.tables] == before


def test_without_credentials_there_is_nothing_more_to_find(cloud: RouteTableCloud) -> None:
    """One error, and how to mend it."""
    cloud.nodes["a"].metadata.identities = ()
    [finding] = found(on_node(cloud)).values()
    assert (finding.level, finding.subject) == (Level.ERROR, "Azure credentials")
    assert "Identity not found" in finding.message


def test_forwarding_that_is_off_is_an_error_unless_it_is_switched_on(cloud: RouteTableCloud) -> None:
    """A takeover would go well, and no packet arrive."""
    path = cloud.nodes["a"].nic_id
    nic = cloud.azure.get(path)
    nic["properties"]["enableIPForwarding"] = False
    cloud.azure.put(path, nic)
    finding = found(on_node(cloud))["IP forwarding"]
    assert finding.level is Level.ERROR
    assert "az network nic update --resource-group rg-vipswitch --name nic-node1" in finding.fix
    assert found(on_node(cloud, ip_forwarding="fix"))["IP forwarding"].level is Level.WARNING


def test_a_subnet_whose_table_is_not_named_is_a_warning(cloud: RouteTableCloud) -> None:
    """From there the VIP is not reached; and a table that nobody follows does nothing."""
    findings = found(on_node(cloud))
    assert findings["subnet subnet1"].level is Level.WARNING
    assert "follows rt-nodes" in findings["subnet subnet1"].message
    assert findings["route table rt-vip1"].message == "no subnet follows it"


def test_an_address_inside_the_network_is_a_warning(tmp_path: Path) -> None:
    """Azure may give it to somebody."""
    cloud = RouteTableCloud(tmp_path, vip=Vip("primary", (ip_address("10.0.7.7"),)))
    try:
        finding = found(on_node(cloud))["address 10.0.7.7"]
    finally:
        cloud.close()
    assert finding.level is Level.WARNING
    assert "inside 10.0.0.0/16 of vnet" in finding.message


@pytest.mark.parametrize(
    ("denied", "subject", "level"),
    [
        (WRITE_ROUTE, "route table rt-vip1", Level.ERROR),
        (WRITE, "route table rt-vip2", Level.ERROR),
        ("Microsoft.Network/routeTables/read", "route table rt-vip1", Level.ERROR),
        (WRITE_TAGS, "release marks on rt-vip1", Level.WARNING),
        ("Microsoft.Network/networkInterfaces/read", "network interface", Level.WARNING),
        ("Microsoft.Network/virtualNetworks/read", "virtual network", Level.WARNING),
    ],
)
def test_a_right_that_is_missing_is_named(
    cloud: RouteTableCloud, denied: str, subject: str, level: Level
) -> None:
    """One for the route that is there, one for that which is not; what only `check` needs is a warning."""
    cloud.empty(on_node(cloud).places[1])
    cloud.azure.faults.deny(denied)
    finding = found(on_node(cloud))[subject]
    assert finding.level is level
    assert finding.fix.startswith(f"allow {denied} on /subscriptions/")


def test_a_table_that_is_gone_is_an_error(cloud: RouteTableCloud) -> None:
    """The other one is looked at all the same."""
    cloud.azure.delete(cloud.path("rt-vip1"))
    findings = found(on_node(cloud))
    assert findings["route table rt-vip1"].level is Level.ERROR
    assert "route table rt-vip2 10.99.0.50/32" in findings


def test_a_route_to_something_else_is_a_warning(cloud: RouteTableCloud) -> None:
    """An `up` would replace it."""
    path = f"{cloud.path('rt-vip1')}/routes/to-the-database-0"
    cloud.azure.put(path, {"properties": {"addressPrefix": "10.99.0.50/32", "nextHopType": "Internet"}})
    finding = found(on_node(cloud))["route table rt-vip1 10.99.0.50/32"]
    assert finding.level is Level.WARNING
    assert "leads to Internet" in finding.message


def test_the_host_that_sets_the_address_itself_is_looked_at(cloud: RouteTableCloud) -> None:
    """Nothing is found on a host without Azure's own tools."""
    assert "host" not in found(on_node(cloud))
