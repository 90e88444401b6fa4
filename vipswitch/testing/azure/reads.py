"""GET of a resource, a list of them, or an operation.

Rules: a GET of one has its etag as a header, a list has none; either counts as a look (`look`) at the
operations that run on what it shows. A child has its parent's etag. Source: azure-cli's recording
test_network_route_table_operation.
"""

from __future__ import annotations

from ..wire import Answer
from . import dns, errors, ids, kinds, machines, networks, zones
from .answers import Json, json_answer
from .errors import ArmError
from .ids import Target
from .request import Call
from .stale import StaleReads
from .store import Resource, Store

OPERATIONS = ("Microsoft.Network/locations/operations", "Microsoft.Network/locations/operationResults")


def get(store: Store, stale: StaleReads, call: Call, target: Target) -> Answer:
    """What a GET is answered. Raises ArmError."""
    if target.type in OPERATIONS:
        return _operation(store, call, target)
    if target.type in dns.RECORD_SETS and not target.listed:
        return _record(store, stale, target)
    if target.type in dns.RECORD_SETS:
        return dns.listed(store, target)
    if target.embedded:
        return _child(store, stale, target)
    if target.type == f"{ids.VNET}/CheckIPAddressAvailability":
        return _availability(store, call, target)
    return _list(store, call, target) if target.listed else _one(store, stale, call, target)


def look(store: Store, target: Target) -> None:
    """Counts a GET as a look at the operations that run on what it shows."""
    if target.type in OPERATIONS:
        return store.operations.look(store.operations.find(target.name))
    if target.listed and not target.embedded:
        for one in tuple(store.listed(target)):
            store.operations.look(one.operation)
        return None
    shown = store.find((target.parent if target.embedded else target).id)
    return store.operations.look(shown.operation if shown else None)


def _one(store: Store, stale: StaleReads, call: Call, target: Target) -> Answer:
    found = stale.shown(target.id, store.find(target.id))
    if found is None:
        raise errors.missing(target.type, "/".join(target.names), target.group or "")
    shown = _show(store, found, call)
    return json_answer(200, shown, {"ETag": shown["etag"]} if "etag" in shown else {})


def _child(store: Store, stale: StaleReads, target: Target) -> Answer:
    parent = stale.shown(target.parent.id, store.find(target.parent.id))
    if parent is None:
        raise errors.missing(target.parent.type, target.parent.name, target.group or "")
    if target.listed:
        return json_answer(200, {"value": [kinds.show_child(parent, one) for one in parent.children()]})
    entry = parent.child(target.name)
    if entry is None:
        raise errors.missing_child(target.id)
    return json_answer(200, kinds.show_child(parent, entry), {"ETag": parent.etag})


def _availability(store: Store, call: Call, target: Target) -> Answer:
    vnet = store.find(target.parent.id)
    if vnet is None:
        raise errors.missing(target.parent.type, target.parent.name, target.group or "")
    return json_answer(200, networks.availability(store, vnet, call.query.get("ipaddress")))


def _record(store: Store, stale: StaleReads, target: Target) -> Answer:
    return dns.get(store, target, stale.shown(target.id, store.find(target.id)))


def _list(store: Store, call: Call, target: Target) -> Answer:
    return json_answer(200, {"value": [_show(store, one, call) for one in store.listed(target)]})


def _show(store: Store, resource: Resource, call: Call) -> Json:
    if resource.target.type == ids.MACHINE:
        return machines.show(resource, call)
    return zones.show(store, resource) if resource.target.type in zones.TYPES else kinds.show(store, resource)


def _operation(store: Store, call: Call, target: Target) -> Answer:
    operation = store.operations.find(target.name)
    if operation is None:
        raise ArmError(404, "OperationNotFound", f"Operation {target.name} not found.", ())
    after = store.rules.retry_after
    headers = {"Retry-After": str(after)} if operation.running and after is not None else {}
    if target.type.endswith("operationResults"):
        return json_answer(202 if operation.running else 204, None, headers)
    return json_answer(200, operation.shown(), headers)
