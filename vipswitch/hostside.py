"""Notices when an order has done with the host, which is all that some callers can wait for."""

from __future__ import annotations

from typing import Protocol

from vipswitch.model import Verb
from vipswitch.plan import RemoveAddress, Step
from vipswitch.world import AddressFailed, Fact


class Waits(Protocol):
    """Who wants to know."""

    def host_done(self, vip: str, /) -> None:
        """This VIP's addresses are off the host."""
        ...

    def step(self, vip: str, step: Step, facts: list[Fact], seconds: float, /) -> None:
        """A step is over."""
        ...


class HostSide:
    """An observer of one VIP's errand, which tells `waits` when a `down` has done with the host."""

    def __init__(self, waits: Waits, vip: str, verb: Verb) -> None:
        self._waits = waits
        self._vip = vip
        self._untold = verb is Verb.DOWN

    def started(self, step: Step) -> None:
        """The first step in the cloud means that the host is done."""
        if self._untold and not isinstance(step, RemoveAddress):
            self._untold = False
            self._waits.host_done(self._vip)

    def ended(self, step: Step, facts: list[Fact], seconds: float) -> None:
        """A step is over; where the host failed, only the result tells."""
        if any(isinstance(fact, AddressFailed) for fact in facts):
            self._untold = False
        self._waits.step(self._vip, step, facts, seconds)
