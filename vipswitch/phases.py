"""Where the time of a move went: every moment of it belongs to exactly one phase. Pure.

Places move side by side, so the times of their steps cannot be added up. Here each moment counts once: while
any write is under way it is that; else an operation of the cloud; else a read; else a step on the host; else
the care of the attach point, which goes on beside all these; else nothing was under way. If that took 10 ms
or more, after a failure or before something that had been tried already, it was a wait for the next try;
else our own work.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from vipswitch.move import Kind, Move, Reason, StepRecord

FRESH_S = 60.0
"""A process that ran for longer before the order was not started for it: its start says nothing here."""


class Phase(StrEnum):
    """What a moment was spent on."""

    CALLER = "caller"
    HOOK = "hook"
    HOST = "host"
    LOOK = "look"
    WRITE = "write"
    OPERATION = "operation"
    VERIFY = "verify"
    PREPARE = "prepare"
    REST = "rest"
    OWN = "own"


_REST_S = 0.01
_FIRST_COUNTS = (Phase.WRITE, Phase.OPERATION, Phase.VERIFY, Phase.LOOK, Phase.HOST, Phase.PREPARE)
_OF_ITS_OWN = {Kind.PREPARE: Phase.PREPARE, Kind.OPERATION: Phase.OPERATION}
_ON_HOST = frozenset({Kind.ADD_ADDRESS, Kind.REMOVE_ADDRESS, Kind.ANNOUNCE})


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of time in one phase, in seconds since the move began."""

    phase: Phase
    from_s: float
    to_s: float

    @property
    def seconds(self) -> float:
        return self.to_s - self.from_s


def segments(move: Move) -> tuple[Segment, ...]:
    """The whole move without gaps, from the first moment that is known to the last."""
    hook, caller = hook_start(move), caller_start(move)
    before = [
        *([] if caller is None else [Segment(Phase.CALLER, caller, hook if hook is not None else 0.0)]),
        *([] if hook is None else [Segment(Phase.HOOK, hook, 0.0)]),
    ]
    return (*before, *_filled(move, partition(move.steps)))


def partition(steps: Sequence[StepRecord]) -> tuple[Segment, ...]:
    """The stretches during which any of these steps was under way; what lies between is left out."""
    spans = [(phase_of(step, steps), step) for step in steps]
    edges = sorted({edge for step in steps for edge in (step.from_s, step.to_s)})
    found: list[Segment] = []
    for here, there in pairwise(edges):
        under_way = {phase for phase, step in spans if step.from_s <= here and step.to_s >= there}
        phase = next((phase for phase in _FIRST_COUNTS if phase in under_way), None)
        if phase is not None:
            found.append(Segment(phase, here, there))
    return tuple(_joined(found))


def phase_of(step: StepRecord, steps: Iterable[StepRecord]) -> Phase:
    """A read is verification once a write to one of its places was acknowledged; before that, a look."""
    if step.kind in _ON_HOST:
        return Phase.HOST
    if step.kind in _OF_ITS_OWN:
        return _OF_ITS_OWN[step.kind]
    if step.kind is not Kind.READ:
        return Phase.WRITE
    written = (
        other.ok and other.to_s <= step.from_s and not set(other.places).isdisjoint(step.places)
        for other in steps
        if other.kind is not Kind.READ and other.kind not in _OF_ITS_OWN
    )
    return Phase.VERIFY if any(written) else Phase.LOOK


def spent(move: Move) -> dict[Phase, float]:
    """Seconds by phase; their sum is the whole move."""
    found = dict.fromkeys(Phase, 0.0)
    for segment in segments(move):
        found[segment.phase] += segment.seconds
    return found


def hook_start(move: Move) -> float | None:
    """When the hook started, a negative number; None where no hook was started for this move."""
    ordered = move.reason in (Reason.ORDER, Reason.REPEAT)
    return move.hook_started_s if ordered and _fresh(move.hook_started_s, 0.0) else None


def caller_start(move: Move) -> float | None:
    """When the calling program started, if it did so for this move: Pgpool-II's escalation process does."""
    hook = hook_start(move)
    return move.caller_started_s if hook is not None and _fresh(move.caller_started_s, hook) else None


def end_of(move: Move) -> float:
    """When the move was over, in seconds since it began."""
    return max([move.seconds, *(step.to_s for step in move.steps)])


def _fresh(started: float | None, before: float) -> bool:
    return started is not None and before - FRESH_S <= started < before


def _filled(move: Move, busy: Sequence[Segment]) -> list[Segment]:
    """With what lies before, between and after."""
    end = end_of(move)
    if not busy:
        return [Segment(Phase.OWN, 0.0, end)] if end > 0 else []
    found = [Segment(Phase.OWN, 0.0, busy[0].from_s), busy[0]]
    for before, after in pairwise(busy):
        found += [_between(move.steps, before.to_s, after.from_s), after]
    found.append(Segment(Phase.OWN, busy[-1].to_s, end))
    return [segment for segment in found if segment.seconds > 0]


def _between(steps: Sequence[StepRecord], from_s: float, to_s: float) -> Segment:
    tried = {step.kind for step in steps if step.to_s <= from_s}
    again = any(step.kind in tried for step in steps if step.from_s == to_s)
    failed = any(not step.ok for step in steps if step.to_s == from_s)
    rests = (again or failed) and to_s - from_s >= _REST_S
    return Segment(Phase.REST if rests else Phase.OWN, from_s, to_s)


def _joined(found: Iterable[Segment]) -> list[Segment]:
    joined: list[Segment] = []
    for segment in found:
        if joined and joined[-1].phase is segment.phase and joined[-1].to_s == segment.from_s:
            joined[-1] = Segment(segment.phase, joined[-1].from_s, segment.to_s)
        else:
            joined.append(segment)
    return joined
