"""An address moves between instances, one write at a time, and nothing else moves with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.gcp_alias_ip_cloud import UPDATE, AliasIpCloud
from tests.contract.gcp_nics_cloud import GONE
from tests.unit.providers.gcp.instances.looks import seen_by
from vipswitch.errors import ConfigError, Conflict, Halfway, PermissionDenied, Unavailable
from vipswitch.model import NodeId, State
from vipswitch.provider import load
from vipswitch.providers.gcp.alias_ip.provider import GcpAliasIp
from vipswitch.providers.gcp.alias_ip.settings import AliasIpSettings
from vipswitch.providers.tags import Tag
from vipswitch.testing.bed import Bed
from vipswitch.testing.cloud import Named
from vipswitch.testing.gcp import REGION, Nic

GET = "compute.instances.get"
OTHERS: list[dict[str, str]] = [
    {"ipCidrRange": "10.0.1.64/28"},
    {"ipCidrRange": "10.21.0.16/28", "subnetworkRangeName": "vips"},
]


def test_both_providers_are_found_by_their_names() -> None:
    """Without a cloud's SDK."""
    assert load("gcp-alias-ip").__name__ == "GcpAliasIp"
    assert load("gcp-external-ip").__name__ == "GcpExternalIp"


def test_a_takeover_takes_two_writes(bed: Bed, cloud: AliasIpCloud) -> None:
    """Off the old instance, onto our own."""
    assert bed.up("a", 20.0).errors == ()
    assert cloud.written() == ["updateNetworkInterface node3", "updateNetworkInterface node1"]


def test_after_a_clean_down_one_write_is_left(bed: Bed, cloud: AliasIpCloud) -> None:
    """The old holder has made the first one, and really has no range any more."""
    bed.up("a", 20.0)
    bed.down("a", 20.0)
    cloud.gcp.finish()
    assert cloud.ranges("a") == []
    cloud.gcp.journal.clear()
    assert bed.up("b", 20.0).errors == ()
    assert cloud.written() == ["updateNetworkInterface node2"]


def test_other_ranges_are_untouched(bed: Bed, cloud: AliasIpCloud) -> None:
    """On the old instance as on our own, of whatever size and range."""
    vip = cloud.range_of(cloud.vip.addresses[0])
    cloud.set_ranges("c", OTHERS[0], vip)
    cloud.set_ranges("a", OTHERS[1])
    assert bed.up("a", 20.0).errors == ()
    assert cloud.ranges("c") == [OTHERS[0]]
    assert cloud.ranges("a") == [OTHERS[1], vip]


def test_the_first_write_is_halfway(bed: Bed, cloud: AliasIpCloud) -> None:
    """The switch reads again, and waits until the operation is over."""
    provider = cloud.provider("a")
    with pytest.raises(Halfway):
        provider.claim(bed.place(), bed.id("a"), seen_by(provider, bed), bed.deadline())
    assert (between := seen_by(provider, bed)).busy
    assert "still at an operation" in between.note
    cloud.gcp.finish()
    free = seen_by(provider, bed)
    assert (free.holder, free.busy, free.settled) == (None, False, True)
    provider.claim(bed.place(), bed.id("a"), free, bed.deadline())
    cloud.gcp.finish()
    assert seen_by(provider, bed).holder == bed.id("a")


def test_the_next_process_waits_for_what_the_last_one_began(bed: Bed, cloud: AliasIpCloud) -> None:
    """An `up` right after a `down` would else find this node still holding what is being taken from it."""
    bed.up("a", 20.0)
    before = cloud.provider("a")
    assert isinstance(before, GcpAliasIp)
    cloud.gcp.api.store.operations.gets = 10
    before.release(bed.place(), bed.id("a"), seen_by(before, bed), bed.deadline())
    after = cloud.provider("a")
    seen = seen_by(after, bed)
    assert (seen.holder, seen.busy) == (bed.id("a"), True)
    cloud.gcp.finish()
    assert seen_by(after, bed).holder is None


def test_a_claim_without_a_reading_is_a_conflict(bed: Bed, cloud: AliasIpCloud) -> None:
    """There is nothing that it could be bound to."""
    with pytest.raises(Conflict):
        cloud.provider("a").claim(bed.place(), bed.id("a"), None, bed.deadline())
    assert cloud.gcp.journal.writes() == ()


def test_every_write_has_a_request_id_of_its_own(bed: Bed, cloud: AliasIpCloud) -> None:
    """The same one would be the same decision."""
    bed.up("a", 20.0)
    bed.up("b", 20.0)
    queries = [call.query for call in cloud.gcp.journal.writes()]
    assert len({query.split("requestId=")[1] for query in queries}) == 4


def test_a_leader_is_read_alone(bed: Bed, cloud: AliasIpCloud) -> None:
    """What its own interface shows nobody else has."""
    provider = cloud.provider("c")
    seen_by(provider, bed)
    cloud.gcp.journal.clear()
    assert seen_by(provider, bed).holder == bed.id("c")
    assert [call.resource.rpartition("/")[2] for call in cloud.gcp.journal.calls()] == ["node3"]


def test_a_node_that_is_gone_has_nothing(bed: Bed, cloud: AliasIpCloud) -> None:
    """Its instance was deleted, and its alias ranges with it."""
    cloud.gcp.remove(cloud.ids["c"])
    assert bed.up("a", 20.0).errors == ()
    assert bed.holders() == {bed.id("a")}
    assert cloud.written() == ["updateNetworkInterface node1"]


def test_a_node_that_is_deleted_meanwhile_is_looked_at_again(bed: Bed, cloud: AliasIpCloud) -> None:
    """Between the reading and the write."""
    cloud.gcp.faults.foreign_write(UPDATE, lambda: cloud.gcp.remove(cloud.ids["c"]))
    assert bed.up("a", 20.0).errors == ()
    assert bed.holders() == {bed.id("a")}


def test_an_instance_that_is_stopped_keeps_its_ranges(bed: Bed, cloud: AliasIpCloud) -> None:
    """So it is taken off there as from any other."""
    cloud.gcp.set_instance(cloud.ids["c"], status="TERMINATED")
    assert bed.up("a", 20.0).errors == ()
    assert cloud.ranges("c") == []
    assert bed.holders() == {bed.id("a")}


def test_one_that_cannot_be_read_may_have_it(bed: Bed, cloud: AliasIpCloud) -> None:
    """It is not nobody's because we may not look; and what another one shows, this one has not."""
    cloud.gcp.faults.deny(GET, on="node3")
    result = bed.up("a", 5.0)
    assert result.exit_code == PermissionDenied.exit_code
    assert "compute.instances.get" in result.errors[0].hint
    assert cloud.gcp.journal.writes() == ()
    cloud.empty(bed.place())
    cloud.set_ranges("b", cloud.range_of(cloud.vip.addresses[0]))
    assert bed.up("a", 20.0).errors == ()


def test_could_not_look_is_unknown(bed: Bed, cloud: AliasIpCloud) -> None:
    """An instance that does not answer."""
    cloud.gcp.faults.unavailable(None, GET, on="node3")
    assert bed.status("a", 2.0).state is State.UNKNOWN


def test_a_piece_of_a_bigger_range_is_an_error(bed: Bed, cloud: AliasIpCloud) -> None:
    """Nobody has the VIP, and nothing takes a piece out of what somebody has."""
    cloud.set_ranges("c", {"ipCidrRange": "10.0.1.48/29"})
    result = bed.up("a", 5.0)
    assert result.exit_code == ConfigError.exit_code
    assert "is inside 10.0.1.48/29" in result.errors[0].message
    assert cloud.gcp.journal.writes() == ()


def test_an_address_of_no_range_is_an_error(bed: Bed, cloud: AliasIpCloud) -> None:
    """As Google says it."""
    settings = AliasIpSettings(**cloud.account(), range="nowhere")
    provider = GcpAliasIp(settings, cloud.vip, Named(cloud.ids["a"], cloud.folder))
    with pytest.raises(ConfigError, match="nowhere"):
        provider.claim(bed.place(), bed.id("a"), seen_by(provider, bed), bed.deadline())


def test_another_subnetwork_is_said_before_anything_is_taken(bed: Bed, cloud: AliasIpCloud) -> None:
    """Our own interface could not have what is taken off the other one."""
    far = cloud.gcp.add_subnetwork("far", "global/networks/vpc", "10.0.7.0/24")
    cloud.gcp.add_instance(cloud.ids["a"], Nic(far, "10.0.7.4"))
    result = bed.up("a", 5.0)
    assert result.exit_code == ConfigError.exit_code
    assert "in subnetwork subnet1, and this node is in far" in result.errors[0].message
    assert cloud.gcp.journal.writes() == ()


def test_an_interface_in_another_network_is_not_looked_at(bed: Bed, cloud: AliasIpCloud) -> None:
    """The same address there is another one; the interface in our network may be any of them."""
    network = cloud.gcp.add_network("other")
    other = cloud.gcp.add_subnetwork("other1", network, "10.0.1.0/24")
    node = cloud.nodes["b"]
    nics = [Nic(other, "10.0.1.4"), Nic(node.subnet.id, str(node.private_ip))]
    cloud.gcp.add_instance(cloud.ids["b"], *nics)
    vip = cloud.range_of(cloud.vip.addresses[0])
    for name, ranges in (("nic0", [vip]), ("nic1", OTHERS[:1])):
        shown = cloud.gcp.get(cloud.ids["b"])["networkInterfaces"]
        [fingerprint] = [nic["fingerprint"] for nic in shown if nic["name"] == name]
        body = {"aliasIpRanges": ranges, "fingerprint": fingerprint}
        cloud.gcp.write("PATCH", f"{cloud.ids['b']}/updateNetworkInterface", body, networkInterface=name)
    assert bed.up("a", 20.0).errors == ()
    assert cloud.nics("b")[0]["aliasIpRanges"] == [vip]
    assert cloud.has(bed.place(), "a")


def test_a_fault_within_google_is_outlived(bed: Bed, cloud: AliasIpCloud) -> None:
    """Throttled, and asked to wait."""
    cloud.gcp.faults.throttle(2, UPDATE, retry_after=1)
    result = bed.up("a", 20.0)
    assert result.errors == ()
    assert result.seconds >= 1


def test_an_operation_that_never_ends_is_told_at_the_deadline(bed: Bed, cloud: AliasIpCloud) -> None:
    """Nothing more is written meanwhile."""
    cloud.gcp.faults.stuck(None, UPDATE)
    result = bed.up("a", 1.0)
    assert result.exit_code != 0
    assert "still at an operation" in result.errors[0].message
    assert cloud.written() == ["updateNetworkInterface node3"]


def test_nodes_are_found_by_a_label(bed: Bed, cloud: AliasIpCloud) -> None:
    """Ahead of a failover, in all zones; what was found is kept."""
    for name in ("a", "c"):
        cloud.gcp.set_instance(cloud.ids[name], labels={"role": "db"})
    settings = AliasIpSettings(**cloud.account(), nodes=(Tag("role", "db", "label"),))
    provider = GcpAliasIp(settings, cloud.vip, Named(cloud.ids["a"], cloud.folder))
    with pytest.raises(ConfigError, match="label:role=db: not looked up yet"):
        provider.read([bed.place()], bed.deadline())
    provider.discover(bed.deadline())
    assert provider.tags == {"label:role=db": (cloud.ids["a"], cloud.ids["c"])}
    assert seen_by(provider, bed).holder == bed.id("c")
    cloud.gcp.journal.clear()
    provider.discover(bed.deadline())
    assert cloud.gcp.journal.calls() == ()


def test_nodes_of_a_zone_that_cannot_be_reached_are_not_forgotten(bed: Bed, cloud: AliasIpCloud) -> None:
    """Its failure is when they are needed: the VIP is to be taken from there."""
    for name in "abc":
        cloud.gcp.set_instance(cloud.ids[name], labels={"role": "db"})
    settings = AliasIpSettings(**cloud.account(), nodes=(Tag("role", "db", "label"),))
    provider = GcpAliasIp(settings, cloud.vip, Named(cloud.ids["a"], cloud.folder))
    provider.discover(bed.deadline())
    before = provider.tags
    cloud.gcp.rules.unreachable = frozenset([f"zones/{cloud.ids['c'].partition('/')[0]}"])
    with pytest.raises(Unavailable, match="could not look at zones/europe-west1"):
        provider.discover(bed.deadline(), anew=True)
    assert provider.tags == before
    assert seen_by(provider, bed).holder == bed.id("c")


def test_a_label_that_nothing_has_is_an_error(bed: Bed, cloud: AliasIpCloud) -> None:
    """With where it was looked for."""
    settings = AliasIpSettings(**cloud.account(), nodes=(Tag("role", "nobody", "label"),))
    provider = GcpAliasIp(settings, cloud.vip, Named(cloud.ids["a"], cloud.folder))
    with pytest.raises(ConfigError, match="not found") as caught:
        provider.discover(bed.deadline())
    assert cloud.gcp.project in caught.value.hint


class Itself(Named):
    """A machine that the config has no id for."""

    def __init__(self, mac: str, folder: Path, nodes: list[NodeId]) -> None:
        super().__init__(NodeId("-"), folder, nodes=nodes)
        self._mac = mac

    def mac(self) -> str:
        return self._mac

    def node(self) -> NodeId | None:
        return None


def test_a_node_finds_itself_and_its_interface(bed: Bed, cloud: AliasIpCloud) -> None:
    """By the metadata service, and there by the MAC of the VIP's interface."""
    other = cloud.gcp.add_subnetwork("other1", cloud.gcp.add_network("other"), "10.0.1.0/24")
    node = cloud.nodes["a"]
    nics = [Nic(other, "10.0.1.4"), Nic(node.subnet.id, str(node.private_ip))]
    cloud.gcp.add_instance(node.instance, *nics, account=node.account)
    found = cloud.gcp.in_effect(node.instance)
    assert found is not None
    machine = Itself(found["nic1"]["mac"], cloud.folder, list(cloud.ids.values()))
    provider = GcpAliasIp(cloud.settings(), cloud.vip, machine)
    assert provider.node(bed.deadline()) == bed.id("a")
    cloud.empty(bed.place())
    provider.claim(bed.place(), bed.id("a"), seen_by(provider, bed), bed.deadline())
    cloud.gcp.finish()
    assert cloud.nics("a")[1]["aliasIpRanges"] == [cloud.range_of(cloud.vip.addresses[0])]
    assert provider.spelt(NodeId("node1"), bed.deadline()) == bed.id("a")


@pytest.mark.parametrize(
    "written",
    [
        f"{REGION}-b/node1",
        f"vipswitch-test/{REGION}-b/node1",
        f"projects/vipswitch-test/zones/{REGION}-b/instances/node1",
        f"https://compute.googleapis.com/compute/v1/projects/vipswitch-test/zones/{REGION}-b/instances/node1",
    ],
)
def test_a_node_may_be_written_in_several_ways(written: str, bed: Bed, cloud: AliasIpCloud) -> None:
    """Each is the one that is read."""
    provider = cloud.provider("a")
    assert isinstance(provider, GcpAliasIp)
    assert provider.spelt(NodeId(written), bed.deadline()) == cloud.ids["a"]


def test_what_is_asked_is_told_beforehand(cloud: AliasIpCloud, bed: Bed) -> None:
    """For --dry-run."""
    provider, place = cloud.provider("a"), bed.place()
    assert provider.calls("read", [place], cloud.ids["a"]) == [
        *(f"instances.get {cloud.ids[name]}" for name in "abc"),
        f"instances.get {GONE}",
    ]
    assert provider.calls("claim", [place], cloud.ids["a"]) == [
        "instances.updateNetworkInterface (the holder's, if there is one) without 10.0.1.50",
        f"instances.updateNetworkInterface {cloud.ids['a']} with 10.0.1.50",
    ]
    assert provider.calls("release", [place], cloud.ids["a"]) == [
        f"instances.updateNetworkInterface {cloud.ids['a']} without 10.0.1.50"
    ]


def test_trouble_is_unavailable(bed: Bed, cloud: AliasIpCloud) -> None:
    """It was not done, and may be tried again."""
    provider = cloud.provider("a")
    seen = seen_by(provider, bed)
    cloud.gcp.faults.throttle(1, UPDATE)
    with pytest.raises(Unavailable, match="throttled"):
        provider.claim(bed.place(), bed.id("a"), seen, bed.deadline())
