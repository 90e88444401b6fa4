"""`vipswitch check` for what moves between instances: what it finds before a failover does."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path

import pytest

from tests.contract.gcp_alias_ip_cloud import UPDATE, AliasIpCloud
from tests.contract.gcp_external_ip_cloud import ExternalIpCloud
from tests.contract.gcp_nics_cloud import GONE
from tests.unit.providers.gcp.instances.looks import about
from vipswitch.model import Vip
from vipswitch.provider import Finding, Level
from vipswitch.providers.gcp.alias_ip.provider import GcpAliasIp
from vipswitch.providers.gcp.alias_ip.settings import AliasIpSettings
from vipswitch.providers.gcp.guest import alias_routes
from vipswitch.testing.bed import Bed
from vipswitch.testing.cloud import Named
from vipswitch.testing.gcp import REGION

GET = "compute.instances.get"


def found(cloud: AliasIpCloud | ExternalIpCloud, bed: Bed) -> list[Finding]:
    """What node a finds."""
    return list(cloud.provider("a").check(bed.deadline()))


def bad(findings: list[Finding]) -> list[tuple[Level, str]]:
    """What is not fine."""
    return [(each.level, each.subject) for each in findings if each.level is not Level.OK]


def at(cloud: AliasIpCloud, address: str) -> AliasIpCloud:
    """The same with another VIP."""
    cloud.vip = Vip("primary", (ip_address(address),))
    return cloud


def test_everything_in_place_is_said(cloud: AliasIpCloud, bed: Bed) -> None:
    """The nodes are in three zones, and the config names one that nobody has."""
    findings = found(cloud, bed)
    assert bad(findings) == [(Level.WARNING, f"instance {GONE}"), (Level.WARNING, "zones")]
    assert "gcp-route" in about(findings, "zones").fix
    held = about(findings, "alias-ip 10.0.1.50")
    assert held.message == f"in subnet1, held by {cloud.ids['c']}"
    assert all(each.fix for each in findings if each.level is not Level.OK)


def test_nothing_is_written(cloud: AliasIpCloud, bed: Bed) -> None:
    """It may be run at any time."""
    found(cloud, bed)
    assert cloud.gcp.journal.writes() == ()


@pytest.mark.parametrize(
    ("address", "level", "why"),
    [
        ("10.0.9.50", Level.ERROR, "is outside subnet1 (10.0.1.0/24, 10.21.0.0/24)"),
        ("10.21.0.50", Level.ERROR, "is in the secondary range vips of subnet1"),
        ("10.0.1.1", Level.ERROR, "is reserved"),
        ("10.0.1.254", Level.ERROR, "is reserved"),
        ("10.0.1.5", Level.ERROR, f"is the primary address of {REGION}-c/node2"),
        ("10.0.1.60", Level.OK, "held by no node"),
        ("10.0.1.50", Level.OK, f"held by {REGION}-d/node3"),
    ],
)
def test_an_address_has_to_be_one_that_can_move(
    address: str, level: Level, why: str, cloud: AliasIpCloud, bed: Bed
) -> None:
    """In the range that the config means, neither Google's nor a primary one."""
    finding = about(found(at(cloud, address), bed), f"alias-ip {address}")
    assert (finding.level, why in finding.message) == (level, True)


@pytest.mark.parametrize(
    ("name", "level", "why"),
    [("vips", Level.OK, "in subnet1, range vips"), (None, Level.ERROR, "not in the primary one")],
)
def test_the_range_has_to_be_that_of_the_address(
    name: str | None, level: Level, why: str, cloud: AliasIpCloud, bed: Bed
) -> None:
    """Google would look for the address in the wrong one."""
    at(cloud, "10.21.0.50")
    machine = Named(cloud.ids["a"], cloud.folder, nodes=list(cloud.ids.values()))
    provider = GcpAliasIp(AliasIpSettings(**cloud.account(), range=name), cloud.vip, machine)
    finding = about(list(provider.check(bed.deadline())), "alias-ip 10.21.0.50")
    assert (finding.level, why in finding.message) == (level, True)


def test_a_piece_of_a_bigger_range_is_an_error(cloud: AliasIpCloud, bed: Bed) -> None:
    """It is told apart from the VIP itself."""
    cloud.set_ranges("c", {"ipCidrRange": "10.0.1.48/29"})
    finding = about(found(cloud, bed), "alias-ip 10.0.1.50")
    assert finding.level is Level.ERROR
    assert "is inside 10.0.1.48/29" in finding.message


def test_a_node_alone_is_an_error(cloud: AliasIpCloud, bed: Bed) -> None:
    """From nodes that the config does not name nothing is taken."""
    provider = GcpAliasIp(cloud.settings(), cloud.vip, Named(cloud.ids["a"], cloud.folder))
    finding = about(list(provider.check(bed.deadline())), "nodes")
    assert (finding.level, "[node.NAME]" in finding.fix) == (Level.ERROR, True)


def test_a_peer_that_cannot_be_read_is_a_warning(cloud: AliasIpCloud, bed: Bed) -> None:
    """And one that we are not allowed to read an error."""
    cloud.gcp.faults.unavailable(None, GET, on="node2")
    cloud.gcp.faults.deny(GET, on="node3")
    findings = found(cloud, bed)
    assert about(findings, "instance europe-west1-c/node2").level is Level.WARNING
    denied = about(findings, "instance europe-west1-d/node3")
    assert denied.level is Level.ERROR
    assert f"grant {GET}" in denied.fix


def test_a_stopped_instance_is_warned_of(cloud: AliasIpCloud, bed: Bed) -> None:
    """It keeps what it has, and can be no holder."""
    cloud.gcp.set_instance(cloud.ids["b"], status="TERMINATED")
    finding = about(found(cloud, bed), f"instance {cloud.ids['b']}")
    assert (finding.level, "terminated" in finding.message) == (Level.WARNING, True)


def test_a_permission_that_is_missing_is_an_error(cloud: AliasIpCloud, bed: Bed) -> None:
    """Google is asked for each resource, and nothing is tried."""
    cloud.gcp.roles.give([GET, "compute.subnetworks.get", "compute.subnetworks.use"])
    findings = found(cloud, bed)
    missing = about(findings, f"permissions on {cloud.ids['b']}")
    assert (missing.level, missing.message) == (Level.ERROR, f"{UPDATE} not granted")
    assert "vipswitch iam" in missing.fix
    assert about(findings, "permissions on subnet1").level is Level.OK


def test_without_credentials_there_is_nothing_else_to_find(cloud: AliasIpCloud, bed: Bed) -> None:
    """Each look would only say so again."""
    cloud.topology.nodes[0].metadata.respond(404)
    findings = [each for each in found(cloud, bed) if each.subject != "host"]
    assert [each.level for each in findings] == [Level.ERROR]
    assert findings[0].subject == "Google Cloud credentials"


def test_the_guest_agent_is_told_of(tmp_path: Path) -> None:
    """Where it is installed."""
    agent = tmp_path / "google_guest_agent"
    assert list(alias_routes([agent])) == []
    agent.touch()
    [finding] = alias_routes([agent])
    assert (finding.level, "proto 66" in finding.message) == (Level.OK, True)


def test_an_external_address_in_place_is_said(external: ExternalIpCloud, external_bed: Bed) -> None:
    """With its tier, its region and its holder."""
    findings = found(external, external_bed)
    assert bad(findings) == [(Level.WARNING, f"instance {GONE}")]
    held = about(findings, "external IP vip-one")
    assert held.message == f"is 34.76.0.1, premium tier, in {REGION}, held by {external.ids['c']}"
    assert external.gcp.journal.writes() == ()


def test_an_address_of_the_nodes_own_is_warned_of(external: ExternalIpCloud, external_bed: Bed) -> None:
    """It goes when the VIP comes, and does not come back."""
    body = {"name": "External NAT", "type": "ONE_TO_ONE_NAT"}
    external.gcp.write("POST", f"{external.ids['a']}/addAccessConfig", body, networkInterface="nic0")
    finding = about(found(external, external_bed), "nic0 of")
    assert (finding.level, "does not come back" in finding.message) == (Level.WARNING, True)
    assert "Cloud NAT" in finding.fix


def test_another_vip_on_the_interface_is_an_error(external: ExternalIpCloud, external_bed: Bed) -> None:
    """There is room for one."""
    body = {"name": "vipswitch-web-0001", "type": "ONE_TO_ONE_NAT"}
    external.gcp.write("POST", f"{external.ids['a']}/addAccessConfig", body, networkInterface="nic0")
    assert about(found(external, external_bed), "nic0 of").level is Level.ERROR


def test_a_subnetwork_without_private_access_is_warned_of(
    external: ExternalIpCloud, external_bed: Bed
) -> None:
    """Between the writes the node may have no way to Google."""
    with external.gcp.api.working:
        path = external.topology.nodes[0].subnet.id
        external.gcp.api.store.change(path, privateIpGoogleAccess=False)
    finding = about(found(external, external_bed), "subnetwork subnet1")
    assert (finding.level, "--enable-private-ip-google-access" in finding.fix) == (Level.WARNING, True)


def test_a_forwarding_rule_and_a_missing_address_are_errors(
    external: ExternalIpCloud, external_bed: Bed
) -> None:
    """Neither can be the VIP."""
    external.empty(external_bed.place())
    external.gcp.use_address("vip-one", f"regions/{REGION}/forwardingRules/web")
    assert about(found(external, external_bed), "external IP vip-one").level is Level.ERROR
    external.remove(external_bed.place())
    missing = about(found(external, external_bed), "external IP vip-one")
    assert (missing.level, "not found" in missing.message) == (Level.ERROR, True)


def test_the_address_in_the_config_has_to_be_the_one_reserved(
    external: ExternalIpCloud, external_bed: Bed
) -> None:
    """If it is given at all."""
    external.vip = Vip("primary", (ip_address("34.76.0.9"),))
    finding = about(found(external, external_bed), "external IP vip-one")
    assert (finding.level, "not 34.76.0.9" in finding.message) == (Level.ERROR, True)
