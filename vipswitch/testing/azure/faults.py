"""Faults that a test arms while the cloud runs.

Rules: the rules that match a call act on it in the order in which they were armed, until one of them answers
it or drops its connection. `action` None stands for all actions, `on` None for all resources, `source` None
for all clients, `times` None for "until disarmed". Rules that act after the work see only calls that were
accepted. A call that waits blocks no other. Everything may be armed, disarmed and read from any thread. Codes
and texts: "Common API response details" of the Azure REST API reference.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypedDict, Unpack

from ..wire import Answer
from . import roles, tokens
from .armed import Drop, Effect, Gate, Match, Rule, Where
from .errors import ArmError, throttled
from .operations import Fate
from .request import Call


class Which(TypedDict, total=False):
    """The calls that a fault is for."""

    on: str | None
    source: str | None
    where: Where | None


class Faults:
    """The armed faults of one cloud."""

    def __init__(self, client: Callable[[str | None], str]) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._before: list[Rule] = []
        self._after: list[Rule] = []
        self._fates: list[tuple[Rule, Fate]] = []
        self._gates: list[Gate] = []
        self._stale = 0
        self._closing = threading.Event()

    def throttle(
        self,
        times: int | None,
        action: str | None = None,
        *,
        retry_after: int | None = None,
        **which: Unpack[Which],
    ) -> Rule:
        """429 TooManyRequests, with or without Retry-After; nothing is done."""
        return self._arm(self._before, lambda _: throttled(retry_after).answer(), action, times, which)

    def unavailable(
        self, times: int | None, action: str | None = None, *, status: int = 503, **which: Unpack[Which]
    ) -> Rule:
        """503 ServerBusy, 500 InternalServerError or another status; nothing is done."""
        return self._arm(self._before, _failing(status), action, times, which)

    def unavailable_after(
        self, times: int | None, action: str | None = None, *, status: int = 503, **which: Unpack[Which]
    ) -> Rule:
        """Does the work, then answers as `unavailable`."""
        return self._arm(self._after, _failing(status), action, times, which)

    def deny(self, action: str | None = None, *, times: int | None = None, **which: Unpack[Which]) -> Rule:
        """403 AuthorizationFailed, which names action and scope; nothing is done."""
        return self._arm(self._before, self._denied, action, times, which)

    def refuse(
        self, refusal: ArmError, action: str | None = None, *, times: int | None = 1, **which: Unpack[Which]
    ) -> Rule:
        """Answers with that refusal; nothing is done."""
        return self._arm(self._before, lambda _: refusal.answer(), action, times, which)

    def refuse_tokens(self, times: int | None = None, **which: Unpack[Which]) -> Rule:
        """401 ExpiredAuthenticationToken with WWW-Authenticate; nothing is done."""
        return self._arm(self._before, lambda _: tokens.expired().answer(), None, times, which)

    def delay(
        self, seconds: float, action: str | None = None, *, times: int | None = None, **which: Unpack[Which]
    ) -> Rule:
        """Waits before the work."""
        return self._arm(self._before, lambda _: self._wait(seconds), action, times, which)

    def drop_before(self, times: int | None, action: str | None = None, **which: Unpack[Which]) -> Rule:
        """Closes the connection; nothing is done."""
        return self._arm(self._before, _drop, action, times, which)

    def drop_after(self, times: int | None, action: str | None = None, **which: Unpack[Which]) -> Rule:
        """Does the work and tells the journal's listeners, then closes the connection without an answer."""
        return self._arm(self._after, _drop, action, times, which)

    def foreign_write(
        self, action: str | None, callback: Callable[[], object], *, times: int = 1, **which: Unpack[Which]
    ) -> Rule:
        """Calls `callback` between what the client has read and its next write; it may call the cloud."""
        return self._arm(self._before, _calling(callback), action or "*/write", times, which)

    def after_commit(
        self, action: str | None, callback: Callable[[], object], **which: Unpack[Which]
    ) -> Rule:
        """Calls `callback` once, between the work and the answer; it may call the cloud, also to write."""
        return self._arm(self._after, _calling(callback), action, 1, which)

    def hold(self, action: str | None, *, times: int = 1, **which: Unpack[Which]) -> Gate:
        """Holds the next call (the next `times` calls) before the work, until the gate is released."""
        return self._hold(self._before, action, times, which)

    def hold_answer(self, action: str | None, *, times: int = 1, **which: Unpack[Which]) -> Gate:
        """As `hold`, between the work and the answer; sees only calls that are accepted."""
        return self._hold(self._after, action, times, which)

    def stuck(self, times: int | None = 1, action: str | None = None, **which: Unpack[Which]) -> Rule:
        """The operations of the next writes never end."""
        return self._fate(Fate(), action, times, which)

    def fail_operation(
        self,
        code: str,
        message: str = "",
        *,
        action: str | None = None,
        times: int | None = 1,
        status: str = "Failed",
        **which: Unpack[Which],
    ) -> Rule:
        """The operations of the next writes are accepted and end so."""
        return self._fate(Fate(status, code, message or code), action, times, which)

    def supersede(self, times: int | None = 1, action: str | None = None, **which: Unpack[Which]) -> Rule:
        """The operations of the next writes end Canceled, as if another had taken their place."""
        text = "Operation PutOperation was canceled and superseded by operation PutOperation."
        details = (("CanceledAndSupersededDueToAnotherOperation", text),)
        return self._fate(
            Fate("Canceled", "Canceled", "Operation was canceled.", details), action, times, which
        )

    def stale_reads(self, times: int) -> None:
        """After the next write, `times` GETs of what it wrote show what was before."""
        self._stale = times

    def clear(self) -> None:
        """Disarms everything and lets held calls go on; operations that are stuck stay so."""
        with self._lock:
            for rule in (*self._before, *self._after, *(rule for rule, _ in self._fates)):
                rule.disarm()
            self._before.clear()
            self._after.clear()
            self._fates.clear()
            self._stale = 0
        self._release()

    def close(self) -> None:
        """Ends every wait; the calls that waited are dropped with their work undone."""
        self._closing.set()
        self._release()

    def before(self, call: Call) -> Answer | None:
        """Acts before the work; an answer means that there is to be no work. Raises Drop."""
        return _act(self._before, call)

    def after(self, call: Call) -> Answer | None:
        """Acts after the work of an accepted call; an answer takes the place of its own. Raises Drop."""
        return _act(self._after, call)

    def fate(self, call: Call) -> Fate | None:
        """How the operation of a write is to end, if not well."""
        return next((fate for rule, fate in tuple(self._fates) if rule.takes(call)), None)

    def staleness(self) -> int:
        """For how many reads the write that is now done is not to be seen; asking counts."""
        with self._lock:
            times, self._stale = self._stale, 0
            return times

    def _denied(self, call: Call) -> Answer:
        try:
            return roles.refused(self._client(call.token), call.action, call.resource).answer()
        except ArmError as refusal:
            return refusal.answer()

    def _arm(
        self, rules: list[Rule], effect: Effect, action: str | None, times: int | None, which: Which
    ) -> Rule:
        rule = Rule(effect, Match(action, **which), times)
        with self._lock:
            rules.append(rule)
        return rule

    def _fate(self, fate: Fate, action: str | None, times: int | None, which: Which) -> Rule:
        rule = Rule(lambda _: None, Match(action, **which), times)
        with self._lock:
            self._fates.append((rule, fate))
        return rule

    def _hold(self, rules: list[Rule], action: str | None, times: int, which: Which) -> Gate:
        gate = Gate()
        with self._lock:
            self._gates.append(gate)
        self._arm(rules, lambda _: self._held(gate), action, times, which)
        return gate

    def _release(self) -> None:
        with self._lock:
            gates, self._gates = self._gates, []
        for gate in gates:
            gate.release()

    def _held(self, gate: Gate) -> None:
        gate.pass_through()
        self._drop_if_closing()

    def _wait(self, seconds: float) -> None:
        self._closing.wait(seconds)
        self._drop_if_closing()

    def _drop_if_closing(self) -> None:
        if self._closing.is_set():
            raise Drop


def _act(rules: list[Rule], call: Call) -> Answer | None:
    for rule in tuple(rules):
        if rule.takes(call) and (answer := rule.effect(call)) is not None:
            return answer
    return None


def _failing(status: int) -> Effect:
    code = "InternalServerError" if status == 500 else "ServerBusy"
    text = "An error occurred." if status == 500 else "The server is busy. Please retry later."
    return lambda _: ArmError(status, code, text).answer()


def _calling(callback: Callable[[], object]) -> Effect:
    def call(_: Call) -> None:
        callback()

    return call


def _drop(_: Call) -> Answer | None:
    raise Drop
