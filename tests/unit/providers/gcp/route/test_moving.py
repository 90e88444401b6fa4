"""How a route VIP moves, beyond what the contract holds of every method."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.gcp_route_cloud import DELETE, INSERT, GcpRouteCloud
from tests.unit.providers.gcp.rig import StubMachine, soon
from tests.unit.providers.gcp.route.rig import VPC, look, on_node, take
from vipswitch.errors import ConfigError, Conflict, Halfway, PermissionDenied, Refused, Unavailable, Undone
from vipswitch.model import Holding
from vipswitch.providers.gcp.ids import Name
from vipswitch.providers.gcp.route import slots
from vipswitch.providers.gcp.route.provider import GcpRoute
from vipswitch.providers.gcp.route.settings import RouteSettings
from vipswitch.testing.bed import ADDRESS, VIP
from vipswitch.testing.gcp import GcpCloud, build
from vipswitch.testing.gcp.seeds import Nic


def priorities(cloud: GcpRouteCloud) -> list[int]:
    """Of all routes to the VIP."""
    cloud.gcp.finish()
    return [route["priority"] for route in cloud.routes("vpc", ADDRESS)]


def at(cloud: GcpRouteCloud, priority: int, node: str = "b") -> None:
    """Our route of that priority leads to a node."""
    name = slots.name_of(slots.family("vpc", ADDRESS), priority)
    cloud.route("vpc", name, f"{ADDRESS}/32", priority, node)


def test_the_first_route_takes_a_number_at_random(cloud: GcpRouteCloud) -> None:
    """An order's of one range, a repair's of the range behind it."""
    provider = on_node(cloud)
    take(cloud, provider)
    [ordered] = priorities(cloud)
    assert ordered in slots.ORDERED
    cloud.empty(provider.places[0])
    provider.restore(provider.places[0], provider.node(soon()), look(cloud, provider), soon())
    [restored] = priorities(cloud)
    assert restored in slots.RESTORED


def test_each_takeover_is_better_by_one(cloud: GcpRouteCloud) -> None:
    """The one before stays until it is tidied away."""
    at(cloud, 5000)
    for node in "acb":
        take(cloud, on_node(cloud, node=node))
    assert priorities(cloud) == [4997, 4998, 4999, 5000]
    provider = on_node(cloud)
    seen = look(cloud, provider)
    assert seen.leftovers
    provider.tidy(provider.places[0], provider.node(soon()), seen, soon())
    provider.tidy(provider.places[0], provider.node(soon()), seen, soon())
    assert priorities(cloud) == [4997]
    assert not look(cloud, provider).leftovers


def test_near_the_end_people_are_told_and_at_the_end_it_stops(cloud: GcpRouteCloud) -> None:
    """With the way out, which is not taken by itself: it leaves a moment without a route."""
    at(cloud, 1)
    provider = on_node(cloud)
    assert "1 takeovers are left" in look(cloud, provider).note
    take(cloud, provider)
    with pytest.raises(Refused, match="priority 0") as caught:
        take(cloud, on_node(cloud, node="c"))
    assert "`vipswitch down`, then `up`" in caught.value.hint
    assert priorities(cloud) == [0, 1]


def test_down_deletes_what_has_no_effect_first(cloud: GcpRouteCloud) -> None:
    """Then the switch looks, and its own route goes in the second step."""
    for priority, node in ((5000, "c"), (4999, "b"), (4998, "a")):
        at(cloud, priority, node)
    provider, node = on_node(cloud), on_node(cloud).node(soon())
    with pytest.raises(Halfway):
        provider.release(provider.places[0], node, look(cloud, provider), soon())
    assert priorities(cloud) == [4998]
    provider.release(provider.places[0], node, look(cloud, provider), soon())
    assert priorities(cloud) == []


@pytest.mark.parametrize("priority", [1000, 6000])
def test_down_leaves_what_somebody_else_made(cloud: GcpRouteCloud, priority: int) -> None:
    """Also where the packets come here by it; `down` says which one it is."""
    at(cloud, 5000, "a")
    cloud.route("vpc", "by-hand", f"{ADDRESS}/32", priority, "a")
    provider, node = on_node(cloud), on_node(cloud).node(soon())
    with pytest.raises(Refused, match="by-hand, which vipswitch did not make"):
        provider.release(provider.places[0], node, look(cloud, provider), soon())
    assert priorities(cloud) == sorted([5000, priority])


def test_what_another_has_begun_is_looked_for_before_a_first_route(cloud: GcpRouteCloud) -> None:
    """Nobody was there when this node read, somebody is when it writes."""
    provider = on_node(cloud)
    at(cloud, 5000)
    for write in (provider.claim, provider.restore):
        with pytest.raises(Conflict):
            write(provider.places[0], provider.node(soon()), Holding(None), soon())
    seen = look(cloud, provider)
    with pytest.raises(Conflict):
        provider.restore(provider.places[0], provider.node(soon()), seen, soon())


def test_an_operation_that_fails_is_told_by_the_next_look(cloud: GcpRouteCloud) -> None:
    """Once; then the place is what the list says."""
    at(cloud, 5000)
    cloud.gcp.faults.fail_operation("RESOURCE_NOT_READY", action=INSERT)
    provider = on_node(cloud)
    take(cloud, provider)
    answers = [provider.read(provider.places, soon())[provider.places[0]] for _ in range(3)]
    assert [type(each) for each in answers].count(Undone) == 1
    assert isinstance(answers[-1], Holding)
    assert answers[-1].holder == cloud.node_id("b")


def test_a_deletion_goes_on_while_nobody_is_let_in(cloud: GcpRouteCloud) -> None:
    """An `up` right after waits for it: until it is done it looks as if the VIP were here."""
    at(cloud, 5000, "a")
    cloud.gcp.faults.stuck(1, DELETE)
    provider, place = on_node(cloud), on_node(cloud).places[0]
    provider.release(place, provider.node(soon()), look(cloud, provider), soon())
    cloud.gcp.faults.refuse_tokens()
    assert isinstance(on_node(cloud).read([place], soon())[place], Unavailable)
    cloud.gcp.faults.clear()
    seen = on_node(cloud).read([place], soon())[place]
    assert isinstance(seen, Holding)
    assert (seen.holder, seen.busy) == (cloud.node_id("a"), True)


def test_ip_forwarding_that_is_off_is_told_by_up(cloud: GcpRouteCloud) -> None:
    """Google takes the route and drops the packets; both say so."""
    provider = on_node(cloud)
    assert list(provider.prepare(provider.node(soon()), soon())) == []
    cloud.gcp.set_instance(cloud.nodes["a"].path, canIpForward=False)
    [warning] = provider.prepare(provider.node(soon()), soon())
    assert "update-from-file" in warning
    take(cloud, provider)
    assert "NEXT_HOP_CANNOT_IP_FORWARD" in look(cloud, provider).note
    cloud.gcp.faults.deny()
    [warning] = provider.prepare(provider.node(soon()), soon())
    assert "not looked at" in warning


def test_without_networks_it_is_the_one_of_this_node_s_interface(cloud: GcpRouteCloud) -> None:
    """It is known once it was asked for, and kept with who this node is."""
    provider = on_node(cloud, networks=())
    with pytest.raises(ConfigError, match="not known yet"):
        assert provider.places
    provider.discover(soon())
    assert [place.id for place in provider.places] == ["vpc"]
    take(cloud, provider)
    assert look(cloud, on_node(cloud, node="b")).holder == cloud.node_id("a")
    assert provider.tags == {}


def test_a_new_name_is_known_when_the_agent_starts(
    cloud: GcpRouteCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old one may be another instance's by then; while nobody answers what is kept stands."""
    on_node(cloud).discover(soon(), anew=True)
    assert on_node(cloud).node(soon()) == cloud.node_id("a")
    renamed = cloud.nodes["a"]
    cloud.gcp.api.store.change(renamed.path, name="another")
    assert on_node(cloud).node(soon()) == cloud.node_id("a")
    on_node(cloud).discover(soon(), anew=True)
    assert on_node(cloud).node(soon()) == f"{renamed.zone}/another"
    monkeypatch.setenv("GCE_METADATA_HOST", "127.0.0.1:1")
    on_node(cloud).discover(soon(), anew=True)
    assert on_node(cloud).node(soon()) == f"{renamed.zone}/another"


def test_with_a_shared_network_routes_lead_to_addresses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A route of the host project cannot name an instance of a service project; all know whose it is."""
    with GcpCloud() as gcp:
        gcp.add_project("host-project", "999999999999")
        nodes = build(gcp, nodes=2, ipv6=True, network_project="host-project").nodes
        providers = []
        for number, node in enumerate(nodes):
            monkeypatch.setenv("GCE_METADATA_HOST", node.metadata_url.removeprefix("http://"))
            folder = tmp_path / node.name
            folder.mkdir()
            settings = RouteSettings(project=gcp.project, endpoint=gcp.url, ca_file=gcp.ca_file)
            provider = GcpRoute(settings, VIP, StubMachine(folder, address=node.mac))
            provider.discover(soon())
            assert provider.node(soon()) == nodes[number].instance
            providers.append(provider)
        [place] = providers[0].places
        assert place.id == "999999999999/vpc"
        providers[0].claim(place, providers[0].node(soon()), Holding(None), soon())
        gcp.finish()
        [route] = gcp.routes("projects/host-project/global/networks/vpc")
        assert route["nextHopIp"] == str(nodes[0].private_ip)
        for provider in providers:
            answers = [provider.read([place], soon())[place] for _ in range(2)]
            assert [getattr(each, "holder", each) for each in answers][-1] == nodes[0].instance


def test_a_route_leads_to_the_interface_in_its_own_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a node that is in a network of its project by one interface, and in a shared one by another."""
    with GcpCloud() as gcp:
        gcp.add_project("host-project", "999999999999")
        shared = gcp.add_network("shared", project="host-project")
        inside = Nic(gcp.add_subnetwork("inside", shared, "10.50.0.0/24"), "10.50.0.4")
        seed = build(gcp, nodes=1).nodes[0]
        two = gcp.add_instance("europe-west1-d/two", Nic(seed.subnet.id, "10.0.1.9"), inside)
        metadata = gcp.metadata(two, account=seed.account)
        monkeypatch.setenv("GCE_METADATA_HOST", metadata.url.removeprefix("http://"))
        settings = RouteSettings(
            project=gcp.project,
            endpoint=gcp.url,
            ca_file=gcp.ca_file,
            networks=(VPC, Name("shared", project="host-project"), Name("other", project="host-project")),
        )
        mac = gcp.api.store.hidden[two]["nic0"]["mac"]
        provider = GcpRoute(settings, VIP, StubMachine(tmp_path, address=mac))
        own, of_host, other = provider.places
        node = provider.node(soon())
        for place in (own, of_host):
            provider.claim(place, node, Holding(None), soon())
        gcp.finish()
        assert gcp.routes(str(shared))[0]["nextHopIp"] == "10.50.0.4"
        read = [provider.read([own, of_host], soon()) for _ in range(2)][-1]
        assert [getattr(each, "holder", each) for each in read.values()] == [node, node]
        with pytest.raises(ConfigError, match="instance two: has no IPv4 address in host-project/other"):
            provider.claim(other, node, Holding(None), soon())


def test_what_is_not_permitted_is_named(cloud: GcpRouteCloud) -> None:
    """The permission that Google names, which is not that of the method."""
    provider = on_node(cloud)
    at(cloud, 5000)
    cloud.gcp.roles.give([each for grant in provider.grants(soon()) for each in grant.actions])
    take(cloud, provider)
    cloud.gcp.roles.clear()
    cloud.gcp.roles.give(["compute.routes.list", "compute.routes.create", "compute.globalOperations.get"])
    with pytest.raises(PermissionDenied, match=r"compute\.networks\.updatePolicy"):
        take(cloud, on_node(cloud, node="c"))


def test_a_dry_run_names_the_methods(cloud: GcpRouteCloud) -> None:
    """With the destination and the node."""
    provider, node = on_node(cloud), cloud.node_id("a")
    [place] = provider.places
    for call, method in {
        "read": "compute.routes.list",
        "claim": "compute.routes.insert",
        "release": "compute.routes.delete",
        "tidy": "compute.routes.delete",
        "prepare": "compute.instances.get",
    }.items():
        [line] = provider.calls(call, [place], node)  # type: ignore[arg-type]
        assert line.startswith(method)
    assert provider.calls("mark", [place], node) == []
