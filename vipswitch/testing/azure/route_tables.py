"""Route tables: the rules by which routes are accepted, and what the service adds.

Rules: a table's routes are part of it and carry its etag; prefixes and names are unique in a table; only a
virtual appliance has a next hop address. A table's tags are its own. Source: azure-cli's recording
test_network_route_table_operation; "Virtual network traffic routing".
"""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from . import ids
from .answers import Json
from .errors import bad_request
from .store import Resource, Store

_HOPS = ("VirtualNetworkGateway", "VnetLocal", "Internet", "VirtualAppliance", "None")
_MOST_ROUTES = 400


def complete(store: Store, table: Resource, old: Resource | None) -> None:
    """Adds what was left open. Raises ArmError for a table that cannot be."""
    table.fixed.setdefault("resourceGuid", store.guids.next())
    table.body["properties"].setdefault("disableBgpRoutePropagation", False)
    routes = table.children()
    if len(routes) > _MOST_ROUTES:
        raise bad_request("RouteTableRoutesLimitExceeded", f"Route table {table.id} has too many routes.")
    seen: dict[str, str] = {}
    for route in routes:
        _check(table, route)
        other = seen.setdefault(str(ip_network(route["properties"]["addressPrefix"])), route["name"])
        if other != route["name"]:
            raise _conflict(table, route, other)


def subnets(store: Store, table: Resource) -> list[Json]:
    """The subnets whose traffic the table decides."""
    return [
        {"id": f"{vnet.id}/subnets/{subnet['name']}"}
        for vnet in store.all(ids.VNET)
        for subnet in vnet.children()
        if ids.same(subnet["properties"].get("routeTable", {}).get("id", ""), table.id)
    ]


def _check(table: Resource, route: Json) -> None:
    properties = route["properties"]
    properties.setdefault("hasBgpOverride", False)
    id_, prefix, hop = (
        f"{table.id}/routes/{route['name']}",
        properties.get("addressPrefix"),
        properties.get("nextHopType"),
    )
    if not _parses(ip_network, prefix):
        raise bad_request(
            "InvalidAddressPrefixFormat",
            f"Address prefix {prefix} of resource {id_} is not formatted correctly.",
        )
    if hop not in _HOPS:
        raise bad_request("InvalidRequestFormat", f"Cannot parse the request: {hop} is no next hop type.")
    address = properties.get("nextHopIpAddress")
    if hop == "VirtualAppliance" and not _parses(ip_address, address):
        raise bad_request(
            "RouteNextHopIpAddressRequired",
            f"Route {id_} of type VirtualAppliance needs a next hop IP address.",
        )
    if hop != "VirtualAppliance" and address:
        raise bad_request(
            "RouteNextHopIpAddressNotAllowed", f"Route {id_} of type {hop} cannot have a next hop IP address."
        )


def _parses(parse: object, text: str | None) -> bool:
    try:
        parse(text)  # type: ignore[operator]
    except ValueError:
        return False
    return text is not None


def _conflict(table: Resource, route: Json, other: str) -> Exception:
    text = (
        f"Route {table.id}/routes/{route['name']} has the same address prefix"
        f" {route['properties']['addressPrefix']} as route {other}."
    )
    return bad_request("RouteConflict", text)
