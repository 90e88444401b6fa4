"""Compute Engine and Cloud DNS: one request in, one answer out.

Rules: a call is looked at in this order: token, method, project, query, permission, request id, body, and
then the service's own rules; while a call is at work no other is. Waiting (faults, the barrier, `wait`) is
done outside that. Source: the discovery documents of compute v1 and dns v1.
"""

from __future__ import annotations

import re
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace

from .. import journal as common
from ..wire import Answer, Request
from . import access_configs, changes, errors, instances, journal, lists, needs, request, routes, zones
from .answers import Json, json_answer, read
from .errors import GcpError
from .faults import Faults
from .journal import Journal
from .methods import COMMON
from .operations import Fate, Operation, Work
from .request import Call
from .roles import Roles
from .rules import Rules
from .store import Store
from .tokens import Tokens

_WRITES: Mapping[str, Callable[[Store, Call], Work]] = {
    "compute.routes.insert": routes.insert,
    "compute.routes.delete": routes.delete,
    "compute.instances.updateNetworkInterface": instances.update_network_interface,
    "compute.instances.addAccessConfig": access_configs.add,
    "compute.instances.deleteAccessConfig": access_configs.delete,
    "compute.instances.setLabels": instances.set_labels,
}
_READS: Mapping[str, Callable[[Store, Call], Json]] = {
    "dns.managedZones.get": zones.of,
    "dns.managedZones.list": zones.listed,
    "dns.resourceRecordSets.get": zones.one_set,
    "dns.resourceRecordSets.list": zones.sets,
    "dns.changes.get": changes.get,
    "dns.changes.list": changes.listed,
}
_WAIT_S = 120.0
_GLANCE_S = 0.01


class Api:
    """Both services of one cloud."""

    def __init__(
        self,
        *,
        now: Callable[[], float],
        wall: Callable[[], float],
        operation_gets: int,
        operation_s: float | None,
    ) -> None:
        self.rules = Rules()
        self.roles = Roles()
        self.journal = Journal()
        self.faults = Faults()
        self.tokens = Tokens(self.rules, now)
        self.store = Store(self.rules, now, wall, gets=operation_gets, seconds=operation_s)
        self.working = threading.RLock()
        self.closing = threading.Event()

    def handle(self, asked: Request) -> Answer:
        """Answers a request. Raises Drop where the connection is to be closed instead."""
        received = time.monotonic()
        call = request.parse(asked)
        entry = self.journal.enter(journal.noted(call, received=received))
        answer = self.faults.before(call) or self._work(call, entry)
        entry.answered(time.monotonic(), answer.status, _reason(answer))
        return answer

    def seed(self, call: Call) -> None:
        """Does a write at once, without faults, tokens, permissions or journal. Raises GcpError."""
        with self.working:
            self.store.operations.settle()
            rules, self.store.rules = self.rules, replace(self.rules, second_write="queued")
            try:
                operation = self._begin(call, "somebody", None)
            finally:
                self.store.rules = rules
            self.store.operations.finish(operation)
            if failed := operation.outcome.get("error"):
                first = failed["errors"][0]
                raise GcpError(operation.outcome["httpErrorStatusCode"], first["code"], first["message"])

    def _work(self, call: Call, entry: common.Entry[journal.Call]) -> Answer:
        with self.working:
            try:
                answer = json_answer(200, self._judged(call, entry))
            except GcpError as refusal:
                return refusal.answer()
            if call.mutating:
                entry.committed(time.monotonic())
        entry.tell()
        if call.action.endswith(".wait"):
            answer = self._waited(call, answer)
        return self.faults.after(call) or answer

    def _judged(self, call: Call, entry: common.Entry[journal.Call]) -> Json:
        self.store.operations.settle()
        client = self.tokens.client(call.token)
        journal.known(entry, client)
        if call.method is None:
            raise lists.no_method(call)
        call = self._placed(call)
        _check_query(call)
        if self.rules.operations_need_permission or "Operations." not in call.action:
            for permission, path in needs.of(self.store, call):
                self.roles.check(client, permission, path)
        if call.action == "dns.changes.create":
            return self._changed(call, client)
        if call.action in _WRITES:
            return self._written(call, client)
        return self._read(call, client)

    def _placed(self, call: Call) -> Call:
        """The call with the project's id for its number. Raises GcpError for a project that is not here."""
        project = call.names.get("project", "")
        ids = {number: id_ for id_, number in self.store.projects.items()}
        id_ = ids.get(project, project)
        if id_ not in self.store.projects:
            raise errors.not_found(f"projects/{project}")
        path = call.path.replace(f"/projects/{project}", f"/projects/{id_}", 1)
        return replace(call, path=path, names={**call.names, "project": id_})

    def _read(self, call: Call, client: str) -> Json:
        _, kind, verb = call.action.split(".")
        if call.action in _READS:
            return _READS[call.action](self.store, call)
        if verb == "testIamPermissions":
            asked = call.json().get("permissions") or []
            allowed = self.roles.allowed(client, asked, call.resource)
            return {"permissions": allowed} if allowed else {}
        if kind.endswith("Operations"):
            return lists.operation(self.store, call)
        if verb == "list":
            return lists.listed(self.store, call, kind)
        if verb == "aggregatedList":
            return lists.aggregated(self.store, call, kind)
        return lists.get(self.store, call, kind)

    def _written(self, call: Call, client: str) -> Json:
        request_id = _request_id(call)
        operation = self.store.operations.repeated(client, request_id)
        return self.store.shown((operation or self._begin(call, client, self.faults.fate(call))).shown())

    def _begin(self, call: Call, client: str, fate: Fate | None) -> Operation:
        """A write's operation, begun. Raises GcpError for one that is not accepted."""
        target = call.resource
        busy = self.store.operations.on(target)
        if busy and self.store.rules.second_write == "not-ready" and call.action != "compute.routes.insert":
            raise errors.not_ready(target)
        work = _WRITES[call.action](self.store, call)
        work = replace(work, commit=self._keeping(work))
        operation = self.store.operations.begin(work, client, fate, _request_id(call))
        if self.rules.done_at_once:
            self.store.operations.finish(operation)
        return operation

    def _keeping(self, work: Work) -> Callable[[], list[Json]]:
        """Does the work, and keeps what was before for reads that are to be old."""

        def commit() -> list[Json]:
            before = self.store.find(work.target)
            warnings = work.commit()
            self.store.keep_old(work.target, before, self.faults.staleness())
            return warnings

        return commit

    def _changed(self, call: Call, client: str) -> Json:
        old = self.faults.staleness()
        change = changes.create(self.store, call, self.faults.fate(call), client, old)
        if self.rules.done_at_once:
            path = f"{zones.path(call)}/changes/{change['id']}"
            operation = self.store.operations.find(path)
            assert operation
            self.store.operations.finish(operation)
            return changes.shown(self.store, operation)
        return change

    def _waited(self, call: Call, answer: Answer) -> Answer:
        """The operation when it has ended, or after two minutes."""
        path = self._placed(call).resource
        until = time.monotonic() + _WAIT_S
        while True:
            with self.working:
                self.store.operations.settle()
                found = self.store.operations.find(path)
                if found is None:
                    return answer
                if self.store.operations.seconds is None:
                    self.store.operations.finish(found)
                if not found.running or time.monotonic() > until or self.closing.wait(0):
                    return json_answer(200, self.store.shown(found.shown()))
            self.closing.wait(_GLANCE_S)


def _check_query(call: Call) -> None:
    assert call.method
    for name in call.query:
        if name not in COMMON and name not in call.method.query:
            text = f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query parameter.'
            raise errors.bad_request(f"{text} Field '{name}' could not be found in request message.")


def _request_id(call: Call) -> str | None:
    """The id of a request. Raises GcpError for one that is no UUID."""
    text = call.query.get("requestId")
    if not text:
        return None
    try:
        if uuid.UUID(text).int == 0 or not re.fullmatch(r"[0-9a-fA-F-]{36}", text):
            raise ValueError
    except ValueError:
        raise errors.invalid("requestId", text, "Must be a valid UUID.") from None
    return text


def _reason(answer: Answer) -> str | None:
    """The reason of a refusal."""
    if answer.status < 400:
        return None
    error = read(answer)["error"]
    return str(error["errors"][0]["reason"])
