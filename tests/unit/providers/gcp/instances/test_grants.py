"""The role that `vipswitch iam` prints is enough, and each permission of it is needed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.contract.gcp_alias_ip_cloud import AliasIpCloud
from tests.contract.gcp_external_ip_cloud import ExternalIpCloud
from vipswitch.errors import PermissionDenied
from vipswitch.provider import Grant, Grants
from vipswitch.providers.gcp.alias_ip.provider import GcpAliasIp
from vipswitch.providers.gcp.alias_ip.settings import AliasIpSettings
from vipswitch.providers.tags import Tag
from vipswitch.testing.bed import Bed
from vipswitch.testing.cloud import Named

ALIAS = (
    "compute.instances.get",
    "compute.instances.updateNetworkInterface",
    "compute.subnetworks.use",
)
EXTERNAL = (
    "compute.addresses.get",
    "compute.addresses.use",
    "compute.instances.addAccessConfig",
    "compute.instances.deleteAccessConfig",
    "compute.instances.get",
    "compute.subnetworks.useExternalIp",
)
SEES_OPERATIONS = "compute.zoneOperations.get"
CHECKS = "compute.subnetworks.get"


def grants_of(cloud: AliasIpCloud | ExternalIpCloud, bed: Bed) -> Sequence[Grant]:
    """What node a says that it needs."""
    provider = cloud.provider("a")
    assert isinstance(provider, Grants)
    return provider.grants(bed.deadline())


def actions(grants: Sequence[Grant]) -> set[str]:
    """All permissions."""
    return {action for grant in grants for action in grant.actions}


def test_what_is_granted_is_what_is_needed(
    cloud: AliasIpCloud, bed: Bed, external: ExternalIpCloud, external_bed: Bed
) -> None:
    """And every resource is named with its project."""
    of_alias, of_external = grants_of(cloud, bed), grants_of(external, external_bed)
    assert actions(of_alias) == {*ALIAS, SEES_OPERATIONS, CHECKS}
    assert actions(of_external) == {*EXTERNAL, SEES_OPERATIONS, CHECKS}
    for grant in (*of_alias, *of_external):
        assert all(each.startswith("projects/vipswitch-test/") for each in grant.resources), grant


def test_a_label_needs_a_list(cloud: AliasIpCloud, bed: Bed) -> None:
    """Only then."""
    for name in "abc":
        cloud.gcp.set_instance(cloud.ids[name], labels={"role": "db"})
    settings = AliasIpSettings(**cloud.account(), nodes=(Tag("role", "db", "label"),))
    provider = GcpAliasIp(settings, cloud.vip, Named(cloud.ids["a"], cloud.folder))
    provider.discover(bed.deadline())
    assert "compute.instances.list" in actions(provider.grants(bed.deadline()))


def test_the_role_is_enough_for_alias_ranges(cloud: AliasIpCloud, bed: Bed) -> None:
    """For `up`, `down` and `check`."""
    cloud.gcp.roles.give(actions(grants_of(cloud, bed)))
    assert bed.up("a", 20.0).errors == ()
    assert bed.down("a", 20.0).errors == ()
    findings = cloud.provider("a").check(bed.deadline())
    assert not [each for each in findings if "denied" in each.message or "not granted" in each.message]


def test_the_role_is_enough_for_external_addresses(external: ExternalIpCloud, external_bed: Bed) -> None:
    """For `up`, `down` and `check`, also where an address of the node's own goes."""
    body = {"name": "External NAT", "type": "ONE_TO_ONE_NAT"}
    external.gcp.write("POST", f"{external.ids['a']}/addAccessConfig", body, networkInterface="nic0")
    external.gcp.roles.give(actions(grants_of(external, external_bed)))
    assert external_bed.up("a", 20.0).errors == ()
    assert external_bed.down("a", 20.0).errors == ()
    findings = external.provider("a").check(external_bed.deadline())
    assert not [each for each in findings if "denied" in each.message or "not granted" in each.message]


@pytest.mark.parametrize("missing", ALIAS)
def test_each_permission_for_alias_ranges_is_needed(missing: str, cloud: AliasIpCloud, bed: Bed) -> None:
    """And named where it is missing."""
    cloud.gcp.roles.give({*ALIAS, SEES_OPERATIONS} - {missing})
    result = bed.up("a", 5.0)
    assert result.exit_code == PermissionDenied.exit_code
    assert missing in result.errors[0].message


@pytest.mark.parametrize("missing", EXTERNAL)
def test_each_permission_for_external_addresses_is_needed(
    missing: str, external: ExternalIpCloud, external_bed: Bed
) -> None:
    """And named where it is missing."""
    external.gcp.roles.give({*EXTERNAL, SEES_OPERATIONS} - {missing})
    result = external_bed.up("a", 5.0)
    assert result.exit_code == PermissionDenied.exit_code
    assert missing in result.errors[0].message


def test_without_a_look_at_operations_it_is_done_all_the_same(cloud: AliasIpCloud, bed: Bed) -> None:
    """What an operation did is seen at its instance."""
    cloud.gcp.roles.give(ALIAS)
    assert bed.up("a", 20.0).errors == ()
    assert bed.holders() == {bed.id("a")}


def test_the_role_is_printed_for_gcloud(cloud: AliasIpCloud, bed: Bed, tmp_path: Path) -> None:
    """As a role of the project."""
    grants = grants_of(cloud, bed)
    document = GcpAliasIp.policy.document(grants)
    assert document["includedPermissions"] == sorted(actions(grants))
    assert any("--project vipswitch-test" in line for line in GcpAliasIp.policy.advice(grants))
