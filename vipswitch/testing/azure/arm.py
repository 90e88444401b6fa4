"""Azure Resource Manager: one request in, one answer out.

Rules: a call is looked at in this order: api-version, token, subscription, group, permission, and then the
service's own rules; while a call is at work no other is. Paths compare without regard to case. Waiting
(faults, the barrier) is done outside that. Source: "Resource Manager REST API", common request rules.
"""

from __future__ import annotations

import itertools
import re
import threading
import time
from collections.abc import Callable
from dataclasses import replace

from .. import journal as common
from ..wire import Answer, Request
from . import answers, dns, ids, journal, reads, request, tags, writes, zones
from .errors import ArmError
from .faults import Faults
from .ids import Target
from .journal import Journal
from .operations import Operations
from .request import Call
from .roles import Roles
from .rules import Rules
from .stale import StaleReads
from .store import Store
from .tokens import Tokens
from .writes import Fates

_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(-preview)?")


class Arm:
    """One Resource Manager, with one subscription."""

    def __init__(
        self,
        subscription: str,
        *,
        now: Callable[[], float] = time.monotonic,
        operation_gets: int = 1,
        operation_s: float | None = None,
    ) -> None:
        self.subscription = subscription
        self.rules = Rules()
        self.roles = Roles()
        self.journal = Journal()
        self.tokens = Tokens(self.rules, now)
        self.faults = Faults(self.tokens.client)
        self.operations = Operations(now, gets=operation_gets, seconds=operation_s)
        self.store = Store(self.rules, self.operations, now)
        self.groups: dict[str, str] = {}
        self._stale = StaleReads()
        self._numbers = itertools.count(1)
        self.working = threading.RLock()

    def handle(self, asked: Request) -> Answer:
        """Answers a request. Raises Drop where the connection is to be closed instead."""
        received = time.monotonic()
        call = request.parse(asked)
        entry = self.journal.enter(journal.noted(call, received=received))
        answer = self.faults.before(call) or self._work(call, entry)
        entry.answered(time.monotonic(), answer.status, _code(answer))
        return answers.numbered(answer, next(self._numbers))

    def seed(self, call: Call) -> Answer:
        """Does a call without faults, tokens, permissions or journal, and without looking at operations.

        A write is carried out at once, and supersedes what runs. Raises ArmError.
        """
        with self.working:
            self.operations.settle()
            rules, self.store.rules = (
                self.rules,
                replace(self.rules, put_answer="succeeded", second_write="supersede"),
            )
            try:
                return self._answer(call, _target(call), StaleReads(), lambda: None)
            finally:
                self.store.rules = rules

    def _work(self, call: Call, entry: common.Entry[journal.Call]) -> Answer:
        with self.working:
            try:
                answer = self._judged(call, entry)
            except ArmError as refusal:
                return refusal.answer()
            if call.mutating and answer.status != 204:
                entry.committed(time.monotonic())
        entry.tell()
        return self.faults.after(call) or answer

    def _judged(self, call: Call, entry: common.Entry[journal.Call]) -> Answer:
        self.operations.settle()
        _check_version(call)
        client = self.tokens.client(call.token)
        journal.known(entry, client)
        self._check_place(call)
        target = _target(call)
        if target.type not in reads.OPERATIONS or self.rules.operations_need_permission:
            self.roles.check(client, call.action, call.resource)
        if self.rules.linked_authorization and call.method == "PUT" and target.type == ids.NIC:
            self.roles.check_joins(client, call.action, call.resource, call.json())
        return self._kept(call, target)

    def _kept(self, call: Call, target: Target) -> Answer:
        """Does the work, and keeps what was before for reads that are to be old."""
        written = target.parent.id if target.embedded else call.resource
        present = self.store.find(written)
        before = present.snapshot() if present and call.mutating else None
        if call.method in ("GET", "HEAD"):
            reads.look(self.store, target)
        answer = self._answer(call, target, self._stale, lambda: self.faults.fate(call))
        if call.mutating:
            self._stale.keep(written, before, self.faults.staleness())
        return answer

    def _answer(self, call: Call, target: Target, stale: StaleReads, fates: Fates) -> Answer:
        if call.scope:
            return tags.answer(self.store, call, call.scope)
        if call.method in ("GET", "HEAD"):
            return reads.get(self.store, stale, call, target)
        if target.type == f"{ids.NIC}/ipConfigurations":
            raise _not_allowed(call)
        if target.type in dns.RECORD_SETS:
            return _record(self.store, call, target)
        if call.method == "PUT" and target.type in zones.TYPES:
            return zones.put(self.store, call, target)
        if call.method == "PUT":
            return writes.put(self.store, call, target, fates)
        if call.method == "PATCH":
            return writes.patch(self.store, call, target)
        if call.method == "DELETE":
            return writes.delete(self.store, call, target, fates)
        raise _not_allowed(call)

    def _check_place(self, call: Call) -> None:
        """Raises ArmError for another subscription, or a group that is not there."""
        asked = call.scope or call.target
        parts = call.path.strip("/").split("/")
        subscription = parts[1] if len(parts) > 1 else ""
        if not ids.same(subscription, self.subscription):
            raise ArmError(
                404, "SubscriptionNotFound", f"The subscription '{subscription}' could not be found."
            )
        if asked and asked.group and asked.group.lower() not in self.groups:
            raise ArmError(
                404, "ResourceGroupNotFound", f"Resource group '{asked.group}' could not be found."
            )


def _record(store: Store, call: Call, target: Target) -> Answer:
    if call.method == "DELETE":
        return dns.delete(store, call, target)
    if call.method in ("PUT", "PATCH"):
        return dns.put(store, call, target)
    raise _not_allowed(call)


def _not_allowed(call: Call) -> ArmError:
    return ArmError(405, "MethodNotAllowed", f"The method {call.method} is not allowed here.")


def _target(call: Call) -> Target:
    if call.target is None:
        raise ArmError(404, "InvalidResourceType", f"There is nothing at {call.path}.")
    return call.target


def _check_version(call: Call) -> None:
    version = call.query.get("api-version")
    if version is None:
        text = "The api-version query parameter (?api-version=) is required for all requests."
        raise ArmError(400, "MissingApiVersionParameter", text)
    if not _VERSION.fullmatch(version):
        raise ArmError(400, "InvalidApiVersionParameter", f"The api-version '{version}' is invalid.")


def _code(answer: Answer) -> str | None:
    """The error code of an answer."""
    body = answers.read(answer) if answer.status >= 400 else None
    error = body.get("error", body) if isinstance(body, dict) else {}
    code: str | None = error.get("code")
    return code
