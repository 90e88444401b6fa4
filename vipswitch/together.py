"""Several VIPs by one command: each goes its own way, side by side, and has its own result."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from vipswitch import orders
from vipswitch.deadline import Deadline
from vipswitch.model import Verb
from vipswitch.result import Report, Result
from vipswitch.switch import Switch

T = TypeVar("T")


def carry_out(switches: Sequence[Switch], verb: Verb, deadlines: Sequence[Deadline]) -> list[Result]:
    """What came of the order for each VIP, in the order of `switches`."""
    return _side_by_side(
        [partial(_carry_out, switch, verb, d) for switch, d in zip(switches, deadlines, strict=True)]
    )


def status(switches: Sequence[Switch], deadline: Deadline) -> list[Report]:
    """What was found of each VIP, in the order of `switches`."""
    return _side_by_side([partial(switch.status, deadline) for switch in switches])


def _carry_out(switch: Switch, verb: Verb, deadline: Deadline) -> Result:
    return switch.carry_out(orders.new(switch.vip.name, verb), deadline)


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
