"""One VIP in the agent's care: its orders are pursued to their end, and between them it is looked after.

Looks are made in the keeper's own thread, and only while no order is under way. What is done upon two looks
that agree stands in `monitor`; it is done under the last order, which a newer one ends as it would end any
other work.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from vipswitch import orders as order_book
from vipswitch import processes
from vipswitch.agent.answer import Answer
from vipswitch.agent.callers import CallerWatch
from vipswitch.agent.chronicle import Chronicle
from vipswitch.agent.contest import Ask, Contest
from vipswitch.agent.healing import Healing
from vipswitch.agent.lookout import Lookout
from vipswitch.agent.monitor import OFTEN_S, Act, act_on, interval_s, look_at
from vipswitch.agent.pursuit import is_left_over
from vipswitch.agent.pursuits import Pursuits
from vipswitch.authority import Authority
from vipswitch.deadline import Clock, Deadline, Instant
from vipswitch.errand import Purpose
from vipswitch.errors import VipswitchError
from vipswitch.model import Verb
from vipswitch.move import Reason
from vipswitch.orders import Order, OrderBook, OrderState
from vipswitch.processes import Process
from vipswitch.provider import Discovers
from vipswitch.recorder import Observers, Recorder
from vipswitch.result import Observer, Report
from vipswitch.steplog import StepLog
from vipswitch.switch import Switch

log = logging.getLogger("vipswitch.agent")

LOOK_S = 4.0
"""How long one look may take."""

WARM_S = 20.0
"""How long looking up tags may take."""

_AUTHORITY_S = 30.0
"""How long an order that an authority has decided may take in its first round."""


class Keeper:
    """Takes care of one VIP. `paused` tells whether its looks are suspended; orders are not."""

    def __init__(
        self,
        switch: Switch,
        orders: OrderBook,
        clock: Clock,
        *,
        chronicle: Chronicle,
        callers: CallerWatch,
        authority: Authority | None = None,
        question: Ask | None = None,
        paused: Callable[[], bool] = lambda: False,
    ) -> None:
        can = switch.provider.capabilities
        self.switch = switch
        self.name = switch.vip.name
        self._orders = orders
        self._clock = clock
        self._chronicle = chronicle
        self._paused = paused
        self._life_s = can.life_s
        self._pursuits = Pursuits(orders, clock, chronicle=chronicle, callers=callers, round_s=self._life_s)
        self._lookout = Lookout(self.name, can.takeover_gap_s)
        self._contest = Contest(self.name, authority, question)
        self._healing = Healing(switch, clock, self._pursuits)

    @property
    def busy(self) -> bool:
        """Whether an order is under way."""
        return self._pursuits.busy

    def order(self, order: Order, deadline: Deadline, answer: Answer, since: Instant) -> None:
        """Take an order, carry it out, tell the hook, and go on until it is done."""
        recorder = Recorder(self._clock)
        seen = self._observers(recorder, answer.watching(self.name, order.verb))
        try:
            errand = self.switch.take(order, deadline, since=since, handed_over=True, observer=seen)
        except VipswitchError as wrong:
            answer.refused(wrong)
            return
        if errand.purpose is not Purpose.REPEAT:
            self._pursuits.pursue(errand, recorder, deadline, reason=Reason.ORDER, answer=answer)
            return
        answer.taken()
        result = self.switch.repeat(errand.order, deadline, observer=seen)
        answer.result(result, goes_on=False)
        self._pursuits.note(order, result, recorder, Reason.REPEAT)

    def resume(self, order: Order) -> None:
        """Pursue an order whose process is gone, or has given up, unless a newer one has come."""
        recorder, deadline = Recorder(self._clock), Deadline(self._life_s, self._clock)
        mine = replace(order, worker=processes.me(), state=OrderState.PENDING)
        if self._is_newest(order, deadline):
            self._orders.note(mine, order.first_seen)
            errand = self.switch.errand(
                mine, Purpose.CARRY_OUT, resumed=True, observer=self._observers(recorder)
            )
            self._pursuits.pursue(errand, recorder, deadline, reason=Reason.ORDER)

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
        self._pursuits.leave()

    @property
    def interval_s(self) -> float:
        """How long to rest between two looks, by the last order; short where that is not over yet."""
        last = self._orders.last(self.name)
        return OFTEN_S if last is not None and is_left_over(last, self._clock.now()) else interval_s(last)

    def look(self) -> float:
        """Look once and do what two looks agree upon; seconds until the next look."""
        last = self._orders.last(self.name)
        if self.busy or (last is not None and last.in_progress()):
            self._forget()
        elif last is not None and is_left_over(last, self._clock.now()):
            self._forget()
            self.resume(last)
        elif self._paused():
            self._forget()
        else:
            self._look(last)
        return self.interval_s

    def _look(self, last: Order | None) -> None:
        report = self.switch.status(Deadline(LOOK_S, self._clock))
        look = look_at(report, last, somebody=last is not None and last.has_somebody_behind())
        agreed, act = self._lookout.agrees(look, self._clock.now().monotonic), act_on(look)
        self._chronicle.state(self.name, look.state, contested=act is Act.CONTESTED)
        self._lookout.say(look, act, report)
        if not agreed or act is not Act.CONTESTED:
            self._contest.forget()
        if agreed:
            self._act(act, last, report)

    def _act(self, act: Act, last: Order | None, report: Report) -> None:
        if last is not None and last.looked_after:
            return
        if act is Act.CONTESTED and last is not None and self._contest.decided(report):
            self._forget()
            self._order_by_authority(last)
        if act is Act.RESTORE and self._lookout.may_be_a_takeover(self._clock.now().monotonic):
            return
        if self._healing.knows(act):
            self._forget()
            self._healing.do(act, last or order_book.new(self.name, Verb.DOWN))

    def _order_by_authority(self, last: Order) -> None:
        """A new order in the name of the caller of the last one, unless one has come meanwhile.

        Its generation follows right upon that of the last order: whatever a caller has asked for since, the
        `down` of a hook that is still starting included, is newer.
        """
        mine = replace(
            order_book.new(self.name, Verb.UP),
            by=Process(processes.me().pid, last.generation + 1),
            caller=last.caller,
            asked_by=order_book.AGENT,
            taken_s=self._clock.now().boot,
        )
        recorder, deadline = Recorder(self._clock), Deadline(_AUTHORITY_S, self._clock)
        if not self._is_newest(last, deadline):
            return
        try:
            errand = self.switch.take(
                mine, deadline, observer=self._observers(recorder), since=self._clock.now()
            )
        except VipswitchError as wrong:
            log.info("%s: %s", self.name, wrong.message)
            return
        self._pursuits.pursue(errand, recorder, deadline, reason=Reason.AUTHORITY)

    def _is_newest(self, order: Order, deadline: Deadline) -> bool:
        try:
            with self._orders.newest(order, deadline):
                return True
        except VipswitchError as wrong:
            log.info("%s: %s", self.name, wrong.message)
            return False

    def _forget(self) -> None:
        self._lookout.forget()
        self._contest.forget()

    def _observers(self, recorder: Recorder, *more: Observer) -> Observers:
        return Observers(StepLog(self.name), recorder, *more)
