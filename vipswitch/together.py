"""Several VIPs by one command: each goes its own way, side by side, and has its own result."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from vipswitch.deadline import Deadline
from vipswitch.history import History
from vipswitch.orders import Order
from vipswitch.recorder import Recorder, move_of
from vipswitch.result import Report, Result
from vipswitch.switch import Switch

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Commission:
    """One VIP's order by this process: what carries it out, and where it is noted."""

    switch: Switch
    order: Order
    recorder: Recorder
    history: History

    def carry_out(self, deadline: Deadline) -> Result:
        """What came of it, noted in the history as well."""
        result = self.switch.carry_out(self.order, deadline)
        self.history.add(move_of(self.order, result, self.recorder, asked_by=self.order.asked_by))
        return result


def carry_out(commissions: Sequence[Commission], deadlines: Sequence[Deadline]) -> list[Result]:
    """What came of each order, in their order."""
    return _side_by_side([partial(c.carry_out, d) for c, d in zip(commissions, deadlines, strict=True)])


def status(switches: Sequence[Switch], deadline: Deadline) -> list[Report]:
    """What was found of each VIP, in the order of `switches`."""
    return _side_by_side([partial(switch.status, deadline) for switch in switches])


def _side_by_side(work: Sequence[Callable[[], T]]) -> list[T]:
    """All results, in the order of `work`. One job runs here; several in threads that die with us."""
    if len(work) == 1:
        return [work[0]()]
    done: queue.SimpleQueue[tuple[int, T | BaseException]] = queue.SimpleQueue()

    def run(number: int, job: Callable[[], T]) -> None:
        try:
            done.put((number, job()))
        except BaseException as wrong:  # handed to the thread that waits
            done.put((number, wrong))

    for number, job in enumerate(work):
        threading.Thread(target=run, args=(number, job), daemon=True).start()
    ended = dict(done.get() for _ in work)
    return [_result(ended[number]) for number in range(len(work))]


def _result(ended: T | BaseException) -> T:
    if isinstance(ended, BaseException):
        raise ended
    return ended
