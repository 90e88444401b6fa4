"""One VIP in the agent's care: its orders are pursued to their end, and between them it is looked after.

An order runs in a thread of its own, so a newer one need not wait for an older that hangs: it takes the
VIP's lock, becomes the newest, and the older finds that out before its next write. Looks are made in the
keeper's own thread, and only while no order is under way. What is done upon two looks that agree stands in
`monitor`; it is done under the last order, which a newer one ends as it would end any other work.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace

from vipswitch import orders as order_book
from vipswitch import processes
from vipswitch.agent.answer import Answer
from vipswitch.agent.callers import CallerWatch
from vipswitch.agent.chronicle import Chronicle
from vipswitch.agent.monitor import Act, Look, act_on, interval_s, look_at
from vipswitch.agent.pursuit import Pursuit, left_s
from vipswitch.authority import Authority, Question, Verdict
from vipswitch.deadline import Clock, Deadline, Instant
from vipswitch.errand import Errand, Purpose
from vipswitch.errors import VipswitchError
from vipswitch.model import NodeId, State, Verb
from vipswitch.move import Reason, Way
from vipswitch.orders import Order, OrderBook, OrderState
from vipswitch.processes import Process
from vipswitch.provider import Discovers
from vipswitch.recorder import Observers, Recorder, move_of
from vipswitch.result import Report, Result
from vipswitch.steplog import StepLog
from vipswitch.switch import Switch

log = logging.getLogger("vipswitch.agent")

LOOK_S = 4.0
"""How long one look may take."""

WARM_S = 20.0
"""How long looking up tags may take."""

_ASK_S = 3.0
_AUTHORITY_S = 30.0
"""How long an order that an authority has decided may take in its first round."""

REASONS = {
    Act.HEAL: (Purpose.REPEAT, Reason.HEAL),
    Act.RESTORE: (Purpose.RESTORE, Reason.RESTORE),
    Act.CLEAR: (Purpose.CLEAR, Reason.CLEAR),
    Act.RELEASE: (Purpose.CARRY_OUT, Reason.RELEASE),
}


class Keeper:
    """Takes care of one VIP. `paused` tells whether its looks are suspended."""

    def __init__(
        self,
        switch: Switch,
        orders: OrderBook,
        clock: Clock,
        *,
        chronicle: Chronicle,
        callers: CallerWatch,
        authority: Authority | None = None,
        question: Callable[[NodeId, NodeId | None], Question] | None = None,
        paused: Callable[[], bool] = lambda: False,
    ) -> None:
        self.switch = switch
        self.name = switch.vip.name
        self._orders = orders
        self._clock = clock
        self._chronicle = chronicle
        self._callers = callers
        self._authority = authority
        self._question = question
        self._paused = paused
        self._lock = threading.Lock()
        self._pursuits: list[Pursuit] = []
        self._before: Look | None = None
        self._nobody_since: float | None = None
        self._said: tuple[object, ...] = ()
        self._yes_before = False

    # orders

    def order(self, order: Order, deadline: Deadline, answer: Answer, since: Instant) -> None:
        """Take an order, carry it out, tell the hook, and go on until it is done."""
        recorder = Recorder(self._clock)
        seen = Observers(StepLog(self.name), recorder, answer.watching(self.name, order.verb))
        try:
            errand = self.switch.take(order, deadline, since=since, handed_over=True, observer=seen)
        except VipswitchError as wrong:
            answer.refused(wrong)
            return
        if errand.purpose is Purpose.REPEAT:
            answer.taken()
            self._repeat(order, errand.order, deadline, answer, recorder, seen)
            return
        self._pursue(self._pursuit(errand, recorder), deadline, answer, Reason.ORDER)

    def resume(self, order: Order) -> None:
        """Pursue an order whose process is gone, or has given up."""
        recorder = Recorder(self._clock)
        seen = Observers(StepLog(self.name), recorder)
        mine = replace(order, worker=processes.me(), state=OrderState.PENDING)
        self._orders.note(mine, order.first_seen)
        errand = self.switch.errand(mine, Purpose.CARRY_OUT, resumed=True, observer=seen)
        deadline = Deadline(self._life_s, self._clock)
        self._pursue(self._pursuit(errand, recorder), deadline, None, Reason.ORDER)

    def warm(self) -> None:
        """Find what the config names by a tag, ahead of the failover that will need it."""
        provider = self.switch.provider
        if isinstance(provider, Discovers):
            try:
                provider.discover(Deadline(WARM_S, self._clock), anew=True)
            except VipswitchError as wrong:
                log.warning("%s: %s", self.name, wrong.message)

    def leave(self) -> None:
        """Stop what is under way, before its next write; the orders stay pending for whoever comes next."""
        with self._lock:
            for pursuit in self._pursuits:
                pursuit.stop("the agent ends", leaves=True)

    @property
    def busy(self) -> bool:
        """Whether an order is under way."""
        return bool(self._pursuits)

    def _repeat(
        self,
        order: Order,
        last: Order,
        deadline: Deadline,
        answer: Answer,
        recorder: Recorder,
        seen: Observers,
    ) -> None:
        result = self.switch.repeat(last, deadline, observer=seen)
        answer.result(result, goes_on=False)
        self._note(order, result, recorder, Reason.REPEAT, rounds=1)

    def _pursuit(self, errand: Errand, recorder: Recorder) -> Pursuit:
        """Registered before anything is done for it; those for older orders end."""
        pursuit = Pursuit(errand, self._orders, self._clock, recorder=recorder, round_s=self._life_s)
        with self._lock:
            for older in self._pursuits:
                older.stop("a newer order has replaced it")
            self._pursuits.append(pursuit)
        return pursuit

    def _pursue(self, pursuit: Pursuit, deadline: Deadline, answer: Answer | None, reason: Reason) -> Result:
        order = pursuit.errand.order
        forget = self._watch_caller(order, pursuit)
        try:
            if answer is not None:
                answer.taken()
            result = pursuit.first(deadline)
            if answer is not None:
                answer.host_done(self.name, result)
                answer.result(result, goes_on=not result.over)
            if not result.over:
                result = self._go_on(pursuit, result, reason)
            pursuit.end(result)
            self._note(order, result, pursuit.recorder, reason, rounds=pursuit.errand.rounds)
            return result
        finally:
            forget()
            with self._lock:
                self._pursuits.remove(pursuit)
                self._before = None

    def _go_on(self, pursuit: Pursuit, result: Result, reason: Reason) -> Result:
        self._note(pursuit.errand.order, result, pursuit.recorder, reason, rounds=1, finished=False)
        self._chronicle.pending(self.name, True)
        try:
            return pursuit.go_on(result)
        finally:
            self._chronicle.pending(self.name, False)

    def _watch_caller(self, order: Order, pursuit: Pursuit) -> Callable[[], None]:
        """A pending `up` ends with its caller; a `down` is finished all the same."""
        if order.verb is Verb.DOWN or order.caller is None:
            return lambda: None
        return self._callers.watch(order.caller, lambda: pursuit.stop(f"its {order.asked_by} has ended"))

    # looks

    @property
    def interval_s(self) -> float:
        """How long to rest between two looks, by the last order."""
        return interval_s(self._orders.last(self.name))

    def look(self) -> float:
        """Look once and do what two looks agree upon; seconds until the next look."""
        last = self._orders.last(self.name)
        if self.busy or (last is not None and last.in_progress()) or self._paused():
            self._before = None
            return interval_s(last)
        if last is not None and self._is_left_over(last):
            self.resume(last)
            return interval_s(last)
        report = self.switch.status(Deadline(LOOK_S, self._clock))
        look = look_at(report, last, somebody=last is not None and last.has_somebody_behind())
        self._nobody_since = self._since(look)
        agreed, self._before = look == self._before, look
        act = act_on(look)
        self._say(look, act, report)
        if agreed:
            self._act(act, last, report)
        return interval_s(self._orders.last(self.name))

    def _is_left_over(self, last: Order) -> bool:
        """Whether nobody works on an order any more that is not done and still wanted."""
        wanted = last.state is OrderState.PENDING or (
            last.state is OrderState.FAILED and last.verb is Verb.UP
        )
        young = left_s(last) > 0
        return wanted and young and (last.verb is Verb.DOWN or last.has_somebody_behind())

    def _since(self, look: Look) -> float | None:
        """When it was first seen that nobody holds the VIP, if that is still so."""
        if look.state not in (State.NOBODY, State.MIXED):
            return None
        return self._nobody_since if self._nobody_since is not None else self._clock.now().monotonic

    def _act(self, act: Act, last: Order | None, report: Report) -> None:
        if act is Act.CONTESTED:
            self._ask(last, report)
            return
        self._yes_before = False
        if act not in REASONS or (act is Act.RESTORE and self._may_be_a_takeover()):
            return
        purpose, reason = REASONS[act]
        recorder = Recorder(self._clock)
        order = last or order_book.new(self.name, Verb.DOWN)
        seen = Observers(StepLog(self.name), recorder)
        errand = self.switch.errand(order, purpose, observer=seen)
        result = errand.run(Deadline(self._life_s, self._clock))
        self._before = None
        if recorder.recorded().steps:
            self._note(order, result, recorder, reason, rounds=1)

    def _may_be_a_takeover(self) -> bool:
        """Whether nobody holds the VIP for no longer than another node's takeover leaves it so."""
        gap = self.switch.provider.capabilities.takeover_gap_s
        return gap > 0 and self._clock.now().monotonic - (self._nobody_since or 0.0) < gap

    def _ask(self, last: Order | None, report: Report) -> None:
        """Whether this node leads and the one that holds the VIP does not: then a fresh `up` is in order."""
        if self._authority is None or self._question is None or last is None or report.node is None:
            return
        holders = {
            answer.holder for answer in report.places.values() if not isinstance(answer, VipswitchError)
        }
        if len(holders) != 1:
            return
        answer = self._authority.ask(self._question(report.node, holders.pop()), _ASK_S)
        level = logging.WARNING if answer.verdict is Verdict.YES else logging.INFO
        log.log(level, "%s: authority says %s: %s", self.name, answer.verdict.value, answer.why)
        twice, self._yes_before = self._yes_before, answer.verdict is Verdict.YES
        if twice and self._yes_before:
            self._order_by_authority(last)

    def _order_by_authority(self, last: Order) -> None:
        """A new order in the name of the caller of the last one, unless one has come meanwhile."""
        mine = Process(processes.me().pid, processes.ticks_now())
        order = replace(order_book.new(self.name, Verb.UP), by=mine, caller=last.caller, asked_by="agent")
        recorder, deadline = Recorder(self._clock), Deadline(_AUTHORITY_S, self._clock)
        seen = Observers(StepLog(self.name), recorder)
        try:
            with self._orders.newest(last, deadline):
                pass
            errand = self.switch.take(order, deadline, observer=seen, since=self._clock.now())
        except VipswitchError as wrong:
            log.info("%s: %s", self.name, wrong.message)
            return
        self._pursue(self._pursuit(errand, recorder), deadline, None, Reason.AUTHORITY)

    def _say(self, look: Look, act: Act, report: Report) -> None:
        """One line whenever what is seen, or what it means, changes."""
        contested = act is Act.CONTESTED
        self._chronicle.state(self.name, look.state, contested=contested)
        said = (look.state, look.standing, look.holders, contested)
        if said == self._said:
            return
        self._said = said
        level = (
            logging.WARNING
            if act in (Act.LEAVE, Act.CONTESTED) and look.standing.name != "NONE"
            else logging.INFO
        )
        log.log(
            level,
            "%s: %s%s; last order here: %s",
            self.name,
            look.state,
            ", contested" if contested else "",
            look.standing.name.lower().replace("_", ", caller "),
            extra={"vip": self.name, "state": str(look.state), "contested": contested},
        )
        for error in report.errors:
            log.info("%s: %s", self.name, error.message)

    def _note(
        self,
        order: Order,
        result: Result,
        recorder: Recorder,
        reason: Reason,
        *,
        rounds: int,
        finished: bool = True,
    ) -> None:
        self._chronicle.moved(
            move_of(
                order,
                result,
                recorder,
                asked_by=order.asked_by,
                reason=reason,
                path=Way.AGENT,
                rounds=max(rounds, 1),
                finished=finished,
            )
        )

    @property
    def _life_s(self) -> float:
        return self.switch.provider.capabilities.life_s
