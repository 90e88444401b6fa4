"""What the agent does by itself once two looks agree: one round, under the last order, noted as one move."""

from __future__ import annotations

from vipswitch.agent.monitor import Act
from vipswitch.agent.pursuits import Pursuits
from vipswitch.deadline import Clock, Deadline
from vipswitch.errand import Purpose
from vipswitch.move import Kind, Reason
from vipswitch.orders import Order
from vipswitch.recorder import Observers, Recorder
from vipswitch.result import Result
from vipswitch.steplog import StepLog
from vipswitch.switch import Switch

_FOR = {
    Act.HEAL: (Purpose.REPEAT, Reason.HEAL),
    Act.RESTORE: (Purpose.RESTORE, Reason.RESTORE),
    Act.CLEAR: (Purpose.CLEAR, Reason.CLEAR),
    Act.RELEASE: (Purpose.CARRY_OUT, Reason.RELEASE),
}


class Healing:
    """Heals one VIP. What goes wrong in the same way again and again is remembered once."""

    def __init__(self, switch: Switch, clock: Clock, pursuits: Pursuits) -> None:
        self._switch = switch
        self._clock = clock
        self._pursuits = pursuits
        self._wrong: tuple[object, ...] = ()

    def knows(self, act: Act) -> bool:
        """Whether there is anything to do for it."""
        return act in _FOR

    def do(self, act: Act, order: Order) -> None:
        """Do what the table says, as part of `order`."""
        purpose, reason = _FOR[act]
        recorder = Recorder(self._clock)
        seen = Observers(StepLog(self._switch.vip.name), recorder)
        errand = self._switch.errand(order, purpose, observer=seen)
        result = errand.run(Deadline(self._switch.provider.capabilities.life_s, self._clock))
        if self._is_news(act, result, recorder):
            self._pursuits.note(order, result, recorder, reason)

    def _is_news(self, act: Act, result: Result, recorder: Recorder) -> bool:
        """Whether something was changed, or tried, and did not go wrong as it did the last time."""
        wrong = (*(error.message for error in result.errors), *result.warnings)
        before, self._wrong = self._wrong, (act, *wrong) if wrong else ()
        tried = any(step.kind is not Kind.READ for step in recorder.recorded().steps)
        return tried and (not wrong or self._wrong != before)
