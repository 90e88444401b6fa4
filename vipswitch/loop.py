"""The only loop: plan, act side by side, learn, plan again, until nothing is left to do.

Every place goes its own way: one that hangs or fails neither stops nor hides the others. Only reads
wait a moment for writes under way, so that one request verifies all of them. Nothing sleeps for a
fixed time: what must be tried again waits with a doubling, jittered delay; the deadline ends it all.

One exception: an order that was given because nobody else was heard may be wrong, where the cloud was silent
as well. When the cloud answers again, so may the peers, and the holder is left alone for a moment.
"""

from __future__ import annotations

import logging
import queue
import random
import threading
from dataclasses import dataclass, replace

from vipswitch.act import Actor
from vipswitch.deadline import Clock, Deadline
from vipswitch.errors import OutcomeUnknown, TimeUp, Unavailable, VipswitchError
from vipswitch.model import Place
from vipswitch.plan import Claim, Mark, Next, Prepare, Read, Release, Rules, Step, Tidy, Unmark, next_of, plan
from vipswitch.result import Observer
from vipswitch.world import (
    Acknowledged,
    Advanced,
    Conflicted,
    Fact,
    Failed,
    OutcomeLost,
    Prepared,
    Saw,
    TakenBack,
    Tidied,
    Troubled,
    World,
    learn,
)

log = logging.getLogger(__name__)

_FIRST_DELAY_S = 0.05
_LONGEST_DELAY_S = 1.0
_READS_WAIT_S = 1.0
_SILENT_S = 1.0
"""A cloud that has failed for so long was not just busy."""

HUSH_S = 2.0
"""How long the peers may take to be heard, once the cloud answers again: VRRP has an advert each second."""

_LAST_WORDS_S = 0.25
"""How long after the deadline a request under way may still tell its outcome."""


@dataclass(frozen=True, slots=True)
class _Running:
    """A step under way in a thread of its own."""

    step: Step
    since: float

    @property
    def places(self) -> tuple[Place, ...]:
        match self.step:
            case Read(places):
                return places
            case Claim(place) | Release(place) | Mark(place) | Unmark(place) | Tidy(place):
                return (place,)
        return ()

    @property
    def writes(self) -> bool:
        return isinstance(self.step, Claim | Release | Mark | Unmark | Tidy)


@dataclass(frozen=True, slots=True)
class _Ended:
    run: _Running
    facts: list[Fact]


class Hush:
    """Which places have been silent, and since when; for all rounds of one order."""

    def __init__(self) -> None:
        self._since: dict[Place, float] = {}

    def fails(self, place: Place, now: float) -> None:
        """A request has failed for now."""
        self._since.setdefault(place, now)

    def answers(self, place: Place, now: float) -> bool:
        """Whether it was silent for a while until now."""
        return now - self._since.pop(place, now) >= _SILENT_S


class Loop:
    """Carries one order from its blank world to its end."""

    def __init__(
        self,
        rules: Rules,
        actor: Actor,
        *,
        deadline: Deadline,
        clock: Clock,
        observer: Observer,
        hush: Hush | None = None,
    ) -> None:
        self._rules = rules
        self._hush = hush
        self._actor = actor
        self._deadline = deadline
        self._clock = clock
        self._observer = observer
        self._running: set[_Running] = set()
        self._ended: queue.SimpleQueue[_Ended] = queue.SimpleQueue()
        self._tries: dict[Place, int] = {}
        self._wake: dict[Place, float] = {}
        self._planned = 0.0

    def run(self, world: World) -> World:
        """The world when nothing is left to do or the deadline has passed."""
        while True:
            world = self._start_what_can(world)
            if not self._running and not self._wake:
                return world
            if self._deadline.passed():
                return self._last_words(world)
            ended = self._clock.next_from(self._ended, self._patience(), expected=bool(self._running))
            if ended is not None:
                world = self._learn(world, ended)

    def _start_what_can(self, world: World) -> World:
        """Start all steps that may start now; steps on the host are done at once and planned on."""
        while not self._deadline.passed():
            steps = [s for s in plan(self._rules, self._with_busy(world)) if not self._held_back(s)]
            if not steps:
                break
            for step in steps:
                world = self._start(world, step)
        return world

    def _with_busy(self, world: World) -> World:
        self._planned = self._clock.now().monotonic
        self._wake = {place: at for place, at in self._wake.items() if at > self._planned}
        under_way = {place for run in self._running for place in run.places}
        return replace(world, busy=frozenset(under_way | self._wake.keys()))

    def _held_back(self, step: Step) -> bool:
        """A read that would be made again as soon as the writes under way are answered."""
        young = self._planned - _READS_WAIT_S
        return isinstance(step, Read) and any(run.writes and run.since > young for run in self._running)

    def _start(self, world: World, step: Step) -> World:
        if not isinstance(step, Read | Claim | Release | Mark | Unmark | Tidy | Prepare):
            return self.do_now(world, step)
        run = _Running(step, self._clock.now().monotonic)
        self._observer.started(step)
        self._running.add(run)
        threading.Thread(target=self._perform, args=(run,), daemon=True).start()
        return replace(world, prepared=True) if isinstance(step, Prepare) else world

    def do_now(self, world: World, step: Step) -> World:
        """Carry out a step on the host, here and now."""
        run = _Running(step, self._clock.now().monotonic)
        self._observer.started(step)
        return self._learn(world, _Ended(run, self._actor.perform(step)))

    def _perform(self, run: _Running) -> None:
        try:
            facts = self._actor.perform(run.step)
        except Exception as bug:  # the last line of defence: a thread that dies would hang the order
            log.debug("bug in %s", run.step, exc_info=True)
            wrong = VipswitchError(f"internal error: {type(bug).__name__}: {bug}", hint="please report it")
            facts = [Failed(place, wrong) for place in run.places] or [Prepared((wrong.message,))]
        self._ended.put(_Ended(run, facts))

    def _learn(self, world: World, ended: _Ended) -> World:
        self._running.discard(ended.run)
        self._observer.ended(ended.run.step, ended.facts, self._clock.now().monotonic - ended.run.since)
        for fact in ended.facts:
            world = learn(world, fact)
            if not self._rests(world, fact):
                self._delay(world, fact)
        return world

    def _rests(self, world: World, fact: Fact) -> bool:
        """Whether the place now rests because it has been silent, and another node holds it."""
        hush, now = self._hush, self._clock.now().monotonic
        if hush is None or not isinstance(fact, Saw | Troubled | OutcomeLost):
            return False
        if not isinstance(fact, Saw):
            hush.fails(fact.place, now)
            return False
        theirs = fact.holding.holder not in (None, world.me) and not fact.holding.released
        if not hush.answers(fact.place, now) or not theirs or self._next(world, fact.place) is not Next.WRITE:
            return False
        self._wake[fact.place] = now + HUSH_S
        return True

    def _delay(self, world: World, fact: Fact) -> None:
        """Let a place rest before its next try: it failed for now, or does not show our write yet.

        It rests for as long as the cloud asks, or, without that, twice as long as before; after a write it is
        looked at soon again.
        """
        if isinstance(fact, Acknowledged | Advanced):
            self._tries.pop(fact.place, None)
        again = isinstance(fact, Troubled | Conflicted | TakenBack) or (
            isinstance(fact, Saw) and self._next(world, fact.place) in (Next.LOOK, Next.SETTLING)
        )
        if not again or not isinstance(fact, Troubled | Conflicted | TakenBack | Saw):
            return
        tries = self._tries[fact.place] = self._tries.get(fact.place, 0) + 1
        delay = min(_FIRST_DELAY_S * 2 ** (tries - 1), _LONGEST_DELAY_S) * random.uniform(0.5, 1.0)
        self._wake[fact.place] = self._clock.now().monotonic + max(delay, _asked_for(fact))

    def _next(self, world: World, place: Place) -> Next:
        return next_of(self._rules, world.me, world.places[place])

    def _patience(self) -> float:
        """Until the next place may try again, a held-back read may start, or the deadline.

        What fell due since the last plan was not in it, and is not waited for.
        """
        moments = [*self._wake.values(), *(run.since + _READS_WAIT_S for run in self._running if run.writes)]
        due = min((at for at in moments if at > self._planned), default=float("inf"))
        return self._deadline.capped(max(due - self._clock.now().monotonic, 0.0))

    def _last_words(self, world: World) -> World:
        """Hear what is said just after the deadline; a write that stays silent has no known outcome."""
        grace = Deadline(_LAST_WORDS_S, self._clock)
        while self._running and not grace.passed():
            ended = self._clock.next_from(self._ended, grace.remaining(), expected=True)
            if ended is not None:
                world = self._learn(world, ended)
        for run in self._running:
            for place in run.places:
                world = learn(world, _silent(run, place))
        return world


def _asked_for(fact: Fact) -> float:
    """How long the cloud asks us to wait before the next try, in seconds."""
    error = fact.error if isinstance(fact, Troubled) else None
    return (isinstance(error, Unavailable) and error.after_s) or 0.0


def _silent(run: _Running, place: Place) -> Fact:
    if isinstance(run.step, Tidy):
        return Tidied(place, TimeUp("no answer before the deadline"))
    if run.writes:
        return OutcomeLost(place, OutcomeUnknown("no answer before the deadline"))
    return Troubled(place, TimeUp("no answer before the deadline"))
