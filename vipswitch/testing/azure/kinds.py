"""The kinds of resources: how each is completed when it is written, and shown when it is read.

Rules: a kind without an entry is kept and shown as it was written. What the service itself knows of a
resource (`provisioningState`, etags, ids, types, `fixed`) is put in at each read and never taken from a
request.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from . import ids, networks, nics, public_ips, route_tables
from .answers import Json, copied
from .store import Resource, Store

Complete = Callable[[Store, Resource, Resource | None], None]

_COMPLETE: Mapping[str, Complete] = {
    ids.NIC: nics.complete,
    ids.TABLE: route_tables.complete,
    ids.PUBLIC_IP: public_ips.complete,
    ids.VNET: networks.complete,
}
_READ_ONLY = ("id", "name", "type", "etag")


def complete(store: Store, resource: Resource, old: Resource | None) -> None:
    """Adds what was left open. Raises ArmError for a resource that cannot be."""
    if known := _COMPLETE.get(resource.target.type):
        known(store, resource, old)


def asked(body: Json) -> Json:
    """What of a request's body the client has a say in."""
    kept = {name: value for name, value in copied(body).items() if name not in _READ_ONLY}
    properties = kept.setdefault("properties", {}) or {}
    properties.pop("provisioningState", None)
    for children in ids.CHILDREN.values():
        if isinstance(properties.get(children), list):
            properties[children] = [child(entry["name"], entry) for entry in properties[children]]
    return {**kept, "properties": properties}


def child(name: str, body: Json) -> Json:
    """An entry of a list in its parent, as it is kept."""
    return {"name": name, **asked(body)}


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
