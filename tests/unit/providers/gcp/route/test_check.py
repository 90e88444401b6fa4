"""What `vipswitch check` finds for routes before a failover does."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from tests.contract.gcp_route_cloud import GcpRouteCloud
from tests.unit.providers.gcp.rig import PROJECT, Google, answer, refused, soon
from tests.unit.providers.gcp.route.rig import found, look, on_node, take
from vipswitch.model import NodeId, Vip
from vipswitch.provider import Level
from vipswitch.providers.gcp.api.client import Clients
from vipswitch.providers.gcp.ids import Name
from vipswitch.providers.gcp.looked_at import permitted
from vipswitch.providers.gcp.route.permissions import LOOKS, MOVES, ON_NODES, USE
from vipswitch.testing.bed import ADDRESS

ROUTE = f"route {ADDRESS}/32 in vpc"
PERMISSIONS = f"permissions in {PROJECT}"


def test_a_site_in_order_has_nothing_to_mend(cloud: GcpRouteCloud) -> None:
    """Who asks, as which instance, in which network; that the VIP may be routed there."""
    provider = on_node(cloud)
    assert found(provider)[ROUTE].message == "no route yet; the first `up` creates it"
    take(cloud, provider)
    look(cloud, provider)
    findings = found(provider)
    findings.pop(PERMISSIONS)
    assert {f.level for f in findings.values()} == {Level.OK}, findings
    assert findings["Google Cloud credentials"].message.startswith("service account node1@")
    assert findings["instance europe-west1-b/node1"].message == "has an interface in vpc"
    assert findings["network vpc"].message == "has 4 subnetworks"
    assert findings[f"address {ADDRESS}"].message == "outside all subnetworks of vpc"
    assert findings[ROUTE].message.endswith("leads to node1")


def test_it_changes_nothing(cloud: GcpRouteCloud) -> None:
    """No call of it writes."""
    found(on_node(cloud))
    assert [call for call in cloud.gcp.journal.calls() if call.mutating] == []


def test_without_credentials_there_is_nothing_more_to_find(cloud: GcpRouteCloud) -> None:
    """One error, and how to mend it."""
    cloud.gcp.faults.refuse_tokens()
    provider = on_node(cloud, impersonate="nobody@example.com")
    [finding] = found(provider).values()
    assert (finding.level, finding.subject) == (Level.ERROR, "Google Cloud credentials")
    assert "roles/iam.serviceAccountTokenCreator" in finding.fix


def test_ip_forwarding_that_is_off_is_an_error(cloud: GcpRouteCloud) -> None:
    """A takeover would go well, and no packet arrive."""
    cloud.gcp.set_instance(cloud.nodes["a"].path, canIpForward=False)
    finding = found(on_node(cloud))["IP forwarding"]
    assert finding.level is Level.ERROR
    assert "gcloud compute instances update-from-file node1" in finding.fix


@pytest.mark.parametrize("address", ["10.0.1.77", "10.21.0.5", "fd20:0:0:1::9"])
def test_an_address_inside_a_subnetwork_is_an_error(cloud: GcpRouteCloud, address: str) -> None:
    """Of its primary range, a secondary one, or the one of IPv6: Google makes no such route."""
    finding = found(on_node(cloud, vip=Vip("primary", (ip_address(address),))))[f"address {address}"]
    assert finding.level is Level.ERROR
    assert "lies inside subnetwork subnet1" in finding.message


def test_a_network_that_is_none_or_not_this_instance_s_is_an_error(cloud: GcpRouteCloud) -> None:
    """A name in the config is wrong."""
    findings = found(on_node(cloud, networks=(Name("vpc-peered"), Name("gone"))))
    assert findings["network gone"].level is Level.ERROR
    assert findings["instance europe-west1-b/node1"].level is Level.ERROR


def test_routes_of_others_and_the_end_of_the_range_are_warned_of(cloud: GcpRouteCloud) -> None:
    """Before they stand in the way."""
    cloud.route("vpc", "by-hand", f"{ADDRESS}/32", 999, "b")
    finding = found(on_node(cloud))[ROUTE]
    assert (finding.level, "so many takeovers" in finding.message) == (Level.WARNING, True)
    cloud.route("vpc", "by-hand-too", f"{ADDRESS}/32", 999, "c")
    take(cloud, on_node(cloud))
    look(cloud, on_node(cloud))
    warned = {f.message for f in on_node(cloud).check(soon()) if f.level is Level.WARNING}
    assert any(message.startswith("by-hand was not made by vipswitch") for message in warned)


def test_routes_that_share_the_traffic_are_warned_of(cloud: GcpRouteCloud) -> None:
    """It is nobody's VIP as long as they do."""
    for name, node in (("one", "b"), ("two", "c")):
        cloud.route("vpc", name, f"{ADDRESS}/32", 5000, node)
    finding = found(on_node(cloud))[ROUTE]
    assert (finding.level, finding.message) == (Level.WARNING, "one, two share its traffic")


def test_what_could_not_be_looked_at_is_never_fine(cloud: GcpRouteCloud) -> None:
    """Want of a permission to look is not in the way of a failover, except to the routes."""
    cloud.gcp.roles.give(["compute.globalOperations.get"])
    findings = found(on_node(cloud))
    assert findings["instance"].level is Level.WARNING
    assert findings["routes of vpc"].level is Level.ERROR
    assert Level.OK not in {findings[s].level for s in ("network vpc", "instance", "routes of vpc")}


@pytest.mark.parametrize(
    ("said", "level", "text"),
    [
        (answer(200, {"permissions": list(MOVES)}), Level.OK, "all that a failover needs"),
        (answer(200, {"permissions": list(MOVES[1:])}), Level.ERROR, f"permission denied for {MOVES[0]}"),
        (answer(200, {}), Level.ERROR, MOVES[-1]),
        (refused(403, "accessNotConfigured", "Resource Manager is off"), Level.WARNING, "not looked at"),
    ],
)
def test_missing_permissions_are_named(
    clients: Clients, google: Google, said: object, level: Level, text: str
) -> None:
    """All of them at once, by Resource Manager, which tells it without trying."""
    google.says(said)  # type: ignore[arg-type]
    finding = permitted(clients, PROJECT, MOVES, soon())
    assert (finding.level, text in finding.message) == (level, True)
    assert google.requests[0].target == f"/v1/projects/{PROJECT}:testIamPermissions"


def test_an_instance_that_no_route_may_lead_to_is_an_error(cloud: GcpRouteCloud) -> None:
    """Google asks for that at each takeover, on the instance and not on the project of the network."""
    subject = "permissions on europe-west1-b/node1"
    assert found(on_node(cloud))[subject].level is Level.OK
    cloud.gcp.roles.give([each for each in (*MOVES, *LOOKS, *ON_NODES) if each != USE])
    finding = found(on_node(cloud))[subject]
    assert (finding.level, finding.message) == (Level.ERROR, "compute.instances.use not granted")


def test_a_node_that_is_none_is_said(cloud: GcpRouteCloud) -> None:
    """The config calls it by something else."""
    findings = found(on_node(cloud, given=NodeId("10.0.1.4")))
    assert findings["instance"].level is Level.WARNING
