"""Whether a write may be done now: the etag it was made for, and the operation that may still run.

Rules: the etag is looked at first, so that a writer who has seen less than the present state learns that
rather than when to come again. Source: cloud-provider-azure (etag of NICs and route tables); "Throttling
Resource Manager requests" (RetryableErrorDueToAnotherOperation).
"""

from __future__ import annotations

from . import errors, etags, operations
from .answers import Json
from .errors import ArmError
from .ids import Target
from .operations import Operation
from .request import Call
from .store import Resource, Store


def check(store: Store, call: Call, present: Resource | None, id_: str, body: Json) -> None:
    """Raises ArmError if a resource is not to be written now."""
    if present and etags.wanted_absent(call.headers):
        raise errors.exists(id_)
    _check_etag(store, call, present, id_, body)
    if present and (running := present.busy):
        _check_running(store, call, present, running)


def check_child(store: Store, call: Call, parent: Resource, target: Target, body: Json) -> None:
    """Raises ArmError if a child is not to be written now; its etag is its parent's."""
    present = parent.child(target.name) is not None
    if present and etags.wanted_absent(call.headers) and store.rules.child_if_none_match:
        raise errors.exists(target.id)
    compared = parent if present or store.rules.child_if_match_absent else None
    _check_etag(store, call, compared, target.id, body)
    if running := parent.busy:
        _check_running(store, call, parent, running)


def check_quiet(store: Store, call: Call, resource: Resource) -> None:
    """Raises ArmError if an operation that runs stands in the way of a change of the tags."""
    if running := resource.busy:
        _check_running(store, call, resource, running)


def _check_etag(store: Store, call: Call, present: Resource | None, id_: str, body: Json) -> None:
    asked = [call.headers.get("if-match"), body.get("etag") if store.rules.body_etag_refused else None]
    for sent in filter(None, asked):
        found = present.etag if present else ""
        if not present or not etags.matches(sent, found, exact=store.rules.exact_etags):
            raise errors.etag_mismatch(sent, found, id_)


def _check_running(store: Store, call: Call, resource: Resource, running: Operation) -> None:
    """Raises ArmError unless the new write is to supersede the running one."""
    after = store.rules.retry_after
    if store.rules.second_write == "retryable":
        text = (
            f"Operation {running.name} ({running.id}) is updating resource {resource.id}. The call can be"
            f" retried in {after or 1} seconds."
        )
        raise errors.retryable("RetryableErrorDueToAnotherOperation", text, after)
    if store.rules.second_write != "supersede":
        text = (
            "Another operation on this or dependent resource is in progress. To retrieve status of the"
            f" operation use uri: {operations.url(call.base, running)}."
        )
        headers = {} if after is None else {"Retry-After": str(after)}
        status = 409 if store.rules.second_write == "conflict" else 400
        raise ArmError(status, "AnotherOperationInProgress", text, (), headers)
