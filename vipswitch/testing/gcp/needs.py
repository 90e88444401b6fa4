"""Which permissions a call needs, and on what.

Rules: each method its own, on what its path names (a list on the project); a route also
compute.networks.updatePolicy on its network, and compute.instances.use on the instance that it leads to; a
new access config compute.subnetworks.useExternalIp, and compute.addresses.use for an address that is named;
a NIC's change compute.subnetworks.use, and compute.addresses.useInternal for an alias on a reserved address.
A change of records needs, besides its own, those of what it does. Sources: "IAM permissions" of each method
in the API reference; "Access control", Cloud DNS.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network

from . import addresses
from .answers import Json
from .errors import GcpError
from .request import Call
from .store import Store

Need = tuple[str, str]


def of(store: Store, call: Call) -> Iterator[Need]:
    """Each permission with the path where it is needed; what the body says is looked at as far as it goes."""
    assert call.method
    for permission in call.method.permissions:
        yield permission, _where(call)
    try:
        body = call.json() if call.method.takes else {}
    except GcpError:
        return
    if call.action in ("compute.routes.insert", "compute.routes.delete"):
        yield from _of_route(store, call, body)
    elif call.action == "compute.instances.updateNetworkInterface":
        yield from _of_aliases(store, call, body)
    elif call.action == "compute.instances.addAccessConfig":
        yield from _of_config(store, call, body)
    elif call.action == "dns.changes.create":
        yield from _of_change(call, body)


def _where(call: Call) -> str:
    lists = call.action.endswith((".list", ".aggregatedList"))
    return f"projects/{call.names['project']}" if lists else call.resource


def _of_route(store: Store, call: Call, body: Json) -> Iterator[Need]:
    project = call.names["project"]
    route = body if call.action.endswith("insert") else store.find(call.resource) or {}
    if network := route.get("network"):
        yield "compute.networks.updatePolicy", store.path(network, project)
    if body.get("nextHopInstance") and store.rules.next_hop_needs_use:
        yield "compute.instances.use", store.path(body["nextHopInstance"], project)


def _nic(store: Store, call: Call) -> Json:
    found = store.find(call.resource) or {}
    name = call.query.get("networkInterface")
    return next((nic for nic in found.get("networkInterfaces", ()) if nic["name"] == name), {})


def _of_aliases(store: Store, call: Call, body: Json) -> Iterator[Need]:
    nic = _nic(store, call)
    if not nic:
        return
    yield "compute.subnetworks.use", nic["subnetwork"]
    wanted = [str(one.get("ipCidrRange", "")).split("/")[0] for one in body.get("aliasIpRanges") or ()]
    mine = [str(ip_network(one["ipCidrRange"])[0]) for one in nic.get("aliasIpRanges", ())]
    for path, one in store.of_kind("addresses"):
        if one["addressType"] == "INTERNAL" and one["address"] in set(wanted) - set(mine):
            yield "compute.addresses.useInternal", path


def _of_config(store: Store, call: Call, body: Json) -> Iterator[Need]:
    if nic := _nic(store, call):
        yield "compute.subnetworks.useExternalIp", nic["subnetwork"]
    region = addresses.region_of(call.resource)
    for path, one in store.of_kind("addresses"):
        if one["address"] == body.get("natIP") and path.startswith(f"{region}/"):
            yield "compute.addresses.use", path


def _of_change(call: Call, body: Json) -> Iterator[Need]:
    zone = call.resource.rpartition("/changes")[0]
    gone = {(one.get("name"), one.get("type")) for one in body.get("deletions") or ()}
    made = {(one.get("name"), one.get("type")) for one in body.get("additions") or ()}
    if made - gone:
        yield "dns.resourceRecordSets.create", zone
    if made & gone:
        yield "dns.resourceRecordSets.update", zone
    if gone - made:
        yield "dns.resourceRecordSets.delete", zone
