"""Static routes.

Rules: a route is made and deleted, never changed; several may have one destination, and the lowest priority
number wins, equal ones share. A destination is canonical and in no subnetwork of the network. What is wrong
with the next hop is a warning, in the operation and on the route, and does not keep the route from being
made; one whose next hop does not run is not in effect. Sources: Route in the discovery document; "Routes" and
"Static routes", VPC documentation; SUSE/ha-sap-terraform-deployments, issue 655 (text).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address, ip_network

from . import errors, networks
from .answers import Json
from .networks import Network
from .operations import Work
from .request import Call
from .store import Store

_NAME = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")
_HOPS = ("nextHopInstance", "nextHopIp", "nextHopGateway", "nextHopVpnTunnel", "nextHopIlb")
_LINKS = ("network", "nextHopInstance", "nextHopGateway", "nextHopVpnTunnel")
_KEPT = ("name", "description", "destRange", "network", "priority", "tags", *_HOPS)
_MOST_PRIORITY = 65535
DEFAULT_PRIORITY = 1000


def insert(store: Store, call: Call) -> Work:
    """What the insertion is to do. Raises GcpError."""
    project = call.names["project"]
    made = asked(store, call.json(), project)
    path = f"projects/{project}/global/routes/{made['name']}"
    claim = f"name {path}"
    if store.rules.name_conflict == "request" and (store.find(path) or store.operations.claimed(claim)):
        raise errors.exists(path)
    made = document(store, path, made)

    def commit() -> list[Json]:
        if store.find(path):
            raise errors.exists(path)
        store.put(path, made)
        return list(warnings(store, made))

    return Work("insert", f"projects/{project}/global", path, commit, made["id"], claims=frozenset([claim]))


def delete(store: Store, call: Call) -> Work:
    """What the deletion is to do. Raises GcpError."""
    path = call.resource
    found = store.get(path)

    def commit() -> list[Json]:
        store.get(path)
        store.remove(path)
        return []

    return Work("delete", path.rpartition("/routes/")[0], path, commit, found["id"])


def asked(store: Store, body: Json, project: str) -> Json:
    """What of a body is kept, with paths for links. Raises GcpError for a route that cannot be."""
    kept = {name: body[name] for name in _KEPT if body.get(name) is not None}
    for name in _LINKS:
        if name in kept:
            kept[name] = store.path(kept[name], project)
    for name in ("name", "destRange", "network"):
        if not kept.get(name):
            raise errors.required(f"resource.{name}")
    if not _NAME.fullmatch(kept["name"]):
        why = "Must be a match of regex '(?:[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?)'"
        raise errors.invalid("resource.name", kept["name"], why)
    kept["priority"] = int(kept.get("priority", DEFAULT_PRIORITY))
    if not 0 <= kept["priority"] <= _MOST_PRIORITY:
        why = f"Must be less than or equal to {_MOST_PRIORITY}"
        raise errors.invalid("resource.priority", kept["priority"], why)
    if store.find(kept["network"]) is None:
        raise errors.invalid(
            "resource.network", body["network"], "The referenced network resource cannot be found."
        )
    _check_hop(store, kept)
    _check_destination(store, kept)
    return kept


def _check_hop(store: Store, route: Json) -> None:
    hops = [name for name in _HOPS if name in route]
    if len(hops) != 1:
        raise errors.invalid("resource.nextHop", "", "Exactly one next hop must be specified.")
    if hops == ["nextHopIp"]:
        try:
            ip_address(route["nextHopIp"])
        except ValueError:
            raise errors.invalid("resource.nextHopIp", route["nextHopIp"], "Must be an IP address.") from None
    instance = route.get("nextHopInstance")
    if instance and instance.split("/")[1] != route["network"].split("/")[1]:
        why = "The next hop instance must be in the project of the network."
        raise errors.invalid("resource.nextHopInstance", instance, why)


def _check_destination(store: Store, route: Json) -> None:
    text = route["destRange"]
    try:
        cidr = ip_network(text)
    except ValueError:
        raise errors.invalid("resource.destRange", text, "Must be a canonical CIDR range.") from None
    if str(cidr) != text:
        raise errors.invalid("resource.destRange", text, "Must be a canonical CIDR range.")
    if hidden := networks.covering(store, route["network"], cidr):
        why = (
            f"{text} hides the address space of the network ({hidden}). Cannot change the routing of packets"
            " destined for the network."
        )
        raise errors.invalid("resource.destRange", text, why)


def document(store: Store, path: str, kept: Json) -> Json:
    """A route as it is kept."""
    head = {"kind": "compute#route", "id": store.id(path), "creationTimestamp": store.stamp()}
    return {**head, **kept, "routeType": "STATIC", "selfLink": path}


def show(store: Store, route: Json) -> Json:
    """With its warnings as they now are."""
    found = list(warnings(store, route))
    return {**route, **({"warnings": found} if found else {})}


def warnings(store: Store, route: Json) -> Iterator[Json]:
    """What is wrong with a route's next hop."""
    path, instance = next_hop(store, route)
    if "nextHopIp" in route and instance is None:
        hop = route["nextHopIp"]
        text = f"Next hop IP address '{hop}' is not assigned to an instance on network"
        yield _warning("NEXT_HOP_ADDRESS_NOT_ASSIGNED", f"{text} '{route['network']}'.", "ip_address", hop)
    elif "nextHopInstance" in route and instance is None:
        yield _warning(
            "NEXT_HOP_INSTANCE_NOT_FOUND", f"Next hop instance '{path}' does not exist.", "instance", path
        )
    elif instance is not None:
        yield from _of_instance(route, path, instance)


def _of_instance(route: Json, path: str, instance: Json) -> Iterator[Json]:
    told = f"Next hop instance '{path}'"
    mine = [nic for nic in instance["networkInterfaces"] if nic["network"] == route["network"]]
    if not mine:
        text = f"{told} does not have a network interface on network '{route['network']}'."
        yield _warning("NEXT_HOP_INSTANCE_NOT_ON_NETWORK", text, "instance", path)
    elif ip_network(route["destRange"]).version == 6 and "ipv6Address" not in mine[0]:
        text = f"{told} does not have an IPv6 interface."
        yield _warning("NEXT_HOP_INSTANCE_HAS_NO_IPV6_INTERFACE", text, "instance", path)
    if not instance["canIpForward"]:
        text = f"{told} cannot forward packets: canIpForward is not set."
        yield _warning("NEXT_HOP_CANNOT_IP_FORWARD", text, "instance", path)
    if instance["status"] != "RUNNING":
        yield _warning("NEXT_HOP_NOT_RUNNING", f"{told} is not running.", "instance", path)


def _warning(code: str, message: str, key: str, value: str) -> Json:
    return {"code": code, "message": message, "data": [{"key": key, "value": value}]}


def next_hop(store: Store, route: Json) -> tuple[str, Json | None]:
    """The instance that a route leads to, by its path; None if there is none."""
    if "nextHopInstance" in route:
        return route["nextHopInstance"], store.find(route["nextHopInstance"])
    for path, instance in store.of_kind("instances") if "nextHopIp" in route else ():
        for nic in instance["networkInterfaces"]:
            if nic["network"] == route["network"] and route["nextHopIp"] in _own(nic):
                return path, instance
    return "", None


def _own(nic: Json) -> list[str]:
    return [nic["networkIP"], *([nic["ipv6Address"]] if "ipv6Address" in nic else [])]


def effective(store: Store, network: str, destination: Network) -> list[str]:
    """The instances that get a destination's packets: several share them, none means that they are lost."""
    found: dict[int, list[str]] = {}
    for _, route in store.of_kind("routes"):
        if route["network"] == network and ip_network(route["destRange"]) == destination:
            path, instance = next_hop(store, route)
            if instance is not None and instance["status"] == "RUNNING":
                found.setdefault(route["priority"], []).append(path)
    return found[min(found)] if found else []
