"""PUT, PATCH and DELETE of the network service's resources.

Rules: a write is judged in the order etag, running operation, content; one that is accepted takes effect at
once and goes on as an operation, with the etag new at both ends. A child is written through its parent: one
etag, one operation. A PUT's answer has no ETag header. Source: azure-cli's recordings
test_network_route_table_operation (Updating, and another etag afterwards) and
test_multiple_ipconfigs_remove_by_shorthand (Succeeded with an operation, the etag stays).
"""

from __future__ import annotations

from collections.abc import Callable

from ..wire import Answer
from . import addresses, conflicts, errors, kinds, operations
from .answers import Json, copied, json_answer
from .errors import ArmError
from .ids import Target
from .operations import Fate, Operation
from .request import Call
from .store import Resource, Store

Fates = Callable[[], Fate | None]


def put(store: Store, call: Call, target: Target, fates: Fates) -> Answer:
    """Makes a resource or replaces it whole. Raises ArmError."""
    body = call.json()
    if target.embedded:
        return _put_child(store, call, target, body, fates)
    present = store.find(target.id)
    conflicts.check(store, call, present, target.id, body)
    draft = present.snapshot() if present else Resource(target, {}, "")
    draft.body = kinds.asked(target, body)
    if "location" not in draft.body:
        raise ArmError(400, "LocationRequired", "The location property is required for this definition.")
    kinds.complete(store, draft, present)
    resource, operation = _commit(store, draft, present, fates, f"Put{_noun(target)}Operation")
    return _accepted(store, call, 200 if present else 201, kinds.show(store, resource), operation)


def _put_child(store: Store, call: Call, target: Target, body: Json, fates: Fates) -> Answer:
    parent = _parent(store, target)
    present = parent.child(target.name)
    conflicts.check_child(store, call, parent, target, body)
    draft = parent.snapshot()
    entry = kinds.child(present["name"] if present else target.name, body)
    entries = draft.children()
    entries[:] = [entry if one["name"] == entry["name"] else one for one in entries]
    entries += [] if present else [entry]
    kinds.complete(store, draft, parent)
    _, operation = _commit(store, draft, parent, fates, f"Put{_noun(target)}Operation")
    shown = kinds.show_child(parent, parent.child(target.name) or entry)
    return _accepted(store, call, 200 if present else 201, shown, operation)


def patch(store: Store, call: Call, target: Target) -> Answer:
    """Replaces the tags, which is all that PATCH does here. Raises ArmError."""
    resource = store.find(target.id)
    if resource is None:
        raise errors.missing(target.type, target.name, target.group or "")
    body = call.json()
    conflicts.check(store, call, resource, target.id, body)
    tag(store, resource, body.get("tags") or {})
    return json_answer(200, kinds.show(store, resource))


def tag(store: Store, resource: Resource, tags: Json) -> None:
    """Gives a resource these tags and no others."""
    resource.body["tags"] = tags
    if store.rules.tags_renew_etag:
        resource.etag = store.guids.etag()


def delete(store: Store, call: Call, target: Target, fates: Fates) -> Answer:
    """Takes a resource away when its operation ends; one that is absent is no mistake. Raises ArmError."""
    if target.embedded:
        return _delete_child(store, call, target, fates)
    present = store.find(target.id)
    if present is None:
        return json_answer(204)
    conflicts.check(store, call, present, target.id, {})
    kinds.check_unused(store, present)
    operation = _begin(store, present, fates, f"Delete{_noun(target)}Operation", _removing(store, present))
    present.state = "Deleting" if operation.running else present.state
    return _deleted(store, call, operation)


def _delete_child(store: Store, call: Call, target: Target, fates: Fates) -> Answer:
    parent = _parent(store, target)
    present = parent.child(target.name)
    if present is None:
        return json_answer(204)
    conflicts.check_child(store, call, parent, target, {})
    end = _removing_child(store, parent, present)
    operation = _begin(store, parent, fates, f"Delete{_noun(target)}Operation", end)
    if operation.running:
        parent.etag, parent.state, present["deleting"] = store.guids.etag(), "Updating", "Deleting"
    return _deleted(store, call, operation)


def _removing_child(store: Store, parent: Resource, entry: Json) -> Callable[[Operation], None]:
    ended = _ended(store, parent, parent.snapshot())

    def end(operation: Operation) -> None:
        entry.pop("deleting", None)
        if operation.status == "Succeeded":
            entries = parent.children()
            entries[:] = [one for one in entries if one["name"] != entry["name"]]
        ended(operation)

    return end


def _parent(store: Store, target: Target) -> Resource:
    parent = store.find(target.parent.id)
    if parent is None:
        raise errors.missing(target.parent.type, target.parent.name, target.group or "")
    return parent


def _commit(
    store: Store, draft: Resource, present: Resource | None, fates: Fates, name: str
) -> tuple[Resource, Operation]:
    """Takes the draft for what was asked, and sets the operation going that carries it out."""
    resource, before = present or draft, present.snapshot() if present else None
    if present:
        addresses.keep(store, present, draft)
    resource.body, resource.fixed, resource.etag = draft.body, draft.fixed, store.guids.etag()
    store.add(resource)
    operation = _begin(store, resource, fates, name, _ended(store, resource, before))
    if operation.running:
        at_once = store.rules.put_answer == "succeeded-with-operation"
        resource.state = "Succeeded" if at_once else "Updating"
    return resource, operation


def _begin(
    store: Store, resource: Resource, fates: Fates, name: str, end: Callable[[Operation], None]
) -> Operation:
    fate, running = fates(), resource.busy
    location = resource.body.get("location", "westeurope")
    operation = Operation(store.guids.next(), name, resource.id, location, store.now(), end, fate)
    if running:
        running.supersede(operation)
    resource.operation = operation
    store.operations.begin(operation)
    if store.rules.put_answer == "succeeded" and fate is None:
        store.operations.finish(operation)
    return operation


def _ended(store: Store, resource: Resource, before: Resource | None) -> Callable[[Operation], None]:
    """What becomes of a resource at the end of its operation.

    A write that was superseded was not carried out: all is as it was before, and well.
    """

    def end(operation: Operation) -> None:
        failed, undone = operation.status == "Failed", operation.status == "Canceled"
        if undone or (failed and store.rules.failed_reverts):
            _undo(store, resource, before)
        elif not (failed and store.rules.failed_keeps):
            resource.held.clear()
        resource.state = "Failed" if failed else "Succeeded"
        final = store.rules.put_answer != "updating" or store.rules.put_etag_final
        if failed or undone or not final:
            resource.etag = store.guids.etag()
        if not failed:
            resource.effective = copied(resource.body)

    return end


def _undo(store: Store, resource: Resource, before: Resource | None) -> None:
    """Tags stay: they may have been changed since, and that was done at once."""
    if before is None:
        store.remove(resource)
    else:
        resource.body["properties"], resource.held = before.body["properties"], before.held


def _removing(store: Store, resource: Resource) -> Callable[[Operation], None]:
    def end(operation: Operation) -> None:
        if operation.status == "Succeeded":
            store.remove(resource)
        else:
            resource.state = "Failed"

    return end


def _accepted(store: Store, call: Call, status: int, shown: Json, operation: Operation) -> Answer:
    if store.rules.put_answer == "succeeded" and not operation.running:
        return json_answer(status, shown)
    return json_answer(status, shown, _headers(store, call, operation))


def _deleted(store: Store, call: Call, operation: Operation) -> Answer:
    if not operation.running:
        return json_answer(200)
    url = operations.url(call.base, operation, "operationResults")
    return json_answer(202, None, {**_headers(store, call, operation), "Location": url})


def _headers(store: Store, call: Call, operation: Operation) -> dict[str, str]:
    after = store.rules.retry_after
    return {
        "Azure-AsyncNotification": "Enabled",
        "Azure-AsyncOperation": operations.url(call.base, operation),
        **({} if after is None else {"Retry-After": str(after)}),
    }


def _noun(target: Target) -> str:
    """The word for a type in the names of its operations."""
    words = {"networkInterfaces": "Nic", "publicIPAddresses": "PublicIpAddress"}
    last = target.type.rpartition("/")[2]
    return words.get(last, last[:1].upper() + last[1:].removesuffix("s"))
