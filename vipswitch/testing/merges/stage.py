"""Actors that are threads, each of which stands still at every request until somebody answers it.

Rules: only one actor moves at a time, between the answer to one request and the next ones that it makes, so
that the same answers always lead to the same requests. An actor's time is its own and passes only when it
waits. One that dies leaves everything as it is: no answer is heard, nothing else is done for it.

How it works: the threads that are at work are counted. A thread that waits for others of its actor (for a
step, for the jobs of a pool) is not at work; a thread that waits for an answer is not either. When the count
is zero, all that can be asked has been asked. The steps are counted by an observer, the jobs by the pool that
takes the place of the library's while the stage is open.
"""

from __future__ import annotations

import concurrent.futures
import math
import queue
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Generic, Self, TypeVar

from vipswitch.plan import Step
from vipswitch.testing.clock import ManualClock
from vipswitch.world import Fact

from .explore import Choice

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")
T = TypeVar("T")

_STUCK_S = 30.0
_PACES = (0.05, 0.1, 0.2, 0.4, 1.0)


class Killed(Exception):
    """The actor has died."""


class _Wait(Generic[Asked, Answer]):
    """One request, and its answer; nothing once its actor is dead."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.over = threading.Event()
        self.answer: Answer | None = None


class Stage(Generic[Asked, Answer]):
    """The actors that are alive, and the requests that they wait with."""

    def __init__(self) -> None:
        self._quiet = threading.Condition()
        self._at_work = 0
        self._waits: dict[Choice, _Wait[Asked, Answer]] = {}
        self._steps: Counter[str] = Counter()
        self._dead: set[str] = set()
        self.ended: dict[str, Any] = {}

    def __enter__(self) -> Self:
        self._pools = concurrent.futures.ThreadPoolExecutor
        concurrent.futures.ThreadPoolExecutor = _counted(self)  # type: ignore[misc]
        return self

    def __exit__(self, *_: object) -> None:
        concurrent.futures.ThreadPoolExecutor = self._pools  # type: ignore[misc]
        for actor in {choice.actor for choice in self._waits}:
            self.kill(actor)

    # who directs

    def start(self, actor: str, run: Callable[[], Any]) -> None:
        """Let an actor go as far as its first requests; what `run` gives is kept in `ended`."""
        self.works(1)
        threading.Thread(target=self._act, args=(actor, run), name=actor, daemon=True).start()
        self._settle()

    def waiting(self, actor: str) -> dict[Choice, Asked]:
        """The requests that an actor waits with."""
        return {choice: wait.asked for choice, wait in self._waits.items() if choice.actor == actor}

    def answer(self, choice: Choice, answer: Answer) -> None:
        """Answer one request, and let its actor go as far as its next ones."""
        self._end(choice, answer)
        self._settle()

    def kill(self, actor: str) -> None:
        """Let an actor die."""
        self._dead.add(actor)
        for choice in [choice for choice in self._waits if choice.actor == actor]:
            self._end(choice, None)
        self._settle()

    # the actors

    def ask(self, choice: Choice, asked: Asked) -> Answer:
        """Stand still here until there is an answer. Raises Killed."""
        wait: _Wait[Asked, Answer] = _Wait(asked)
        with self._quiet:
            self.breathe(choice.actor)
            assert choice not in self._waits, f"twice at once: {choice}"
            self._waits[choice] = wait
        self.works(-1)
        assert wait.over.wait(_STUCK_S), f"never answered: {choice}"
        if wait.answer is None:
            raise Killed(choice.actor)
        return wait.answer

    def breathe(self, actor: str) -> None:
        """Raises Killed where the actor is dead."""
        if actor in self._dead:
            raise Killed(actor)

    def works(self, more: int) -> None:
        """So many threads more are at work."""
        with self._quiet:
            self._at_work += more
            if self._at_work == 0:
                self._quiet.notify_all()

    def steps(self, actor: str, more: int) -> None:
        """So many steps more of an actor are under way."""
        self._steps[actor] += more
        self.works(more)

    def _end(self, choice: Choice, answer: Answer | None) -> None:
        self.works(1)
        with self._quiet:
            wait = self._waits.pop(choice)
        wait.answer = answer
        wait.over.set()

    def _settle(self) -> None:
        with self._quiet:
            quiet = self._quiet.wait_for(lambda: self._at_work == 0, _STUCK_S)
        assert quiet, f"somebody is still at work: {self._at_work}"

    def _act(self, actor: str, run: Callable[[], Any]) -> None:
        try:
            self.ended[actor] = run()
        except Killed:
            pass
        except BaseException as wrong:
            self.ended[actor] = wrong
        finally:
            self.works(-1 - self._steps.pop(actor, 0))


class Watch:
    """An observer that counts the steps of an actor, each of which may be a thread."""

    def __init__(self, stage: Stage[Any, Any], actor: str) -> None:
        self._stage = stage
        self._actor = actor

    def started(self, step: Step) -> None:
        """It is at work."""
        self._stage.steps(self._actor, 1)

    def ended(self, step: Step, facts: list[Fact], seconds: float) -> None:
        """It has been heard of."""
        self._stage.steps(self._actor, -1)


class PacedClock(ManualClock):
    """An actor's own time: no jitter makes a difference between two plays."""

    def __init__(self, stage: Stage[Any, Any], actor: str) -> None:
        super().__init__()
        self._stage = stage
        self._actor = actor

    def next_from(self, source: queue.SimpleQueue[T], seconds: float, *, expected: bool) -> T | None:
        """As ManualClock; waits as long as it takes for what is at work, unless the actor dies."""
        if not expected:
            return super().next_from(source, _paced(seconds), expected=False)
        self._stage.works(-1)
        item = source.get()
        self._stage.works(1)
        self._stage.breathe(self._actor)
        return item


def _paced(seconds: float) -> float:
    """What a delay may have been before its jitter: the loop's, which double, and its longest."""
    return next((pace for pace in _PACES if seconds <= pace), math.ceil(seconds)) if seconds > 0 else seconds


def _counted(stage: Stage[Any, Any]) -> type[ThreadPoolExecutor]:
    class Counted(ThreadPoolExecutor):
        """A pool whose jobs are at work, and whose user is not while it waits for them."""

        def map(self, fn: Callable[..., T], *lists: Any, **_: Any) -> Iterator[T]:
            jobs = list(zip(*lists, strict=True))
            counted = _Jobs(stage, len(jobs))
            return iter([f.result() for f in [self.submit(counted.run, fn, job) for job in jobs]])

    return Counted


class _Jobs:
    """So many jobs, the last of which hands its place back to who waits for them."""

    def __init__(self, stage: Stage[Any, Any], count: int) -> None:
        self._stage = stage
        self._left = count
        self._lock = threading.Lock()
        stage.works(count - 1 if count else 0)

    def run(self, fn: Callable[..., T], arguments: tuple[Any, ...]) -> T:
        try:
            return fn(*arguments)
        finally:
            with self._lock:
                self._left -= 1
                last = self._left == 0
            if not last:
                self._stage.works(-1)
