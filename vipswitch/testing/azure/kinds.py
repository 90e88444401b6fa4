"""The kinds of resources: how each is completed when it is written, and shown when it is read.

Rules: a kind without an entry is kept and shown as it was written. What the service itself knows of a
resource (`provisioningState`, etags, ids, types, `fixed`) is put in at each read and never taken from a
request.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from . import addresses, ids, networks, nics, public_ips, route_tables
from .answers import Json, copied
from .errors import bad_request
from .ids import Target
from .store import Resource, Store

Complete = Callable[[Store, Resource, Resource | None], None]

_COMPLETE: Mapping[str, Complete] = {
    ids.NIC: nics.complete,
    ids.TABLE: route_tables.complete,
    ids.PUBLIC_IP: public_ips.complete,
    ids.VNET: networks.complete,
}
_READ_ONLY = ("id", "name", "type", "etag")
_READ_ONLY_PROPERTIES = {
    ids.NIC: ("resourceGuid", "macAddress", "virtualMachine", "primary"),
    ids.TABLE: ("resourceGuid", "subnets"),
    ids.PUBLIC_IP: ("resourceGuid", "ipConfiguration"),
    ids.VNET: ("resourceGuid",),
}


def complete(store: Store, resource: Resource, old: Resource | None) -> None:
    """Adds what was left open. Raises ArmError for a resource that cannot be."""
    if known := _COMPLETE.get(resource.target.type):
        known(store, resource, old)


def check_unused(store: Store, resource: Resource) -> None:
    """Raises ArmError for a resource that another one needs, and that cannot go before that."""
    if resource.target.type == ids.PUBLIC_IP and (by := addresses.holder(store, resource.id.lower())):
        code, by = "PublicIPAddressCannotBeDeleted", f"it is still allocated to resource {by}"
    elif resource.target.type == ids.TABLE and (found := route_tables.subnets(store, resource)):
        code, by = "InUseRouteTableCannotBeDeleted", f"it is in use by resource {found[0]['id']}"
    elif "virtualMachine" in resource.fixed:
        code, by = "NicInUse", f"it is used by existing resource {resource.fixed['virtualMachine']['id']}"
    else:
        return
    raise bad_request(code, f"Resource {resource.id} cannot be deleted since {by}.")


def asked(target: Target, body: Json) -> Json:
    """What of a request's body the client has a say in. Raises ArmError for one of another shape."""
    kept = _asked(body)
    for name in _READ_ONLY_PROPERTIES.get(target.type, ()):
        kept["properties"].pop(name, None)
    children = ids.CHILDREN.get(target.type, "")
    if entries := kept["properties"].get(children):
        kept["properties"][children] = [child(entry.get("name"), entry) for entry in entries]
    return kept


def child(name: str | None, body: Json) -> Json:
    """An entry of a list in its parent, as it is kept. Raises ArmError for one without a name."""
    if not name:
        raise bad_request("InvalidRequestFormat", "Cannot parse the request: an entry has no name.")
    return {"name": name, **_asked(body)}


def _asked(body: Json) -> Json:
    kept = {name: value for name, value in copied(body).items() if name not in _READ_ONLY}
    kept["properties"] = kept.get("properties") or {}
    kept["properties"].pop("provisioningState", None)
    return kept


def show(store: Store, resource: Resource) -> Json:
    """The whole resource."""
    body = copied(resource.body)
    properties = body.pop("properties", {})
    if resource.target.type in ids.CHILDREN:
        properties[ids.CHILDREN[resource.target.type]] = [
            show_child(resource, entry) for entry in resource.children()
        ]
    more = _more(store, resource)
    head = {
        "name": resource.target.name,
        "id": resource.id,
        "etag": resource.etag,
        "type": resource.target.type,
    }
    return {
        **head,
        **body,
        "properties": {"provisioningState": resource.state, **properties, **copied(resource.fixed), **more},
    }


def show_child(parent: Resource, entry: Json) -> Json:
    """One entry of the list in a resource."""
    children = ids.CHILDREN[parent.target.type]
    body = copied(entry)
    properties = body.pop("properties", {})
    state = body.pop("deleting", None) or parent.state
    head = {"name": entry["name"], "id": f"{parent.id}/{children}/{entry['name']}", "etag": parent.etag}
    return {
        **body,
        **head,
        "properties": {"provisioningState": state, **properties},
        "type": f"{parent.target.type}/{children}",
    }


def _more(store: Store, resource: Resource) -> Json:
    """What follows from other resources."""
    if resource.target.type == ids.PUBLIC_IP:
        return public_ips.holder(store, resource)
    if resource.target.type == ids.TABLE:
        found = route_tables.subnets(store, resource)
        return {"subnets": found} if found else {}
    return {}
