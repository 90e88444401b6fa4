"""The orders of one VIP that are under way in this agent, and what is noted of them.

Each runs in a thread of its own, so a newer one need not wait for an older that hangs: it has taken the VIP's
lock and is the newest, so the older one is told to end, or finds that out before its next write.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from vipswitch.agent.answer import Answer
from vipswitch.agent.callers import CallerWatch
from vipswitch.agent.chronicle import Chronicle
from vipswitch.agent.pursuit import Pursuit
from vipswitch.deadline import Clock, Deadline
from vipswitch.errand import Errand
from vipswitch.model import Verb
from vipswitch.move import Reason, Way
from vipswitch.orders import Order, OrderBook, OrderState
from vipswitch.recorder import Recorder, move_of
from vipswitch.result import Result


class Pursuits:
    """Pursues orders of one VIP; `round_s` is how long a round may take for which no hook waits."""

    def __init__(
        self, orders: OrderBook, clock: Clock, *, chronicle: Chronicle, callers: CallerWatch, round_s: float
    ) -> None:
        self._orders = orders
        self._clock = clock
        self._chronicle = chronicle
        self._callers = callers
        self._round_s = round_s
        self._lock = threading.Lock()
        self._under_way: list[Pursuit] = []

    @property
    def busy(self) -> bool:
        """Whether an order is under way."""
        return bool(self._under_way)

    def leave(self) -> None:
        """Stop what is under way, before its next write; the orders stay pending for whoever comes next."""
        with self._lock:
            for pursuit in self._under_way:
                pursuit.stop("the agent ends", leaves=True)

    def pursue(
        self,
        errand: Errand,
        recorder: Recorder,
        deadline: Deadline,
        *,
        reason: Reason,
        answer: Answer | None = None,
    ) -> None:
        """Carry out an order that was taken, to its end; `answer` hears of the first round."""
        pursuit = self._registered(errand, recorder)
        forget = self._watch_caller(pursuit)
        ended = False
        try:
            result = self._first(pursuit, deadline, answer)
            if not result.over:
                if _is_for_once(errand.order):
                    pursuit.stop(f"{errand.order.asked_by} decides what follows")
                result = self._go_on(pursuit, result, reason)
            pursuit.end(result)
            ended = True
            self.note(errand.order, result, recorder, reason, rounds=errand.rounds)
        finally:
            forget()
            with self._lock:
                self._under_way.remove(pursuit)
            if not ended:  # by a bug: what is pending for ever would keep the VIP from being looked after
                self._orders.end(errand.order, OrderState.FAILED, errand.order.first_seen)

    def note(
        self,
        order: Order,
        result: Result,
        recorder: Recorder,
        reason: Reason,
        *,
        rounds: int = 1,
        finished: bool = True,
    ) -> None:
        """Remember what was done, or what is done so far."""
        move = move_of(
            order,
            result,
            recorder,
            asked_by=order.asked_by,
            reason=reason,
            path=Way.AGENT,
            rounds=max(rounds, 1),
            finished=finished,
        )
        self._chronicle.moved(move)

    def _registered(self, errand: Errand, recorder: Recorder) -> Pursuit:
        """Before anything is done for it; those for older orders end."""
        pursuit = Pursuit(errand, self._orders, self._clock, recorder=recorder, round_s=self._round_s)
        with self._lock:
            for other in self._under_way:
                if not errand.order.is_older_than(other.errand.order):
                    other.stop("a newer order has replaced it")
            self._under_way.append(pursuit)
        return pursuit

    def _watch_caller(self, pursuit: Pursuit) -> Callable[[], None]:
        """A pending `up` ends with its caller; a `down` is finished all the same."""
        order = pursuit.errand.order
        if order.verb is Verb.DOWN or order.caller is None:
            return _nothing
        return self._callers.watch(order.caller, lambda: pursuit.stop(f"its {order.asked_by} has ended"))

    def _first(self, pursuit: Pursuit, deadline: Deadline, answer: Answer | None) -> Result:
        if answer is None:
            return pursuit.first(deadline)
        answer.taken()
        result = pursuit.first(deadline)
        answer.host_done(pursuit.errand.order.vip, result)
        answer.result(result, goes_on=not (result.over or _is_for_once(pursuit.errand.order)))
        return result

    def _go_on(self, pursuit: Pursuit, result: Result, reason: Reason) -> Result:
        order = pursuit.errand.order
        self.note(order, result, pursuit.recorder, reason, finished=False)
        self._chronicle.pending(order.vip, True)
        try:
            return pursuit.go_on(result)
        finally:
            self._chronicle.pending(order.vip, False)


def _is_for_once(order: Order) -> bool:
    """Whether an order ends with its first round: who looks after the VIP takes that for his failed start."""
    return order.verb is Verb.UP and order.looked_after


def _nothing() -> None:
    """Nobody is watched."""
