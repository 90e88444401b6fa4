"""Writing down what an order does while it is done, and making a move of it at the end.

A recorder is made when the order is taken, in the agent once for all rounds of an order: from then on its
seconds count. Steps overlap and end in any order. A step that never ended, because the deadline came first,
is part of the move. Of a move that tries for minutes the first and the last steps are kept.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vipswitch.deadline import Clock, Instant
from vipswitch.model import Place
from vipswitch.move import Kind, Move, PlaceEnd, Reason, StepRecord, Way
from vipswitch.orders import Order
from vipswitch.plan import Read, Step
from vipswitch.processes import Process
from vipswitch.result import Observer, Result
from vipswitch.steplog import kind_of, name_of, outcome_of_all, places_of, went_well
from vipswitch.world import Fact, OutcomeLost, Saw, TakenBack

_KEPT = 200
"""Steps from the start, and as many from the end: some 100 KB of history at most."""


class Observers:
    """Several observers as one; each is told in turn."""

    def __init__(self, *observers: Observer) -> None:
        self._observers = observers

    def started(self, step: Step) -> None:
        """A step begins."""
        for observer in self._observers:
            observer.started(step)

    def ended(self, step: Step, facts: list[Fact], seconds: float) -> None:
        """A step is over."""
        for observer in self._observers:
            observer.ended(step, facts, seconds)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a recorder knows so far: the steps in the order of their end, and how many it has forgotten."""

    steps: tuple[StepRecord, ...]
    left_out: int
    seconds: float


class Recorder:
    """An observer that remembers steps, with times counted from when it was made; thread-safe.

    `began` is that moment; its wall clock is what the move's id is made of (`move.id_of`).
    """

    def __init__(self, clock: Clock) -> None:
        self.began: Instant = clock.now()
        self._clock = clock
        self._lock = threading.Lock()
        self._under_way: list[tuple[Step, float]] = []
        self._first: list[StepRecord] = []
        self._last: deque[StepRecord] = deque(maxlen=_KEPT)
        self._ended = 0
        self._operations: dict[Place, _Operation] = {}

    def started(self, step: Step) -> None:
        """A step begins now."""
        with self._lock:
            self._under_way.append((step, self._now()))

    def ended(self, step: Step, facts: list[Fact], seconds: float) -> None:
        """A step is over, `seconds` after it began."""
        with self._lock:
            began = self._take_out(step)
            self._keep(_record(step, began, began + seconds, facts))
            for fact in facts if isinstance(step, Read) else ():
                self._follow(fact, began + seconds)

    def cut_off(self) -> None:
        """A round is over: what is still under way will give no answer any more."""
        with self._lock:
            for step, began in self._under_way:
                self._keep(_record(step, began, self._now(), []))
            self._under_way.clear()

    def recorded(self) -> Recorded:
        """Everything up to now; what is still under way has no answer."""
        with self._lock:
            now = self._now()
            open_ones = [_record(step, began, now, []) for step, began in self._under_way]
            open_ones += [each.until(now, "still runs", ok=False) for each in self._operations.values()]
            left_out = self._ended - len(self._first) - len(self._last)
            return Recorded((*self._first, *self._last, *open_ones), left_out, now)

    def _now(self) -> float:
        return self._clock.now().monotonic - self.began.monotonic

    def _take_out(self, step: Step) -> float:
        """When the step began; now, for one that nobody said had begun."""
        for number, (open_one, began) in enumerate(self._under_way):
            if open_one == step:
                del self._under_way[number]
                return began
        return self._now()

    def _follow(self, fact: Fact, at: float) -> None:
        """A read has seen an operation of the cloud, or its end."""
        if isinstance(fact, Saw) and fact.holding.busy:
            self._operations.setdefault(fact.place, _Operation(fact.place, at, fact.holding.note))
        elif isinstance(fact, Saw | OutcomeLost | TakenBack):
            failed = f"failed: {fact.error.message}" if not isinstance(fact, Saw) else ""
            if known := self._operations.pop(fact.place, None):
                self._keep(known.until(at, failed or known.note, ok=not failed))

    def _keep(self, record: StepRecord) -> None:
        self._ended += 1
        if len(self._first) < _KEPT:
            self._first.append(record)
        else:
            self._last.append(record)


@dataclass(frozen=True, slots=True)
class _Operation:
    """What the cloud was seen to be at."""

    place: Place
    from_s: float
    note: str

    def until(self, to_s: float, outcome: str, *, ok: bool) -> StepRecord:
        """As it is written down."""
        return StepRecord(
            name=f"operation {self.place}",
            kind=Kind.OPERATION,
            places=(str(self.place),),
            from_s=_rounded(self.from_s),
            to_s=_rounded(to_s),
            outcome=outcome,
            ok=ok,
        )


def move_of(
    order: Order,
    result: Result,
    recorder: Recorder,
    *,
    asked_by: str,
    reason: Reason = Reason.ORDER,
    path: Way = Way.ALONE,
    rounds: int = 1,
    finished: bool = True,
) -> Move:
    """The move that an order became, up to now. An order that was only repeated is a repeat."""
    recorded = recorder.recorded()
    return Move(
        vip=result.vip.name,
        verb=result.verb,
        reason=Reason.REPEAT if result.repeated and reason is Reason.ORDER else reason,
        asked_by=asked_by,
        caller=order.caller,
        hook=order.by,
        node=result.node or "",
        began=round(recorder.began.wall, 6),
        caller_started_s=None if order.caller is None else _started_s(order.caller, recorder.began),
        hook_started_s=_started_s(order.by, recorder.began),
        seconds=_rounded(recorded.seconds),
        exit_code=result.exit_code,
        errors=tuple(dict.fromkeys(error.message for error in result.errors)),
        warnings=result.warnings,
        places=tuple(_ends(result)),
        steps=recorded.steps,
        rounds=rounds,
        path=path,
        finished=finished,
        left_out=recorded.left_out,
    )


def _ends(result: Result) -> Iterator[PlaceEnd]:
    for end in result.places:
        yield PlaceEnd(str(end.place), str(end.outcome), end.seen.holder if end.seen else None)


def _started_s(process: Process, began: Instant) -> float | None:
    """When a process started, counted from `began`; None where the kernel did not say."""
    if process.started == 0:
        return None
    return _rounded(process.started / os.sysconf("SC_CLK_TCK") - began.boot)


def _record(step: Step, from_s: float, to_s: float, facts: Sequence[Fact]) -> StepRecord:
    return StepRecord(
        name=name_of(step),
        kind=kind_of(step),
        places=tuple(map(str, places_of(step))),
        from_s=_rounded(from_s),
        to_s=_rounded(to_s),
        outcome=outcome_of_all(facts) if facts else "no answer",
        ok=bool(facts) and all(map(went_well, facts)),
    )


def _rounded(seconds: float) -> float:
    """To a microsecond: what is finer is noise, and fills the history."""
    return round(seconds, 6)
