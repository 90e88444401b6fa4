"""One order pursued to its end: round after round, with growing pauses, until there is no reason to go on.

It ends when it is done, when another node or a newer order has won, when nobody stands behind an `up` any
more, or ten minutes after it was given. Pgpool-II never runs a failed `up` again, so without this an API
that is down for a minute at the wrong moment means an outage without end.
"""

from __future__ import annotations

import logging
import queue
import random

from vipswitch.deadline import Clock, Deadline, Instant
from vipswitch.errand import Errand, state_of
from vipswitch.model import Verb
from vipswitch.orders import Order, OrderBook, OrderState
from vipswitch.recorder import Recorder
from vipswitch.result import Result

log = logging.getLogger("vipswitch.agent")

ALIVE_S = 600.0
"""How long an order is pursued."""

_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 5.0


class Pursuit:
    """An errand and its rounds; `round_s` is how long each of the later ones may take."""

    def __init__(
        self, errand: Errand, orders: OrderBook, clock: Clock, *, recorder: Recorder, round_s: float
    ) -> None:
        self.errand = errand
        self.recorder = recorder
        self.why = ""
        self._orders = orders
        self._clock = clock
        self._round_s = round_s
        self._stopped = False
        self._stops: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._leaves = False
        self._deadline = Deadline(0.0, clock)

    def stop(self, why: str, *, leaves: bool = False) -> None:
        """Start no further write, and end: somebody else has the matter in hand, or nobody wants it.

        With `leaves` everything stays as it is, for another agent to go on with.
        """
        self.why, self._leaves = self.why or why, leaves
        self._stopped = True
        self._deadline.cancel()
        self._stops.put(why)

    def first(self, deadline: Deadline) -> Result:
        """The round whose result the hook waits for."""
        return self._round(deadline)

    def go_on(self, result: Result) -> Result:
        """Further rounds until the end, and the last result; an unfinished `up` takes back what it can."""
        pause = _FIRST_PAUSE_S
        while not result.over and self._goes_on():
            rest = min(pause * random.uniform(0.5, 1.0), self._left_s())
            self._clock.next_from(self._stops, rest, expected=False)
            pause = min(pause * 2, _LONGEST_PAUSE_S)
            if self._goes_on():
                result = self._round(Deadline(min(self._round_s, self._left_s()), self._clock))
        if not result.over and not self._leaves:
            log.warning(
                "%s %s: given up: %s", result.vip, result.verb, self.why, extra={"vip": str(result.vip)}
            )
            self.errand.give_up()
        return result

    def end(self, result: Result) -> None:
        """Note how the order ended; it is still pending for an agent that leaves it."""
        if self._leaves and not result.over:
            return
        state = state_of(result) if result.over else OrderState.FAILED
        self._orders.end(self.errand.order, state, result.first_seen)

    def _round(self, deadline: Deadline) -> Result:
        """One round; whom it has seen is written down for an agent that would have to resume the order."""
        self._deadline = deadline
        if self._stopped:
            deadline.cancel()
        result = self.errand.run(deadline, last_round=False)
        self.recorder.cut_off()
        if not result.over and not self._stopped:
            self._orders.note(self.errand.order, result.first_seen)
        return result

    def _goes_on(self) -> bool:
        if self._stopped:
            return False
        if self._left_s() <= 0:
            self.why = f"not done within {ALIVE_S / 60:.0f} minutes"
            return False
        last = self._orders.last(self.errand.order.vip)
        if last is None or last.by != self.errand.order.by:
            self.why = "a newer order has replaced it"
            return False
        return True

    def _left_s(self) -> float:
        return left_s(self.errand.order, self._clock.now())


def left_s(order: Order, now: Instant) -> float:
    """How long an order may still be pursued."""
    return max(ALIVE_S - (now.boot - order.taken_s), 0.0)


def is_left_over(order: Order, now: Instant) -> bool:
    """Whether an order that nobody works on is still to be carried out.

    One that its hook has given up is, while its caller lives: an `up` that failed is never asked for again. A
    `down` that failed is in any case: a hook that found no agent in time may have lacked the privilege.
    A person has no process to be watched: what an agent had in hand for one is gone on with, what
    that person's own command has left is not, since it may have been stopped on purpose. An HA manager that
    looks after the VIP knows that its start has failed, and decides itself.
    """
    if left_s(order, now) <= 0 or (order.verb is Verb.UP and order.looked_after):
        return False
    pending = order.state is OrderState.PENDING
    if order.verb is Verb.DOWN:
        return pending or (order.state is OrderState.FAILED and order.caller is not None)
    if order.caller is None:
        return pending and order.worker not in (None, order.by)
    return (pending or order.state is OrderState.FAILED) and order.has_somebody_behind()
