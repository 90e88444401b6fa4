"""An address moves between network interfaces: in which writes, and what they leave alone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.azure_ip_configuration_cloud import IpConfigurationCloud
from tests.contract.azure_nics_cloud import WRITE
from tests.unit.providers.azure.interfaces.looks import (
    but_for_configurations,
    configurations,
    enrich,
    seen_by,
    write_as_it_is,
    written,
)
from vipswitch.errand import Purpose
from vipswitch.errors import Conflict, Halfway, PermissionDenied, Unavailable
from vipswitch.model import State, Verb
from vipswitch.orders import Order
from vipswitch.processes import Process, boot_id
from vipswitch.providers.azure.configurations import Provisioning
from vipswitch.testing.bed import Bed

READ = "Microsoft.Network/networkInterfaces/read"


def test_a_takeover_writes_the_old_interface_and_then_our_own(bed: Bed, cloud: IpConfigurationCloud) -> None:
    """Two writes, and no more."""
    assert bed.up("a").errors == ()
    assert written(cloud) == ["nic-node3", "nic-node1"]


def test_a_clean_stop_saves_the_next_holder_a_write(bed: Bed, cloud: IpConfigurationCloud) -> None:
    """Whoever stops makes the first one; the second one may come while that is still carried out."""
    assert bed.down("c").errors == ()
    assert bed.up("a").errors == ()
    assert written(cloud) == ["nic-node3", "nic-node1"]
    assert bed.holders() == {bed.id("a")}


def test_a_third_interface_that_never_gets_done_keeps_nobody_waiting(
    bed: Bed, cloud: IpConfigurationCloud
) -> None:
    """That of a machine that died in the middle of something, and that never had the address."""
    cloud.azure.faults.stuck(1, WRITE, on="nic-node2")
    assert write_as_it_is("b", bed).state is Provisioning.UPDATING
    assert bed.up("a").errors == ()


def test_writes_change_one_configuration_and_nothing_else(bed: Bed, cloud: IpConfigurationCloud) -> None:
    """Of both interfaces: groups, pools, rules, DNS, tags, other addresses, and what is not known yet."""
    for node in ("a", "c"):
        cloud.change(node, lambda nic, node=node: enrich(nic) if node == "a" else _tag(nic))
    before = {node: cloud.azure.get(nic) for node, nic in cloud.nics.items()}
    assert bed.up("a").errors == ()
    after = {node: cloud.azure.get(nic) for node, nic in cloud.nics.items()}
    for node in ("a", "c"):
        assert but_for_configurations(after[node]) == but_for_configurations(before[node])
    gained, lost = configurations(after["a"]), configurations(before["c"])
    added = gained.pop("vipswitch-primary")
    assert gained == configurations(before["a"])
    assert added["applicationSecurityGroups"] == gained["ipconfig1"]["applicationSecurityGroups"]
    assert "loadBalancerBackendAddressPools" not in added
    assert lost.pop("by-hand-0")["privateIPAddress"] == added["privateIPAddress"]
    assert configurations(after["c"]) == lost
    assert bed.down("a").errors == ()
    cloud.azure.finish()
    assert configurations(cloud.azure.get(cloud.nics["a"])) == configurations(before["a"])


def _tag(nic: dict[str, Any]) -> None:
    nic["tags"] = {"team": "other"}


@pytest.mark.parametrize("next_one", ["a", "b", "c"])
def test_a_crash_between_the_writes_is_repaired_by_the_next_up(
    next_one: str, bed: Bed, cloud: IpConfigurationCloud
) -> None:
    """On any node: it reads that nobody has the address, and makes the second write."""
    provider = cloud.provider("a")
    with pytest.raises(Halfway):
        provider.claim(bed.place(), bed.id("a"), seen_by(provider, bed), bed.deadline())
    assert bed.up(next_one).errors == ()
    assert bed.holders() == {bed.id(next_one)}
    assert len(written(cloud)) == 2


def test_a_crash_between_the_writes_is_repaired_by_the_agent(bed: Bed, cloud: IpConfigurationCloud) -> None:
    """It fills what nobody has; where another node has come meanwhile, that stays."""
    provider = cloud.provider("a")
    for _ in range(2):
        with pytest.raises(Halfway):
            provider.claim(bed.place(), bed.id("a"), seen_by(provider, bed), bed.deadline())
        cloud.azure.finish()
        order = Order("primary", Verb.UP, Process(1_000_000, 1), None, boot_id(), runner=None)
        restored = bed.switches["a"].errand(order, Purpose.RESTORE).run(bed.deadline())
        assert restored.errors == ()
        assert bed.holders() == {bed.id("a")}
        bed.up("c")
    restored = bed.switches["a"].errand(order, Purpose.RESTORE).run(bed.deadline())
    assert restored.lost
    assert bed.holders() == {bed.id("c")}


def test_while_azure_is_at_it_the_place_is_busy(bed: Bed, cloud: IpConfigurationCloud) -> None:
    """And says what is waited for; once it is over, it is not."""
    cloud.azure.arm.operations.gets = 3
    provider = cloud.provider("a")
    with pytest.raises(Halfway):
        provider.claim(bed.place(), bed.id("a"), seen_by(provider, bed), bed.deadline())
    first = seen_by(provider, bed)
    assert (first.holder, first.busy) == (None, True)
    assert "nic-node3" in first.note
    cloud.azure.finish()
    provider.claim(bed.place(), bed.id("a"), seen_by(provider, bed), bed.deadline())
    ours = seen_by(provider, bed)
    assert (ours.holder, ours.busy, ours.settled) == (bed.id("a"), True, False)
    cloud.azure.finish()
    assert seen_by(provider, bed).settled


def test_what_others_do_to_the_old_interface_meanwhile_is_not_waited_for(
    bed: Bed, cloud: IpConfigurationCloud
) -> None:
    """Another VIP leaves it, say: ours has left it once our own write is carried out."""
    provider = cloud.provider("a")
    with pytest.raises(Halfway):
        provider.claim(bed.place(), bed.id("a"), seen_by(provider, bed), bed.deadline())
    cloud.azure.finish()
    cloud.azure.faults.stuck(1, WRITE)
    assert write_as_it_is("c", bed).state is Provisioning.UPDATING
    seen = seen_by(provider, bed)
    assert (seen.holder, seen.busy) == (None, False)
    provider.claim(bed.place(), bed.id("a"), seen, bed.deadline())
    assert bed.holders() == {bed.id("a")}


def test_a_leader_reads_its_own_interface_and_nothing_else(bed: Bed, cloud: IpConfigurationCloud) -> None:
    """As soon as it knows; when that has lost the address, all are read again."""
    provider = bed.switches["a"].provider
    assert bed.up("a").errors == ()
    cloud.azure.journal.clear()
    assert seen_by(provider, bed).holder == bed.id("a")
    assert [call.resource.rpartition("/")[2] for call in cloud.azure.journal.calls()] == ["nic-node1"]
    bed.up("b")
    assert seen_by(provider, bed).holder == bed.id("b")


def test_a_claim_needs_the_reading_that_it_is_made_from(bed: Bed) -> None:
    """A process that was started anew has not read anything."""
    seen = seen_by(bed.switches["a"].provider, bed)
    fresh = bed.cloud.provider("a")
    for unknown in (seen, None):
        with pytest.raises(Conflict):
            fresh.claim(bed.place(), bed.id("a"), unknown, bed.deadline())


def test_a_node_that_may_not_be_read_stops_no_takeover_half_way(
    bed: Bed, cloud: IpConfigurationCloud
) -> None:
    """Once the address was taken off its holder, that node does not have it."""
    cloud.azure.faults.deny(READ, on="nic-node2")
    cloud.azure.faults.deny("*/CheckIPAddressAvailability/read")
    assert bed.up("a").errors == ()
    assert bed.holders() == {bed.id("a")}


def test_what_is_free_the_unreadable_one_has_not(bed: Bed, cloud: IpConfigurationCloud) -> None:
    """A machine was deleted with its interface and, with that, our right to read it."""
    cloud.empty(bed.place())
    cloud.azure.faults.deny(READ, on="nic-node2")
    assert bed.up("a").errors == ()
    assert bed.holders() == {bed.id("a")}


def test_what_the_unreadable_one_has_is_not_taken_for_nobodys(bed: Bed, cloud: IpConfigurationCloud) -> None:
    """It is not free, and nobody visible has it."""
    bed.up("b")
    cloud.azure.finish()
    cloud.azure.journal.clear()
    cloud.azure.faults.deny(READ, on="nic-node2")
    result = bed.up("a")
    assert result.exit_code == PermissionDenied.exit_code
    assert "nic-node2" in result.errors[0].hint
    assert written(cloud) == []
    assert bed.holders() == {bed.id("b")}


def test_what_cannot_be_read_is_not_nobody(bed: Bed, cloud: IpConfigurationCloud) -> None:
    """One node's interface that ARM does not show may have the address."""
    cloud.empty(bed.place())
    cloud.azure.faults.unavailable(None, READ, on="nic-node2")
    cloud.azure.faults.unavailable(None, "*/CheckIPAddressAvailability/read")
    answer = bed.switches["a"].provider.read([bed.place()], bed.deadline())[bed.place()]
    assert isinstance(answer, Unavailable)
    assert bed.status("a").state is State.UNKNOWN


def test_what_another_visibly_has_the_unreadable_one_has_not(bed: Bed, cloud: IpConfigurationCloud) -> None:
    """So the answer does not depend on it, and neither does a takeover."""
    cloud.azure.faults.unavailable(None, READ, on="nic-node2")
    assert seen_by(bed.switches["a"].provider, bed).holder == bed.id("c")
