"""How long the client waited, and for whom. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vipswitch.demo.ear import Run
from vipswitch.demo.probes import Probe, first_answer, last_answer
from vipswitch.demo.scene import Route


@dataclass(frozen=True, slots=True)
class Blackout:
    """Four moments, from the last answer of the old holder to the first of the new one."""

    last: float
    begun: float
    routed: float
    first: float

    @property
    def total_s(self) -> float:
        return self.first - self.last

    @property
    def detection_s(self) -> float:
        """Until the new node's hook was called."""
        return self.begun - self.last

    @property
    def hook_s(self) -> float:
        """Until the hook had moved the last route."""
        return self.routed - self.begun

    @property
    def propagation_s(self) -> float:
        """Until the client had its answer."""
        return self.first - self.routed


def blackout(probes: Sequence[Probe], routes: Sequence[Route], up: Run) -> Blackout | None:
    """The blackout that `up` ended; None while there is no answer, or no route was moved."""
    first = first_answer(probes, up.node, after=up.begun)
    last = last_answer(probes, before=up.begun)
    moved = [route.at for route in routes if route.at > up.begun and route.holder == up.node]
    if first is None or first.answered is None or last is None or last.answered is None or not moved:
        return None
    return Blackout(last.answered, up.begun, min(max(moved), first.answered), first.answered)
