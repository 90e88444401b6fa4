"""What stands in the way of an address: each is said in words that help, and nothing is hurt."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import pytest

from tests.contract.azure_ip_configuration_cloud import IpConfigurationCloud
from tests.contract.azure_nics_cloud import WRITE
from tests.unit.providers.azure.interfaces.looks import let_end, write_as_it_is, written
from vipswitch.errors import ConfigError, OutcomeUnknown, PermissionDenied, Refused, TimeUp
from vipswitch.model import Address, State, Vip
from vipswitch.result import Result
from vipswitch.testing.azure.operations import Fate
from vipswitch.testing.bed import Bed

READ = "Microsoft.Network/networkInterfaces/read"


def _said(result: Result) -> str:
    return " ".join(f"{error.message} {error.hint}" for error in result.errors)


def _elsewhere(cloud: IpConfigurationCloud, tmp_path: Any, address: Address) -> Bed:
    """Nodes whose VIP is another address."""
    cloud.vip = Vip("primary", (address,))
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return Bed(cloud, folder)


def test_an_address_of_another_resource_is_refused_and_the_resource_named(
    bed: Bed, cloud: IpConfigurationCloud
) -> None:
    """A network interface that is no node's: nothing is taken from it."""
    cloud.empty(bed.place())
    cloud.stranger("somebody-elses", cloud.vip.addresses[0])
    result = bed.up("a")
    assert result.exit_code == Refused.exit_code
    assert "somebody-elses/ipConfigurations/ipconfig1" in _said(result)
    assert written(cloud) == []
    assert not bed.has_addresses("a")


@pytest.mark.parametrize(
    ("address", "why"),
    [("10.0.7.50", "outside the subnet"), ("10.0.1.3", "reserved"), ("10.0.1.255", "reserved")],
)
def test_an_address_that_the_subnet_does_not_have_is_a_wrong_config(
    address: str, why: str, cloud: IpConfigurationCloud, tmp_path: Any
) -> None:
    """Nothing is written, and the host does not keep it."""
    bed = _elsewhere(cloud, tmp_path, ip_address(address))
    result = bed.up("a")
    assert result.exit_code == ConfigError.exit_code
    assert why in _said(result)
    assert written(cloud) == []
    assert not bed.has_addresses("a")


def test_a_primary_address_is_a_wrong_config(cloud: IpConfigurationCloud, tmp_path: Any) -> None:
    """Whichever node's it is."""
    bed = _elsewhere(cloud, tmp_path, ip_address("10.0.1.5"))
    result = bed.up("a")
    assert result.exit_code == ConfigError.exit_code
    assert "is the primary address of rg-vipswitch/nic-node2" in _said(result)
    assert written(cloud) == []


@pytest.mark.parametrize("node", ["a", "c"])
def test_what_somebody_writes_in_between_is_kept(node: str, bed: Bed, cloud: IpConfigurationCloud) -> None:
    """Our write is refused because of its etag; the next one is made of what is there by then."""
    tagged = {"tags": {"by": "somebody"}}
    name = cloud.nics[node].rpartition("/")[2]
    cloud.azure.faults.foreign_write(
        WRITE, lambda: cloud.change(node, lambda nic: nic.update(tagged)), on=name
    )
    assert bed.up("a").errors == ()
    assert cloud.refused(412) == 1
    assert cloud.azure.get(cloud.nics[node])["tags"] == tagged["tags"]
    assert bed.holders() == {bed.id("a")}


@pytest.mark.parametrize("action", [READ, WRITE])
@pytest.mark.parametrize("after", [None, 1])
def test_throttling_is_waited_out(
    action: str, after: int | None, bed: Bed, cloud: IpConfigurationCloud
) -> None:
    """As long as Azure asks for, or for as long as it takes; of reads side by side none gets through."""
    cloud.azure.faults.throttle(len(cloud.nics) + 1 if action == READ else 2, action, retry_after=after)
    result = bed.up("a", 10.0)
    assert result.errors == ()
    assert bed.holders() == {bed.id("a")}
    assert result.seconds >= (after or 0)


def test_a_retry_after_beyond_the_deadline_ends_there(bed: Bed, cloud: IpConfigurationCloud) -> None:
    """And nothing is asked in between."""
    cloud.azure.faults.throttle(None, WRITE, retry_after=60)
    result = bed.up("a", 1.0)
    assert result.exit_code == TimeUp.exit_code
    assert "throttled by Azure" in _said(result)
    assert cloud.refused(429) == 1
    assert bed.holders() == {bed.id("c")}


def test_a_first_write_that_never_gets_done_is_told_at_the_deadline(
    bed: Bed, cloud: IpConfigurationCloud
) -> None:
    """With the interface that Azure is at. Once that is over, the next `up` goes on from there."""
    cloud.azure.faults.stuck(1, WRITE, on="nic-node3")
    result = bed.up("a", 1.5)
    assert result.exit_code == OutcomeUnknown.exit_code
    assert "still at an operation on network interface rg-vipswitch/nic-node3" in _said(result)
    assert written(cloud) == ["nic-node3"]
    let_end(cloud, None)
    assert bed.up("a").errors == ()
    assert written(cloud) == ["nic-node3", "nic-node1"]


def test_a_last_write_that_is_not_done_at_the_deadline_is_ours_with_a_warning(
    bed: Bed, cloud: IpConfigurationCloud
) -> None:
    """There is nothing left that this node could do."""
    cloud.azure.faults.stuck(1, WRITE, on="nic-node1")
    result = bed.up("a", 2.0)
    assert result.exit_code == 0
    assert any("nic-node1" in warning for warning in result.warnings)


def test_a_token_that_is_refused_is_said(bed: Bed, cloud: IpConfigurationCloud) -> None:
    """Nothing has happened, and people are told where to look."""
    cloud.azure.faults.refuse_tokens()
    result = bed.up("a")
    assert result.exit_code == PermissionDenied.exit_code
    assert "Azure credentials: refused" in _said(result)
    assert written(cloud) == []


def test_a_missing_action_is_named(bed: Bed, cloud: IpConfigurationCloud) -> None:
    """Reading is allowed here, and writing is not."""
    cloud.azure.faults.deny(WRITE)
    result = bed.up("a")
    assert result.exit_code == PermissionDenied.exit_code
    assert f"allow {WRITE} on " in _said(result)
    assert cloud.nics["c"] in _said(result)
    assert bed.holders() == {bed.id("c")}


def test_a_missing_action_on_what_an_interface_refers_to_is_named(
    bed: Bed, cloud: IpConfigurationCloud
) -> None:
    """A write of an interface joins its subnet anew."""
    scope = f"/subscriptions/{cloud.azure.subscription}"
    cloud.azure.roles.give({"Actions": [READ, WRITE]}, client=None, scopes=[scope])
    result = bed.up("a")
    assert result.exit_code == PermissionDenied.exit_code
    assert "Microsoft.Network/virtualNetworks/subnets/join/action" in _said(result)
    assert cloud.subnet.id in _said(result)
    assert bed.holders() == {bed.id("c")}


def test_the_interface_of_a_deallocated_machine_gives_the_address_away(
    bed: Bed, cloud: IpConfigurationCloud
) -> None:
    """It can still be written, which is how the VIP leaves a machine that somebody has stopped."""
    cloud.azure.deallocate(cloud.topology.nodes[2].machine_id)
    assert bed.up("a").errors == ()
    assert bed.holders() == {bed.id("a")}


def test_a_failed_interface_of_our_own_is_written_again(bed: Bed, cloud: IpConfigurationCloud) -> None:
    """It shows the address, and nobody knows whether it works."""
    bed.up("a")
    cloud.azure.faults.fail_operation("InternalServerError", action=WRITE)
    write_as_it_is("a", bed)
    assert bed.status("a").state is State.NOBODY
    assert bed.up("a").errors == ()
    assert cloud.azure.get(cloud.nics["a"])["properties"]["provisioningState"] == "Succeeded"


def test_what_kept_an_earlier_order_from_being_done_does_not_keep_the_next_one(
    bed: Bed, cloud: IpConfigurationCloud
) -> None:
    """It ended after that order had; somebody may have seen to it since."""
    cloud.azure.faults.stuck(1, WRITE, on="nic-node3")
    assert bed.up("a", 1.0).exit_code == OutcomeUnknown.exit_code
    let_end(cloud, Fate("Failed", "SomethingForGood", "It is not possible."))
    assert bed.up("a").errors == ()
    assert bed.holders() == {bed.id("a")}
