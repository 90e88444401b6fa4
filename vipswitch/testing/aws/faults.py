"""Faults that a test arms while the cloud runs.

Rules: the rules that match a call act on it in the order in which they were armed, until one of them answers
it or drops its connection. `action` None stands for all actions, `source` None for all clients, `times` None
for "until disarmed". Rules that act after the work see only calls that succeeded. A call that waits blocks no
other. Everything may be armed, disarmed and read from any thread. Codes and texts: EC2 API Reference, "Error
codes"; Route 53 API Reference, "Common errors"; PriorRequestNotComplete as quoted in
github.com/pcorliss/ruby_route_53/issues/34.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from ..wire import Answer
from . import protocol
from .denial import denied
from .protocol import ApiRequest
from .rules import Drop, Effect, Gate, Rule, Where
from .stale import StaleReads


class Faults:
    """The armed faults of one cloud."""

    def __init__(self, *, account: str) -> None:
        self.stale = StaleReads()
        self._account = account
        self._lock = threading.Lock()
        self._before: list[Rule] = []
        self._after: list[Rule] = []
        self._gates: list[Gate] = []
        self._closing = threading.Event()

    def throttle(self, times: int | None, action: str | None = None, *, source: str | None = None) -> Rule:
        """503 RequestLimitExceeded, Route 53: 400 Throttling; nothing is done."""
        return self._arm(self._before, Rule(_throttled, action, source, times))

    def unavailable(self, times: int | None, action: str | None = None, *, source: str | None = None) -> Rule:
        """500 InternalError, Route 53: InternalFailure; nothing is done."""
        return self._arm(self._before, Rule(_unavailable, action, source, times))

    def prior_request_not_complete(self, times: int | None, *, source: str | None = None) -> Rule:
        """400 PriorRequestNotComplete to changes of Route 53's records; nothing is done."""
        text = "The request was rejected because Route 53 was still processing a prior request."
        effect = _refusing(400, "PriorRequestNotComplete", text)
        return self._arm(self._before, Rule(effect, "ChangeResourceRecordSets", source, times))

    def deny(self, action: str | None = None, source: str | None = None, *, times: int | None = None) -> Rule:
        """403 UnauthorizedOperation, to dry runs too, Route 53: AccessDenied; nothing is done."""
        return self._arm(
            self._before, Rule(lambda api: denied(api, account=self._account), action, source, times)
        )

    def delay(
        self,
        seconds: float,
        action: str | None = None,
        *,
        source: str | None = None,
        times: int | None = None,
    ) -> Rule:
        """Waits before the work."""
        return self._arm(self._before, Rule(lambda _: self._wait(seconds), action, source, times))

    def drop_before(self, times: int | None, action: str | None = None, *, source: str | None = None) -> Rule:
        """Closes the connection; nothing is done."""
        return self._arm(self._before, Rule(_drop, action, source, times))

    def drop_after(self, times: int | None, action: str | None = None, *, source: str | None = None) -> Rule:
        """Does the work and tells the journal's listeners, then closes the connection without an answer."""
        return self._arm(self._after, Rule(_drop, action, source, times))

    def after_commit(
        self, action: str | None, callback: Callable[[], object], *, source: str | None = None
    ) -> Rule:
        """Calls `callback` once, between the work and the answer; it may call the cloud, also to write."""
        return self._arm(self._after, Rule(_calling(callback), action, source, 1))

    def hold(
        self,
        action: str | None,
        source: str | None = None,
        *,
        times: int = 1,
        where: Where | None = None,
    ) -> Gate:
        """Holds the next call (the next `times` calls) before the work, until the gate is released.

        `where` is asked of each call of that action, and says whether it is meant.
        """
        return self._hold(self._before, action, source, times, where)

    def hold_answer(
        self,
        action: str | None,
        source: str | None = None,
        *,
        times: int = 1,
        where: Where | None = None,
    ) -> Gate:
        """As `hold`, between the work and the answer; sees only calls that succeed."""
        return self._hold(self._after, action, source, times, where)

    def stale_reads(self, times: int) -> None:
        """After the next write to a route, a tag or an address, `times` Describes of it show what was before.

        Those are DescribeRouteTables, or DescribeNetworkInterfaces and DescribeAddresses counted together;
        after a change of Route 53's records ListResourceRecordSets.
        """
        self.stale.arm(times)

    def clear(self) -> None:
        """Disarms everything and lets held calls go on."""
        with self._lock:
            for rule in (*self._before, *self._after):
                rule.disarm()
            self._before.clear()
            self._after.clear()
        self.stale.clear()
        self._release()

    def close(self) -> None:
        """Ends every wait; the calls that waited are dropped with their work undone."""
        self._closing.set()
        self._release()

    def before(self, api: ApiRequest) -> Answer | None:
        """Acts before the work; an answer means that there is to be no work. Raises Drop."""
        return _act(self._before, api)

    def after(self, api: ApiRequest) -> None:
        """Acts after the work of a call that succeeded. Raises Drop."""
        _act(self._after, api)

    def _arm(self, rules: list[Rule], rule: Rule) -> Rule:
        with self._lock:
            rules.append(rule)
        return rule

    def _hold(
        self, rules: list[Rule], action: str | None, source: str | None, times: int, where: Where | None
    ) -> Gate:
        gate = Gate()
        with self._lock:
            self._gates.append(gate)
        self._arm(rules, Rule(lambda _: self._held(gate), action, source, times, where))
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


def _act(rules: list[Rule], api: ApiRequest) -> Answer | None:
    for rule in tuple(rules):
        if rule.takes(api) and (answer := rule.effect(api)) is not None:
            return answer
    return None


def _throttled(api: ApiRequest) -> Answer:
    if api.service == protocol.ROUTE53:
        return protocol.refusal(api.service, status=400, code="Throttling", message="Rate exceeded")
    code, text = "RequestLimitExceeded", "Request limit exceeded."
    return protocol.refusal(api.service, status=503, code=code, message=text)


def _unavailable(api: ApiRequest) -> Answer:
    code = "InternalFailure" if api.service == protocol.ROUTE53 else "InternalError"
    text = "An internal error has occurred"
    return protocol.refusal(api.service, status=500, code=code, message=text)


def _refusing(status: int, code: str, message: str) -> Effect:
    return lambda api: protocol.refusal(api.service, status=status, code=code, message=message)


def _calling(callback: Callable[[], object]) -> Effect:
    def call(_: ApiRequest) -> None:
        callback()

    return call


def _drop(_: ApiRequest) -> Answer | None:
    raise Drop
