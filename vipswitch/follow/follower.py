"""One source and the VIPs that follow it: look, decide for each VIP, give orders, rest.

Rules: an answer that this process has slept over is not acted on. Whoever leads is said once, in one line,
and so is every order.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from vipswitch.deadline import Clock, Instant, frozen_between
from vipswitch.follow.course import Course, Patience, Standing, onward
from vipswitch.follow.sighting import Leader, Sighting, Source
from vipswitch.model import Verb

log = logging.getLogger("vipswitch.follow")

_LEAST_S = 0.1
"""Between two looks, however often the source calls."""


class Gives(Protocol):
    """Who gives the orders for one VIP: a `Hand`."""

    @property
    def name(self) -> str:
        """The VIP's."""
        ...

    @property
    def standing(self) -> Standing:
        """How far the last order got."""
        ...

    def give(self, verb: Verb, since: Instant) -> None:
        """Begin to carry out an order."""
        ...


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often to look, and how patient to be."""

    interval_s: float
    patience: Patience


class Follower:
    """Watches one source for its VIPs. `beat_s` is when it last came round, on the monotonic clock."""

    def __init__(
        self, name: str, source: Source, hands: Sequence[Gives], rhythm: Rhythm, clock: Clock
    ) -> None:
        self.name = name
        self._source = source
        self._rhythm = rhythm
        self._clock = clock
        self.beat_s = clock.now().monotonic
        self._courses = [(hand, Course(self.beat_s)) for hand in hands]
        self._said: tuple[Leader, str] | None = None

    def run(self, ended: threading.Event) -> None:
        """Until the end."""
        while not ended.is_set():
            self.beat_s = self._clock.now().monotonic
            self._guard(partial(self.look, ended))
            ended.wait(_LEAST_S)
            seconds = self._rhythm.interval_s * random.uniform(0.8, 1.2) - _LEAST_S
            if not self._guard(partial(self._source.rest, seconds, ended)):
                ended.wait(seconds)

    def _guard(self, work: Callable[[], None]) -> bool:
        """Whether it came to its end."""
        try:
            work()
        except Exception:  # the last line of defence: nobody else would follow
            log.exception("bug while following %s", self.name)
            return False
        return True

    def look(self, ended: threading.Event) -> None:
        """Ask once who leads, and give the orders that follow."""
        seen = self._fresh(self._source.look())
        self._say(seen)
        now_s = self._clock.now().monotonic
        for number, (hand, course) in enumerate(self._courses):
            after, verb = onward(course, seen.leader, now_s, self._rhythm.patience, hand.standing)
            self._courses[number] = (hand, after)
            if verb is not None and not ended.is_set():
                again = " again" if verb is course.asked else ""
                log.info("%s: %s%s: %s", hand.name, verb, again, seen.why, extra={"vip": hand.name})
                hand.give(verb, seen.since)

    def _fresh(self, seen: Sighting) -> Sighting:
        if seen.leader is not Leader.UNKNOWN and frozen_between(seen.since, self._clock.now()):
            return replace(seen, leader=Leader.UNKNOWN, why="the answer came too late to be true for certain")
        return seen

    def _say(self, seen: Sighting) -> None:
        """What has changed; why it is unknown may change with every look, and is said once."""
        told = (seen.leader, "" if seen.leader is Leader.UNKNOWN else seen.why)
        if told != self._said:
            level = logging.WARNING if seen.leader is Leader.UNKNOWN else logging.INFO
            log.log(level, "%s: %s: %s", self.name, seen.leader.value, seen.why)
        self._said = told
