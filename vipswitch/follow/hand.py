"""Gives the orders for one VIP as a hook would, and knows how far the last one got.

Rules: the agent is asked first; where none takes the order, it is carried out here, with an SDK that stays
warm. The follower is the caller of its orders and stands behind them as long as it lives. An order is as old
as the knowledge that it is built on: its generation is the moment of the look. Giving one does not wait: a
newer one may have to overtake it.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass

from vipswitch import client, processes
from vipswitch.config import Config, VipConfig
from vipswitch.deadline import Clock, Deadline, Instant
from vipswitch.edge import distinct, lines
from vipswitch.errors import VipswitchError
from vipswitch.follow.course import Standing
from vipswitch.model import Verb
from vipswitch.orders import OrderBook, OrderState
from vipswitch.processes import Bringer, Caller, Process
from vipswitch.selection import capabilities_of
from vipswitch.steplog import StepLog
from vipswitch.wiring import Commons, commission

log = logging.getLogger("vipswitch.follow")

PROGRAM = "follow"
"""Who asks, in the order's file."""

_WAIT_S = 10.0
"""How long the agent's answer is waited for; it goes on after that."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What the orders of all VIPs stand on: the config, as the agent has to have read it, and the SDKs."""

    config: Config
    named: str
    orders: OrderBook
    commons: Commons
    clock: Clock


class Hand:
    """Gives the orders of one VIP."""

    def __init__(self, vip: VipConfig, ground: Ground) -> None:
        self.name = vip.vip.name
        self._vip = vip
        self._ground = ground
        self._given: Process | None = None
        self._thread: threading.Thread | None = None
        self._deadline: Deadline | None = None
        self._left = False

    def give(self, verb: Verb, since: Instant) -> None:
        """Begin to carry out an order that rests on what was true at `since`."""
        me = processes.me()
        bringer = Bringer(Process(me.pid, processes.ticks_at(since.boot)), Caller(PROGRAM, me, me))
        self._given = bringer.by
        self._thread = threading.Thread(target=self._carry_out, args=(verb, bringer), daemon=True)
        self._thread.start()

    @property
    def standing(self) -> Standing:
        """How far the last order got."""
        if self.busy or self._given is None:
            return Standing.AT_WORK if self.busy else Standing.DONE
        last = self._ground.orders.last(self.name)
        if last is None or last.by != self._given:
            newer = last is not None and last.generation >= self._given.started
            return Standing.REPLACED if newer else Standing.FAILED
        if last.state is OrderState.DONE:
            return Standing.DONE
        return Standing.AT_WORK if last.in_progress() else Standing.FAILED

    @property
    def busy(self) -> bool:
        """Whether an order is being given, or carried out here."""
        return self._thread is not None and self._thread.is_alive()

    def leave(self) -> None:
        """Start no further write."""
        self._left = True
        if self._deadline is not None:
            self._deadline.cancel()

    def _carry_out(self, verb: Verb, bringer: Bringer) -> None:
        try:
            if not self._handed_over(verb, bringer) and not self._left:
                self._alone(verb, bringer)
        except VipswitchError as wrong:
            self._say(verb, *lines(wrong))
        except Exception:  # the last line of defence: the next look gives the order again
            log.exception("bug while carrying out %s for %s", verb, self.name)

    def _handed_over(self, verb: Verb, bringer: Bringer) -> bool:
        """Whether an agent has done it, or goes on with it."""
        ground = self._ground
        request = client.order(verb, self.name, _WAIT_S, config=ground.named, bringer=bringer)
        path = client.socket_path(str(ground.config.tool.run_dir or ""))
        return client.hand_over(request, path, lambda line: self._say(verb, line)) is not None

    def _alone(self, verb: Verb, bringer: Bringer) -> None:
        ground = self._ground
        ours = commission(
            ground.config,
            self._vip,
            verb,
            StepLog(self.name),
            clock=ground.clock,
            bringer=bringer,
            commons=ground.commons,
        )
        self._deadline = Deadline(capabilities_of(self._vip).life_s, ground.clock)
        result = ours.carry_out(self._deadline)
        self._say(verb, *(f"warning: {warning}" for warning in result.warnings))
        self._say(verb, *(line for error in distinct(result.errors) for line in lines(error)))

    def _say(self, verb: Verb, *said: str) -> None:
        for line in said:
            log.warning("%s %s: %s", self.name, verb, line, extra={"vip": self.name})
