"""Static routes: what is accepted, what is in effect, and what is only warned of."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

import pytest

from tests.gcp.client import Plain, failed, reason, refused
from tests.gcp.place import ROUTED, Place


def _codes(told: dict[str, Any]) -> list[str]:
    return [warning["code"] for warning in told.get("warnings", ())]


def test_a_route_is_there_when_its_operation_has_ended(place: Place, ask: Plain) -> None:
    """And not before, in no kind of reading."""
    operation = ask.done("POST", "global/routes", place.route())
    assert (operation["status"], operation["operationType"]) == ("RUNNING", "insert")
    assert operation["targetLink"] == place.cloud.link("global/routes/vip")
    assert operation["id"].isdigit()
    assert ask("GET", "global/routes/vip").status == 404
    assert place.cloud.next_hops(ROUTED) == []
    assert failed(ask.ended(operation)) is None
    route = ask.json("global/routes/vip")
    assert (route["destRange"], route["priority"], route["network"]) == (ROUTED, 1000, place.network)
    assert place.cloud.next_hops(ROUTED) == [place.nodes[0].path]


def test_names_are_never_used_twice(place: Place, ask: Plain) -> None:
    """409, by whoever, also while the first insert still runs."""
    ask.done("POST", "global/routes", place.route())
    for _ in range(2):
        status, why, text = refused(ask("POST", "global/routes", place.route(node=1)))
        assert (status, why) == (409, "alreadyExists")
        assert text == "The resource 'projects/vipswitch-test/global/routes/vip' already exists"
        place.cloud.finish()
    assert place.cloud.next_hops(ROUTED) == [place.nodes[0].path]


def test_routes_are_never_changed(place: Place, ask: Plain) -> None:
    """There is no method for that."""
    place.cloud.write("POST", "global/routes", place.route())
    for verb in ("PATCH", "PUT"):
        assert ask(verb, "global/routes/vip", {"priority": 1}).status == 404


def test_the_lowest_number_wins_and_equal_ones_share(place: Place) -> None:
    """Several routes may have one destination."""
    for name, node, priority in (("a", 0, 900), ("b", 1, 800), ("c", 0, 800)):
        place.cloud.write("POST", "global/routes", place.route(name, node, priority=priority))
    assert sorted(place.cloud.next_hops(ROUTED)) == sorted(node.path for node in place.nodes)
    place.cloud.write("DELETE", "global/routes/c")
    assert place.cloud.next_hops(ROUTED) == [place.nodes[1].path]
    assert [route["name"] for route in place.cloud.routes()] == ["b", "a"]


def test_a_route_is_deleted_by_its_name(place: Place, ask: Plain) -> None:
    """It is there until the operation has ended; a second deletion finds nothing."""
    place.cloud.write("POST", "global/routes", place.route())
    operation = ask.done("DELETE", "global/routes/vip")
    assert place.cloud.next_hops(ROUTED) == [place.nodes[0].path]
    assert failed(ask.ended(operation)) is None
    assert place.cloud.next_hops(ROUTED) == []
    assert refused(ask("DELETE", "global/routes/vip"))[1:] == (
        "notFound",
        "The resource 'projects/vipswitch-test/global/routes/vip' was not found",
    )


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"destRange": "10.99.0.50"}, "destRange"),
        ({"destRange": "10.99.0.50/24"}, "destRange"),
        ({"destRange": "fd99:0::50/128"}, "destRange"),
        ({"destRange": "nowhere"}, "destRange"),
        ({"priority": 65536}, "priority"),
        ({"priority": -1}, "priority"),
        ({"name": "Vip"}, "name"),
        ({"name": "v" * 64}, "name"),
        ({"name": "vip-"}, "name"),
        ({"network": "global/networks/none"}, "network"),
        ({"nextHopIp": "10.0.1.4"}, "nextHop"),
        ({"nextHopInstance": None}, "nextHop"),
        ({"nextHopInstance": None, "nextHopIp": "nowhere"}, "nextHopIp"),
    ],
)
def test_a_route_must_make_sense(body: dict[str, Any], field: str, place: Place, ask: Plain) -> None:
    """400, and the field is named."""
    status, why, text = refused(ask("POST", "global/routes", {**place.route(), **body}))
    assert (status, why) == (400, "invalid")
    assert f"'resource.{field}'" in text


@pytest.mark.parametrize("field", ["name", "destRange", "network"])
def test_what_a_route_needs_is_asked_for(field: str, place: Place, ask: Plain) -> None:
    """400 required."""
    body = {name: value for name, value in place.route().items() if name != field}
    assert reason(ask("POST", "global/routes", body)) == (400, "required")


@pytest.mark.parametrize(
    "destination", ["10.0.1.50/32", "10.0.101.0/24", "10.21.0.7/32", "fd20:0:0:1::7/128"]
)
def test_a_destination_in_a_subnetwork_is_refused(destination: str, place: Place, ask: Plain) -> None:
    """Of the primary, the secondary and the IPv6 ranges; a wider one is no matter."""
    status, _, text = refused(ask("POST", "global/routes", place.route(destRange=destination)))
    assert status == 400
    assert "hides the address space of the network" in text
    assert "Cannot change the routing of packets destined for the network." in text
    assert ask("POST", "global/routes", place.route(destRange="10.0.0.0/8")).status == 200


def test_a_route_of_another_network_sees_no_subnetwork_of_this_one(place: Place, ask: Plain) -> None:
    """Ranges count within their network."""
    place.cloud.add_network("other")
    body = place.route(destRange="10.0.1.50/32", network="global/networks/other")
    assert ask("POST", "global/routes", body).status == 200


@pytest.mark.parametrize("network", ["global/networks/vpc", "projects/vipswitch-test/global/networks/vpc"])
def test_links_are_taken_in_any_form(network: str, place: Place, ask: Plain) -> None:
    """And told as whole URLs."""
    hop = f"zones/{place.nodes[0].zone}/instances/node1"
    ask.ended(ask.done("POST", "global/routes", place.route(network=network, nextHopInstance=hop)))
    route = ask.json("global/routes/vip")
    assert (route["network"], route["nextHopInstance"]) == (
        place.network,
        place.cloud.link(place.nodes[0].path),
    )


@pytest.mark.parametrize(
    ("values", "code", "works"),
    [
        ({"status": "TERMINATED"}, "NEXT_HOP_NOT_RUNNING", False),
        ({"canIpForward": False}, "NEXT_HOP_CANNOT_IP_FORWARD", True),
    ],
)
def test_what_is_wrong_with_the_next_hop_is_a_warning(
    values: dict[str, Any], code: str, works: bool, place: Place, ask: Plain
) -> None:
    """In the operation and on the route, as long as it is so; only one that does not run is out of effect."""
    before = ask.ended(ask.done("POST", "global/routes", place.route()))
    place.cloud.set_instance(place.nodes[0].instance, **values)
    after = ask.ended(ask.done("POST", "global/routes", place.route("other", priority=2000)))
    route = ask.json("global/routes/vip")
    assert [_codes(told) for told in (before, after, route)] == [[], [code], [code]]
    assert place.cloud.next_hops(ROUTED) == ([place.nodes[0].path] if works else [])


def test_a_next_hop_that_is_gone_leaves_its_route(place: Place, ask: Plain) -> None:
    """With a warning, and out of effect: the next best one takes over."""
    for name, node in (("a", 0), ("b", 1)):
        place.cloud.write("POST", "global/routes", place.route(name, node, priority=100 + node))
    place.cloud.remove(place.nodes[0].instance)
    assert _codes(ask.json("global/routes/a")) == ["NEXT_HOP_INSTANCE_NOT_FOUND"]
    assert place.cloud.next_hops(ROUTED) == [place.nodes[1].path]


def test_other_warnings_of_next_hops(place: Place, ask: Plain) -> None:
    """An address that nobody has, another network, and no IPv6."""
    other = place.cloud.add_network("other")
    place.cloud.add_subnetwork("plain", place.topology.network, "10.0.150.0/24")
    from vipswitch.testing.gcp import Nic

    four = place.cloud.add_instance(
        "europe-west1-b/four",
        Nic("projects/vipswitch-test/regions/europe-west1/subnetworks/plain", "10.0.150.4"),
    )
    wanted = {
        "NEXT_HOP_ADDRESS_NOT_ASSIGNED": {"nextHopInstance": None, "nextHopIp": "10.0.1.99"},
        "NEXT_HOP_INSTANCE_NOT_ON_NETWORK": {"network": other},
        "NEXT_HOP_INSTANCE_HAS_NO_IPV6_INTERFACE": {"nextHopInstance": four, "destRange": "fd99::50/128"},
    }
    for number, (code, body) in enumerate(wanted.items()):
        operation = ask.done("POST", "global/routes", {**place.route(f"r{number}"), **body})
        assert _codes(ask.ended(operation)) == [code]


def test_a_next_hop_may_be_an_address(place: Place, ask: Plain) -> None:
    """It leads to whoever has that as its own, of either family."""
    for number, (destination, hop) in enumerate(((ROUTED, "10.0.1.5"), ("fd99::50/128", "fd20:0:0:1::5"))):
        body = {**place.route(f"r{number}", destRange=destination), "nextHopInstance": None, "nextHopIp": hop}
        assert _codes(ask.ended(ask.done("POST", "global/routes", body))) == []
        assert place.cloud.next_hops(str(ip_network(destination))) == [place.nodes[1].path]


def test_a_shared_network_is_in_its_host_project(place: Place, ask: Plain) -> None:
    """A route is made where its network is, and leads to an address: an instance there must be its own."""
    place.cloud.add_project("host", "999999999999")
    shared = place.cloud.add_network("shared", project="host")
    path = "/compute/v1/projects/host/global/routes"
    body = place.route(network=shared)
    assert reason(ask("POST", path, body)) == (400, "invalid")
    del body["nextHopInstance"]
    assert ask("POST", path, {**body, "nextHopIp": "10.0.1.4"}).status == 200
    assert ask("GET", "/compute/v1/projects/999999999999/global/networks/shared").status == 200


def test_routes_are_found_by_destination_and_network(place: Place, ask: Plain) -> None:
    """As a provider asks for them."""
    place.cloud.write("POST", "global/routes", place.route("a"))
    place.cloud.write("POST", "global/routes", place.route("b", destRange="10.99.0.51/32"))
    asked = f'(destRange="{ROUTED}") AND (network="{place.network}")'
    assert [one["name"] for one in ask.json("global/routes", filter=asked)["items"]] == ["a"]
    assert "items" not in ask.json("global/routes", filter=f'destRange="{ROUTED}" AND network="elsewhere"')


def test_lists_come_in_pages(place: Place, ask: Plain) -> None:
    """If that is asked for."""
    for number in range(5):
        place.cloud.write("POST", "global/routes", place.route(f"r{number}"))
    names: list[str] = []
    page = {"pageToken": ""}
    while page:
        told = ask.json("global/routes", maxResults="2", **page)
        names += [one["name"] for one in told["items"]]
        page = {"pageToken": told["nextPageToken"]} if "nextPageToken" in told else {}
    assert names == [f"r{number}" for number in range(5)]
    assert reason(ask("GET", "global/routes", maxResults="501")) == (400, "invalid")
