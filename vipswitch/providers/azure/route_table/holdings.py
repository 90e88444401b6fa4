"""What a route table says of a place: who holds it, and what a claim of it is bound to.

Rules: pure. A place is known by the route's destination, whatever the route is called. A token is the table's
etag, and the route's name if there is one.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_network
from typing import TYPE_CHECKING

from vipswitch.errors import ConfigError
from vipswitch.model import Address, Holding, NodeId, Place
from vipswitch.providers.marks import NOTE, key_of, named_by
from vipswitch.providers.published import whole

if TYPE_CHECKING:
    from vipswitch.providers.azure.route_table.tables import Network, Route, Table

BUSY = "Azure is still updating the table"


def address_of(place: Place) -> Address:
    """The address that the place's route is for."""
    if place.address is None:
        raise ConfigError(f"{place}: no place of a route table")
    return place.address


def destination(place: Place) -> Network:
    """Where its route leads packets for: that address alone."""
    return ip_network(address_of(place))


def name_in(table: Table | None, place: Place) -> str:
    """What the route of a place is called, or will be when vipswitch adds it."""
    route = table.routes.get(destination(place)) if table else None
    return route.name if route else f"vipswitch-{str(place.address).replace(':', '-').replace('.', '-')}"


def holding(
    place: Place, table: Table, *, busy: bool, mine: NodeId | None, nodes: Iterable[NodeId]
) -> Holding:
    """Who holds the place; `nodes` are those whose addresses are known, `mine` this one.

    A route to this node whose last change failed is held by nobody, so that it is written again.
    """
    route = table.routes.get(destination(place))
    if route is None:
        return Holding(None, token=table.etag, busy=busy, note=BUSY if busy else "")
    holder = whole(NodeId(str(route.hop or route.kind)), [*([mine] if mine else []), *nodes])
    released = named_by(table.tag(key_of(address_of(place)))) == str(route.hop)
    undone = route.failed and not busy and holder == mine
    return Holding(
        holder=None if undone else holder,
        token=f"{table.etag} {route.name}",
        note=_note(route, released=released, busy=busy),
        settled=not busy,
        released=released and not undone,
        busy=busy,
    )


def seen_in(token: str) -> tuple[str, str]:
    """The etag in a token, and the route's name; empty where there was no route."""
    etag, _, name = token.partition(" ")
    return etag, name


def _note(route: Route, *, released: bool, busy: bool) -> str:
    """What people should know of a route beside its next hop."""
    notes = {
        BUSY: busy,
        NOTE: released,
        "the last change of it failed": route.failed,
        "not a virtual appliance": route.hop is None,
    }
    return "; ".join(note for note, holds in notes.items() if holds)
