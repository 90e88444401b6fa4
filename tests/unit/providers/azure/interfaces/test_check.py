"""`vipswitch check` for what moves between network interfaces: what it finds before a failover does."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path

import pytest

from tests.contract.azure_ip_configuration_cloud import IpConfigurationCloud
from tests.contract.azure_public_ip_cloud import NAMES, PublicIpCloud
from tests.unit.providers.azure.interfaces.documents import nic, plain
from tests.unit.providers.azure.interfaces.looks import write_as_it_is
from vipswitch.model import Vip
from vipswitch.provider import Finding, Level
from vipswitch.providers.azure.guest import interference
from vipswitch.providers.azure.ids import Name
from vipswitch.providers.azure.interface_findings import of_peers
from vipswitch.providers.azure.ip_configuration.provider import AzureIpConfiguration
from vipswitch.providers.azure.ip_configuration.settings import IpConfigurationSettings
from vipswitch.providers.azure.public_ip.provider import AzurePublicIp
from vipswitch.providers.azure.public_ip.settings import PublicIpSettings
from vipswitch.testing.bed import Bed
from vipswitch.testing.cloud import Named

READ = "Microsoft.Network/networkInterfaces/read"


def _found(cloud: IpConfigurationCloud | PublicIpCloud, bed: Bed) -> list[Finding]:
    return list(cloud.provider("a").check(bed.deadline()))


def _about(findings: list[Finding], word: str) -> Finding:
    """The one finding whose subject has the word in it."""
    [found] = [finding for finding in findings if word in finding.subject]
    return found


def _at(cloud: IpConfigurationCloud, address: str) -> IpConfigurationCloud:
    cloud.vip = Vip("primary", (ip_address(address),))
    return cloud


def test_everything_in_place_is_said(cloud: IpConfigurationCloud, bed: Bed) -> None:
    """What cannot be tried is a warning: so is the node that the config names and nobody has."""
    found = _found(cloud, bed)
    bad = [(each.level, each.subject) for each in found if each.level is not Level.OK]
    assert bad == [
        (Level.WARNING, "network interface rg-vipswitch/nic-gone"),
        (Level.WARNING, "permissions"),
    ]
    assert (
        _about(found, "10.0.1.50").message
        == "in subnet1 (10.0.1.0/24, fd00:0:0:1::/64), held by rg-vipswitch/nic-node3"
    )
    assert all(each.fix for each in found if each.level is not Level.OK)


def test_nothing_is_written(cloud: IpConfigurationCloud, bed: Bed) -> None:
    """It may be run at any time."""
    _found(cloud, bed)
    assert cloud.azure.journal.writes() == ()


@pytest.mark.parametrize(
    ("address", "level", "why"),
    [
        ("10.0.9.50", Level.ERROR, "is outside subnet1"),
        ("fd00:0:0:9::50", Level.ERROR, "is outside subnet1"),
        ("10.0.1.2", Level.ERROR, "is reserved"),
        ("10.0.1.255", Level.ERROR, "is reserved"),
        ("10.0.1.5", Level.ERROR, "is the primary address of rg-vipswitch/nic-node2"),
        ("10.0.1.60", Level.OK, "held by nobody"),
        ("10.0.1.50", Level.OK, "held by rg-vipswitch/nic-node3"),
    ],
)
def test_an_address_has_to_be_one_that_can_move(
    address: str, level: Level, why: str, cloud: IpConfigurationCloud, bed: Bed
) -> None:
    """In the nodes' subnet, neither Azure's nor a primary one."""
    found = _about(_found(_at(cloud, address), bed), address)
    assert (found.level, why in found.message) == (level, True)


def test_an_address_of_somebody_else_is_an_error(cloud: IpConfigurationCloud, bed: Bed) -> None:
    """Azure knows that it is taken, and does not say by whom."""
    cloud.empty(bed.place())
    cloud.stranger("somebody-elses", cloud.vip.addresses[0])
    found = _about(_found(cloud, bed), "10.0.1.50")
    assert (found.level, found.message) == (Level.ERROR, "held by a resource that is none of the nodes")


def test_an_address_of_ours_without_its_public_ip_is_warned_of(cloud: IpConfigurationCloud, bed: Bed) -> None:
    """The next `up` completes it."""
    bed.up("a")
    settings = IpConfigurationSettings(**cloud.account(), public_ip=(Name("pip"),))
    machine = Named(cloud.ids["a"], cloud.folder, nodes=list(cloud.ids.values()))
    found = list(AzureIpConfiguration(settings, cloud.vip, machine).check(bed.deadline()))
    assert "without its public IP" in _about(found, "10.0.1.50").message


def test_a_node_alone_is_an_error(cloud: IpConfigurationCloud, bed: Bed) -> None:
    """From nodes that the config does not name nothing is taken."""
    settings = IpConfigurationSettings(**cloud.account())
    provider = AzureIpConfiguration(settings, cloud.vip, Named(cloud.ids["a"], cloud.folder))
    found = _about(list(provider.check(bed.deadline())), "nodes")
    assert (found.level, "[node.NAME]" in found.fix) == (Level.ERROR, True)


def test_a_peer_that_cannot_be_read_is_a_warning(cloud: IpConfigurationCloud, bed: Bed) -> None:
    """And one that we are not allowed to read an error."""
    cloud.azure.faults.unavailable(None, READ, on="nic-node2")
    cloud.azure.faults.deny(READ, on="nic-node3")
    found = _found(cloud, bed)
    assert _about(found, "nic-node2").level is Level.WARNING
    assert _about(found, "nic-node3").level is Level.ERROR
    assert f"allow {READ}" in _about(found, "nic-node3").fix


def test_without_credentials_there_is_nothing_else_to_find(cloud: IpConfigurationCloud, bed: Bed) -> None:
    """One finding says so."""
    nobody = {**cloud.account(), "client_id": "00000000-0000-0000-0000-00000000dead"}
    settings = IpConfigurationSettings(**nobody)
    provider = AzureIpConfiguration(settings, cloud.vip, Named(cloud.ids["a"], cloud.folder))
    [only] = list(provider.check(bed.deadline()))
    assert (only.level, only.subject) == (Level.ERROR, "Azure credentials")


def test_an_interface_whose_last_operation_failed_is_warned_of(cloud: IpConfigurationCloud, bed: Bed) -> None:
    """It may work, and the next write tries again."""
    cloud.azure.faults.fail_operation("InternalServerError")
    write_as_it_is("b", bed)
    cloud.azure.finish()
    assert "its last operation failed" in _about(_found(cloud, bed), "nic-node2").message


def test_an_interface_without_a_machine_is_warned_of() -> None:
    """The name may be another's."""
    own, loose = nic(plain("nic-a", "10.0.1.4")), nic(plain("nic-b", "10.0.1.5"))
    [found] = of_peers(own, {loose.id: loose})
    assert "attached to no virtual machine" in found.message


def test_public_ips_are_described(public: PublicIpCloud, public_bed: Bed) -> None:
    """By what people know them by."""
    found = _about(_found(public, public_bed), NAMES[0])
    assert found.level is Level.OK
    assert "Standard, in westeurope, held by rg-vipswitch/nic-node3" in found.message


def test_a_public_ip_with_no_place_here_is_an_error(public: PublicIpCloud, public_bed: Bed) -> None:
    """Where its configuration is missing, or has another one."""
    settings = PublicIpSettings(**public.account(), public_ip=(Name(NAMES[0]),), ip_configuration=("third",))
    provider = AzurePublicIp(settings, Vip("primary", ()), Named(public.ids["a"], public.folder))
    found = [each for each in provider.check(public_bed.deadline()) if each.level is Level.ERROR]
    assert ["has no ip configuration third" in each.message for each in found] == [True]


def test_a_public_ip_of_another_region_or_address_is_an_error(public: PublicIpCloud, public_bed: Bed) -> None:
    """It never comes here."""
    public.azure.put(public.public("far"), {"location": "northeurope", "properties": {}})
    for name, vip, word in (("far", (), "northeurope"), (NAMES[0], ("198.51.100.1",), "not 198.51.100.1")):
        settings = PublicIpSettings(**public.account(), public_ip=(Name(name),))
        addressed = Vip("primary", tuple(map(ip_address, vip)))
        provider = AzurePublicIp(settings, addressed, Named(public.ids["a"], public.folder))
        found = _about(list(provider.check(public_bed.deadline())), name)
        assert (found.level, word in found.message) == (Level.ERROR, True)


def test_what_sets_addresses_on_the_host_by_itself_is_found(tmp_path: Path) -> None:
    """cloud-init writes those that it saw at boot into a file; nm-cloud-setup needs none."""
    plan, keys, timer = tmp_path / "50-cloud-init.yaml", tmp_path / "keys", tmp_path / "timer"
    keys.mkdir()
    plan.write_text("addresses: [10.0.1.50/24, 'fd00::50/64']\n")
    (keys / "cloud-init-eth0.nmconnection").write_text("address1=10.0.1.5/24\naddress2=110.0.1.50/24\n")
    wanted = [ip_address("10.0.1.50")]
    [found] = interference(wanted, [plan, keys, tmp_path / "none"], timer)
    assert (found.level, str(plan) in found.message) == (Level.ERROR, True)
    assert list(interference([ip_address("10.0.1.51")], [plan, keys], timer)) == []
    timer.touch()
    assert [each.level for each in interference([ip_address("10.0.1.51")], [plan], timer)] == [Level.WARNING]


def test_addresses_of_the_host_are_compared_as_addresses(tmp_path: Path) -> None:
    """IPv6 has many ways to write one."""
    file = tmp_path / "50-cloud-init.yaml"
    file.write_text("- fd00:0:0:0::0050/64\n")
    assert len(list(interference([ip_address("fd00::50")], [file], tmp_path / "none"))) == 1
