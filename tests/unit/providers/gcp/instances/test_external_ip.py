"""An external address moves between instances, in two writes or three, each by a name that was read."""

from __future__ import annotations

import pytest

from tests.contract.gcp_external_ip_cloud import ADD, ADDRESSES, DELETE, ExternalIpCloud
from tests.unit.providers.gcp.instances.looks import seen_by
from vipswitch.errors import ConfigError, Conflict, Halfway, Refused
from vipswitch.model import Place, Vip
from vipswitch.providers.gcp.external_ip.provider import GcpExternalIp
from vipswitch.providers.gcp.external_ip.settings import ExternalIpSettings
from vipswitch.providers.gcp.ids import Name
from vipswitch.settings import parse
from vipswitch.testing.bed import Bed
from vipswitch.testing.cloud import Named
from vipswitch.testing.gcp import REGION

VIP_ONE = ADDRESSES["vip-one"]


def own_address(cloud: ExternalIpCloud, node: str, config: str = "External NAT") -> None:
    """The node gets an ephemeral address on its first interface."""
    body = {"name": config, "type": "ONE_TO_ONE_NAT"}
    cloud.gcp.write("POST", f"{cloud.ids[node]}/addAccessConfig", body, networkInterface="nic0")


def given(cloud: ExternalIpCloud, node: str = "a", **more: object) -> GcpExternalIp:
    """The provider with other settings."""
    keys = {**cloud.account(), "external_ip": (Name("vip-one"),), **more}
    folder = cloud.folder / f"{node}-given"
    folder.mkdir(exist_ok=True)
    machine = Named(cloud.ids[node], folder, nodes=list(cloud.ids.values()))
    return GcpExternalIp(ExternalIpSettings(**keys), cloud.vip, machine)  # type: ignore[arg-type]  # of keys


def test_a_takeover_takes_two_writes(external_bed: Bed, external: ExternalIpCloud) -> None:
    """Off the old instance, onto our own; the host has nothing to do."""
    assert external_bed.up("a", 20.0).errors == ()
    assert external.written() == ["deleteAccessConfig node3", "addAccessConfig node1"]
    assert external.configs("a") == {"nic0": [VIP_ONE], "nic1": []}


def test_an_address_of_our_own_goes_right_before(external_bed: Bed, external: ExternalIpCloud) -> None:
    """By its own name, and after the VIP is free."""
    own_address(external, "a", "my way out")
    assert external_bed.up("a", 20.0).errors == ()
    assert external.written() == [
        "deleteAccessConfig node3",
        "deleteAccessConfig node1",
        "addAccessConfig node1",
    ]
    queries = [call.query for call in external.gcp.journal.writes()]
    assert "accessConfig=my way out" in queries[1].replace("+", " ")
    assert external.configs("a") == {"nic0": [VIP_ONE], "nic1": []}


def test_a_crash_between_the_writes_is_made_good(external_bed: Bed, external: ExternalIpCloud) -> None:
    """Whoever reads that nobody has it makes the next write: here another node."""
    own_address(external, "a")
    provider, place, deadline = external.provider("a"), external_bed.place(), external_bed.deadline()
    for _ in range(2):
        with pytest.raises(Halfway):
            provider.claim(place, external_bed.id("a"), seen_by(provider, external_bed), deadline)
        external.gcp.finish()
    assert external_bed.holders() == {None}
    assert external_bed.up("b", 20.0).errors == ()
    assert external_bed.holders() == {external_bed.id("b")}


def test_each_acquisition_has_a_name_of_its_own(external_bed: Bed, external: ExternalIpCloud) -> None:
    """A deletion that comes late finds nothing."""
    names: list[str] = []
    for node in ("a", "b", "a", "b"):
        external_bed.up(node, 20.0)
        names += external.names_on(node)
    assert len(set(names)) == 4
    assert all(name.startswith("vipswitch-primary-") for name in names)


def test_down_deletes_our_own_by_its_name(external_bed: Bed, external: ExternalIpCloud) -> None:
    """And leaves the other interface alone."""
    external_bed.up("a", 20.0)
    body = {"name": "External NAT", "type": "ONE_TO_ONE_NAT"}
    external.gcp.write("POST", f"{external.ids['a']}/addAccessConfig", body, networkInterface="nic1")
    assert external_bed.down("a", 20.0).errors == ()
    external.gcp.finish()
    nic0, nic1 = external.configs("a").values()
    assert (nic0, len(nic1)) == ([], 1)


def test_release_of_what_a_stranger_replaced_is_a_conflict(
    external_bed: Bed, external: ExternalIpCloud
) -> None:
    """The same address on the same interface, under another name."""
    external.gcp.rules.done_at_once = True
    external_bed.up("a", 20.0)
    provider = external.provider("a")
    assert isinstance(provider, GcpExternalIp)
    seen = seen_by(provider, external_bed)
    external.empty(external_bed.place())
    external.give("a", "vip-one", config="by hand")
    with pytest.raises(Conflict):
        provider.release(external_bed.place(), external_bed.id("a"), seen, external_bed.deadline())
    assert external.names_on("a") == ["by hand"]


def test_the_wrong_interface_of_our_own_does_not_count(external_bed: Bed, external: ExternalIpCloud) -> None:
    """It is moved to where it belongs."""
    external.empty(external_bed.place())
    external.give("a", "vip-one", "nic1")
    assert external_bed.up("a", 20.0).errors == ()
    assert external.configs("a") == {"nic0": [VIP_ONE], "nic1": []}


def test_the_old_instance_is_gone(external_bed: Bed, external: ExternalIpCloud) -> None:
    """The address is free."""
    external.gcp.remove(external.ids["c"])
    assert external_bed.up("a", 20.0).errors == ()
    assert external.written() == ["addAccessConfig node1"]


def test_what_is_no_instances_is_refused(external_bed: Bed, external: ExternalIpCloud) -> None:
    """A forwarding rule has it."""
    external.empty(external_bed.place())
    external.gcp.use_address("vip-one", f"regions/{REGION}/forwardingRules/web")
    result = external_bed.up("a", 5.0)
    assert result.exit_code == Refused.exit_code
    assert "forwardingRules/web" in result.errors[0].message


def test_only_from_the_nodes_that_are_named(external_bed: Bed, external: ExternalIpCloud) -> None:
    """Where the key `nodes` names them."""
    nodes = (Name("node1", f"{REGION}-b"), Name("node2", f"{REGION}-c"))
    provider = given(external, nodes=nodes, network_interface=("nic0",))
    place = Place("vip-one")
    answer = provider.read([place], external_bed.deadline())[place]
    assert isinstance(answer, Refused)
    assert f"held by {external.ids['c']}, which is none of the nodes" in answer.message


def test_a_node_is_a_node_however_google_calls_its_project(
    external_bed: Bed, external: ExternalIpCloud
) -> None:
    """By its id, or by its number."""
    external.gcp.rules.project_numbers = True
    nodes = tuple(Name(each.name, each.zone) for each in external.topology.nodes)
    provider = given(external, nodes=nodes, network_interface=("nic0",))
    assert seen_by(provider, external_bed).holder == external.ids["c"]


def test_another_vip_stays(external_bed: Bed, external: ExternalIpCloud) -> None:
    """Nothing is taken from the holder for what could not be given to us."""
    own_address(external, "a", "vipswitch-web-0001")
    result = external_bed.up("a", 5.0)
    assert result.exit_code == Refused.exit_code
    assert "which is another VIP" in result.errors[0].message
    assert external.gcp.journal.writes() == ()


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ("projects/vipswitch-test/global/addresses/vip", "is global"),
        ("Not/A/Name/At/All", "is not an address"),
        ("projects/vipswitch-test/regions/r/networks/n", "is not an address"),
    ],
)
def test_the_config_is_told_what_is_no_regional_address(raw: str, why: str) -> None:
    """Before anything is asked of Google."""
    found, problems = parse(ExternalIpSettings, {"external_ip": [raw]}, lambda key: key)
    assert found is None
    assert [why in each.message for each in problems] == [True]


def test_an_address_of_another_region_is_an_error(external_bed: Bed, external: ExternalIpCloud) -> None:
    """It can be no instance's of ours."""
    path = f"projects/{external.gcp.project}/regions/us-east1/addresses/far"
    with external.gcp.api.working:
        near = external.gcp.api.store.get(external.gcp.path(f"regions/{REGION}/addresses/vip-one"))
        external.gcp.api.store.put(path, {**near, "address": "35.0.0.1", "name": "far", "selfLink": path})
    provider = given(external, external_ip=(Name("far", "us-east1"),), network_interface=("nic0",))
    [place] = provider.places
    answer = provider.read([place], external_bed.deadline())[place]
    assert isinstance(answer, ConfigError)
    assert "is of region us-east1, and this node is in europe-west1" in answer.message


def test_an_internal_address_is_an_error(external_bed: Bed, external: ExternalIpCloud) -> None:
    """A reserved one, but not for the outside."""
    external.gcp.add_address("inside", "10.0.1.77", subnetwork=external.topology.nodes[0].subnet.id)
    provider = given(external, external_ip=(Name("inside"),), network_interface=("nic0",))
    [place] = provider.places
    answer = provider.read([place], external_bed.deadline())[place]
    assert isinstance(answer, ConfigError)
    assert "no external IPv4 address" in answer.message


def test_the_tier_is_that_of_the_address(external_bed: Bed, external: ExternalIpCloud) -> None:
    """Google refuses an access config of another one."""
    with external.gcp.api.working:
        path = external.gcp.path(f"regions/{REGION}/addresses/vip-one")
        external.gcp.api.store.change(path, networkTier="STANDARD")
    assert external_bed.up("a", 20.0).errors == ()
    [config] = external.nics("a")[0]["accessConfigs"]
    assert config["networkTier"] == "STANDARD"


def test_several_addresses_need_an_interface_each(external: ExternalIpCloud) -> None:
    """Because one has room for one."""
    with pytest.raises(ConfigError, match="network_interface: 0 given for 2"):
        _ = given(external, external_ip=(Name("vip-one"), Name("vip-two"))).places


def test_the_note_tells_the_address(external_bed: Bed, external: ExternalIpCloud) -> None:
    """The name of a place does not."""
    assert seen_by(external.provider("a"), external_bed).note == VIP_ONE


def test_a_claim_without_a_reading_is_a_conflict(external_bed: Bed, external: ExternalIpCloud) -> None:
    """There is nothing that it could be bound to."""
    with pytest.raises(Conflict):
        external.provider("a").claim(external_bed.place(), external.ids["a"], None, external_bed.deadline())


def test_what_is_asked_is_told_beforehand(external: ExternalIpCloud) -> None:
    """For --dry-run."""
    provider, me = given(external), external.ids["a"]
    assert provider.calls("read", [Place("vip-one")], me) == [
        "addresses.get vip-one",
        f"instances.get {me}",
        "instances.get (the holder, if there is one)",
    ]
    assert [call.split()[0] for call in provider.calls("claim", [Place("vip-one")], me)] == [
        "instances.deleteAccessConfig",
        "instances.deleteAccessConfig",
        "instances.addAccessConfig",
    ]
    assert provider.calls("release", [Place("vip-one")], me) == [
        f"instances.deleteAccessConfig {me} with vip-one"
    ]


def test_names_of_vips_are_made_plain(external_bed: Bed, external: ExternalIpCloud) -> None:
    """A name in the config may be anything."""
    external.vip = Vip("Our.VIP_1", ())
    bed = Bed(external, external.folder)
    assert bed.up("a", 20.0).errors == ()
    [name] = external.names_on("a")
    assert name.startswith("vipswitch-our-vip-1-")
    assert {call.action for call in external.gcp.journal.writes()} == {ADD, DELETE}
