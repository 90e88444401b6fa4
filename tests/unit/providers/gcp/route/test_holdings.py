"""What the routes of a place say of it."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address, ip_network

import pytest

from vipswitch.model import Holding, NodeId
from vipswitch.providers.gcp.ids import INSTANCES, Resource
from vipswitch.providers.gcp.route.holdings import BUSY, Token, holding, parsed, standing
from vipswitch.providers.gcp.route.routes import Route
from vipswitch.providers.gcp.route.slots import family, name_of

FAMILY = family("vpc", ip_address("10.99.0.50"))
A, B = (Resource("p-project", "zones/z", INSTANCES, name) for name in "ab")
MINE = NodeId("z/a")


def route(priority: int, instance: Resource | None = A, name: str = "", **more: object) -> Route:
    """One of ours, unless it has a name."""
    made = Route(
        name or name_of(FAMILY, priority),
        "vpc",
        ip_network("10.99.0.50/32"),
        priority,
        hop="x",
        instance=instance,
    )
    return replace(made, **more)  # type: ignore[arg-type]


def seen(
    *routes: Route, mine: NodeId | None = MINE, own: tuple[str, ...] = (), writing: bool = False
) -> Holding:
    """How the place is read, by node a."""
    found = standing(routes, FAMILY)
    return holding(found, spell=lambda id: id.node("p-project"), mine=mine, own=own, writing=writing)


def test_no_route_is_nobody() -> None:
    """There is nothing that a write could be bound to."""
    assert seen() == Holding(None)


def test_the_lowest_number_counts() -> None:
    """Whatever else there is, in whatever order it comes."""
    for routes in ([route(7, A), route(9, B)], [route(9, B), route(7, A)]):
        found = seen(*routes)
        assert found.holder == "z/a"
        assert parsed(found.token) == Token(7, (name_of(FAMILY, 7),), (name_of(FAMILY, 9),))
        assert found.leftovers


def test_what_others_made_is_told_of_and_not_left_over() -> None:
    """It is not ours to delete."""
    found = seen(route(2000, A), route(3000, B, name="by-hand"))
    assert not found.leftovers
    assert found.note == "not made by vipswitch: by-hand"


def test_somebody_s_better_route_holds_the_place() -> None:
    """A takeover has to be better than that."""
    found = seen(route(2000, A), route(1500, B, name="by-hand"))
    assert (found.holder, parsed(found.token).priority) == ("z/b", 1500)
    assert found.leftovers


def test_several_best_routes_are_no_one_s() -> None:
    """They share the traffic; it is mended by a better route, as any other takeover is."""
    found = seen(route(1000, A), route(1000, B, name="by-hand"))
    assert found.holder not in ("z/a", "z/b")
    assert "2 routes share its traffic" in found.note
    assert seen(route(1000, A), route(1000, A, name="by-hand")).holder == "z/a"


@pytest.mark.parametrize("hop", ["default-internet-gateway", "ilb-1", "nowhere"])
def test_what_is_no_instance_is_no_node(hop: str) -> None:
    """It holds the place all the same: packets go there."""
    found = seen(route(1000, None, hop=hop))
    assert (found.holder, "is no instance" in found.note) == (hop, True)


def test_a_route_to_an_address_is_a_node_s() -> None:
    """This one's by its address; another's by what its maker has written; else it is only an address."""
    address = ip_address("10.0.1.4")
    assert seen(route(1, None, address=address), own=("10.0.1.4",)).holder == "z/a"
    assert seen(route(1, None, address=address, told=B), own=("10.0.1.5",)).holder == "z/b"
    assert seen(route(1, None, address=address, hop="10.0.1.4"), mine=None).holder == "10.0.1.4"


def test_a_project_may_be_called_by_its_number() -> None:
    """Whoever made the route has written its name; a description that is about another is not believed."""
    numbered = replace(B, project="123456789012")
    assert seen(route(1, numbered, told=B)).holder == "z/b"
    assert seen(route(1, numbered, told=A)).holder == "123456789012/z/b"


def test_what_is_wrong_with_it_is_told() -> None:
    """Google warns of a next hop that cannot do its work, tags narrow a route, and the end comes near."""
    found = seen(route(999, A, warnings=("NEXT_HOP_CANNOT_IP_FORWARD",), tags=("db", "web")))
    assert "NEXT_HOP_CANNOT_IP_FORWARD" in found.note
    assert "only for instances tagged db, web" in found.note
    assert "999 takeovers are left" in found.note


def test_what_is_under_way_is_not_settled() -> None:
    """Another write waits, and a place that looks as ours may soon not be."""
    for found in (seen(writing=True), seen(route(7), writing=True)):
        assert found.busy
        assert BUSY in found.note
    assert not seen(route(7), writing=True).settled
