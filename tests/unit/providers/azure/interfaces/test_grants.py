"""What `vipswitch iam` asks for is enough for everything, and no action of it is too many."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.contract.azure_ip_configuration_cloud import IpConfigurationCloud
from tests.contract.azure_nics_cloud import NicsCloud
from tests.contract.azure_public_ip_cloud import PublicIpCloud
from tests.unit.providers.azure.interfaces.looks import enrich
from vipswitch.errors import PermissionDenied, VipswitchError
from vipswitch.provider import Grant, Grants, Level
from vipswitch.providers.azure.ip_configuration.provider import AzureIpConfiguration
from vipswitch.providers.azure.ip_configuration.settings import IpConfigurationSettings
from vipswitch.providers.azure.references import joined
from vipswitch.providers.tags import Tag
from vipswitch.testing.bed import Bed
from vipswitch.testing.cloud import Named

NETWORK = "Microsoft.Network"


@pytest.fixture
def bed(cloud: IpConfigurationCloud, tmp_path: Path) -> Bed:
    """All nodes exist: nobody can be given a right on what is gone, and then it is not told from a denial."""
    cloud.gone = ()
    return Bed(cloud, tmp_path)


@pytest.fixture
def public_bed(public: PublicIpCloud, tmp_path: Path) -> Bed:
    """As `bed`."""
    public.gone = ()
    return Bed(public, tmp_path)


def _granted(cloud: NicsCloud, bed: Bed) -> Sequence[Grant]:
    provider = cloud.provider("a")
    assert isinstance(provider, Grants)
    return provider.grants(bed.deadline())


def _give(cloud: NicsCloud, grants: Iterable[Grant], *, without: str = "") -> None:
    """Each at its own scopes, as if it were a role of its own."""
    cloud.azure.roles.clear()
    for grant in grants:
        actions = [action for action in grant.actions if action != without]
        cloud.azure.roles.give({"Actions": actions}, client=None, scopes=grant.resources)


def _errors(bed: Bed) -> list[VipswitchError]:
    """What goes wrong in a takeover and back, and a clean stop."""
    results = [bed.up("a"), bed.up("b"), bed.up("a"), bed.down("a")]
    return [error for result in results for error in result.errors]


@pytest.mark.parametrize("needed", [False, True])
def test_what_is_granted_is_enough(needed: bool, cloud: IpConfigurationCloud, bed: Bed) -> None:
    """Also where an interface refers to much else, for `check`, and where operations are not ours to read."""
    cloud.azure.rules.operations_need_permission = needed
    cloud.change("a", enrich)
    _give(cloud, _granted(cloud, bed))
    assert _errors(bed) == []
    assert not [
        each for each in bed.switches["a"].provider.check(bed.deadline()) if each.level is Level.ERROR
    ]


def test_what_is_granted_is_enough_for_public_ips(public: PublicIpCloud, public_bed: Bed) -> None:
    """Which are read, and joined."""
    _give(public, _granted(public, public_bed))
    assert _errors(public_bed) == []
    found = public_bed.switches["a"].provider.check(public_bed.deadline())
    assert [each for each in found if each.level is Level.ERROR] == []


@pytest.mark.parametrize(
    "action",
    [
        "networkInterfaces/read",
        "networkInterfaces/write",
        "virtualNetworks/subnets/join/action",
        "networkSecurityGroups/join/action",
        "applicationSecurityGroups/joinIpConfiguration/action",
        "loadBalancers/backendAddressPools/join/action",
        "loadBalancers/inboundNatRules/join/action",
    ],
)
def test_no_action_is_too_many(action: str, cloud: IpConfigurationCloud, bed: Bed) -> None:
    """Without it a move fails, and the action is named."""
    cloud.change("a", enrich)
    grants = _granted(cloud, bed)
    assert f"{NETWORK}/{action}" in {each for grant in grants for each in grant.actions}
    _give(cloud, grants, without=f"{NETWORK}/{action}")
    wrong = _errors(bed)
    assert wrong
    assert isinstance(wrong[0], PermissionDenied)
    assert f"{NETWORK}/{action}" in wrong[0].hint


@pytest.mark.parametrize("action", ["publicIPAddresses/read", "publicIPAddresses/join/action"])
def test_no_action_is_too_many_for_public_ips(action: str, public: PublicIpCloud, public_bed: Bed) -> None:
    """As above."""
    grants = _granted(public, public_bed)
    _give(public, grants, without=f"{NETWORK}/{action}")
    wrong = _errors(public_bed)
    assert isinstance(wrong[0], PermissionDenied)
    assert f"{NETWORK}/{action}" in wrong[0].hint


def test_grants_are_bound_to_what_the_config_names(cloud: IpConfigurationCloud, bed: Bed) -> None:
    """Interface by interface, and for a look the subnet and its network."""
    scopes = {scope.rpartition("/")[2] for grant in _granted(cloud, bed) for scope in grant.resources}
    assert scopes == {"nic-node1", "nic-node2", "nic-node3", "subnet1", "vnet"}


def test_finding_nodes_by_a_tag_needs_the_list(cloud: IpConfigurationCloud, bed: Bed) -> None:
    """Of the resource group."""
    cloud.change("c", lambda nic: nic.update(tags={"vip": "yes"}))
    settings = IpConfigurationSettings(**cloud.account(), nodes=(Tag("vip", "yes"),))
    provider = AzureIpConfiguration(settings, cloud.vip, Named(cloud.ids["a"], cloud.folder))
    provider.discover(bed.deadline())
    found = {grant.purpose: grant for grant in provider.grants(bed.deadline())}
    assert found["FindNodes"].actions == (f"{NETWORK}/networkInterfaces/read",)
    assert found["FindNodes"].resources[0].endswith(f"/resourceGroups/{cloud.azure.group}")


class Finds(Named):
    """A machine that has to find out which network interface is its own."""

    def __init__(self, mac: str, folder: Path, **more: Any) -> None:
        super().__init__("", folder, **more)
        self._mac = mac

    def mac(self) -> str:
        return self._mac

    def node(self) -> None:
        return None


def test_finding_itself_needs_the_machine(cloud: IpConfigurationCloud, bed: Bed) -> None:
    """The metadata service does not tell the interface's name; the machine's network profile does."""
    nodes = list(cloud.ids.values())
    machine = Finds(cloud.topology.nodes[0].mac, cloud.folder, nodes=nodes)
    provider = AzureIpConfiguration(IpConfigurationSettings(**cloud.account()), cloud.vip, machine)
    assert provider.node(bed.deadline()) == bed.id("a")
    found = {grant.purpose: grant for grant in provider.grants(bed.deadline())}
    assert found["FindInterface"].actions == ("Microsoft.Compute/virtualMachines/read",)
    assert len(found["FindInterface"].resources) == 3


def test_references_are_named_once() -> None:
    """However often an interface has them."""
    from tests.unit.providers.azure.interfaces.documents import SUBNET, nic, rich

    actions = [action for action, id in joined(nic(rich())) if id == SUBNET]
    assert actions == [f"{NETWORK}/virtualNetworks/subnets/join/action"]


def test_calls_are_those_of_the_verbs(cloud: IpConfigurationCloud, public: PublicIpCloud, bed: Bed) -> None:
    """What `--dry-run` shows."""
    provider, places = cloud.provider("a"), [bed.place()]
    assert provider.calls("read", places, bed.id("a"))[0] == (
        f"{NETWORK}/networkInterfaces/read rg-vipswitch/nic-node1"
    )
    assert provider.calls("claim", places, bed.id("a")) == [
        f"{NETWORK}/networkInterfaces/write (the holder's, if there is one) without 10.0.1.50",
        f"{NETWORK}/networkInterfaces/write rg-vipswitch/nic-node1 with 10.0.1.50",
    ]
    assert public.provider("a").calls("release", public.places(), bed.id("a")) == [
        f"{NETWORK}/networkInterfaces/write rg-vipswitch/nic-node1 without pip-one"
    ]
