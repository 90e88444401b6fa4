"""The search through all schedules of a play, depth first, each from its beginning.

Rules: a play is deterministic, so that the same choices lead to the same state and the same next choices;
this is checked. Two choices of different actors commute if neither changes what the other looks at or
changes. Two of one actor commute if both are reads that wait at once: it goes on when it has both answers.

How it works: in every schedule that was run, two events race that do not commute and that nothing between
them keeps in their order. For each race the other order is put on the agenda of the state before the first of
the two (a source set), unless something there leads to it anyway. What was tried at a state sleeps in the
states that are reached from it by what commutes with it, so that of all schedules that are equal but for the
order of what commutes exactly one comes to its end.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from .count import extensions


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that can happen next: an actor's request, or something that befalls it."""

    actor: str
    what: str
    writes: bool = False

    def __str__(self) -> str:
        return f"{self.actor}: {self.what}"


@dataclass(frozen=True, slots=True)
class Effect:
    """What became of a choice, by the names of the objects that it met."""

    looked_at: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()

    def meets(self, other: Effect) -> bool:
        """Whether the order of the two makes a difference."""
        mine, theirs = self.changed, other.changed
        return bool(mine & (other.looked_at | theirs) or theirs & self.looked_at)


@dataclass(frozen=True, slots=True)
class Event:
    """One choice that was taken; `since` is how many had been taken before it could be."""

    choice: Choice
    effect: Effect
    since: int


class Play(Protocol):
    """Something that can be begun again and again, and goes on by choices."""

    def choices(self) -> Collection[Choice]:
        """What can happen next; nothing at the end."""
        ...

    def take(self, choice: Choice) -> Effect:
        """Let it happen."""
        ...


P = TypeVar("P", bound=Play)


@dataclass(frozen=True, slots=True)
class Run(Generic[P]):
    """One play at its end, and what led there."""

    play: P
    events: tuple[Event, ...]

    @property
    def merges(self) -> int:
        """How many schedules it stands for: those that differ from it only in the order of what commutes."""
        return extensions([_direct(self.events, index) for index in range(len(self.events))])

    @property
    def schedule(self) -> str:
        """What happened, a line each."""
        return "\n".join(str(event.choice) for event in self.events)


def commute(one: Choice, effect: Effect, other: Choice, others: Effect) -> bool:
    """Whether two choices that can both be taken lead to the same state in either order."""
    if one.actor == other.actor and (one.writes or other.writes):
        return False
    return not effect.meets(others)


def explore(begin: Callable[[], AbstractContextManager[P]], *, reduced: bool = True) -> Iterator[Run[P]]:
    """Each schedule of the play, at its end; only those that differ in more than order if `reduced`."""
    path: list[_Step] = []
    while True:
        with begin() as play:
            if _play(play, path, reduced=reduced):
                yield Run(play, tuple(step.event for step in path))
        if not _turn_back(path):
            return


@contextmanager
def again(begin: Callable[[], AbstractContextManager[P]], run: Run[P]) -> Iterator[P]:
    """The same play at the same end once more."""
    with begin() as play:
        for event in run.events:
            play.take(event.choice)
        yield play


@dataclass(slots=True)
class _Step:
    """One state on the way: what can be chosen there and since when, what sleeps, what is to be tried, what
    was tried, and what is taken now. `after` has a bit for each earlier event that its event follows from.
    """

    choices: dict[Choice, int]
    asleep: dict[Choice, Effect]
    agenda: set[Choice] = field(default_factory=set)
    tried: dict[Choice, Effect] = field(default_factory=dict)
    taken: Choice | None = None
    after: int = 0

    def wake(self) -> bool:
        """Take what is on the agenda; whether there is anything left."""
        left = (c for c in self.choices if c in self.agenda and c not in self.tried and c not in self.asleep)
        self.taken = next(left, None)
        return self.taken is not None

    @property
    def event(self) -> Event:
        assert self.taken is not None
        return Event(self.taken, self.tried[self.taken], self.choices[self.taken])

    def sleepers(self) -> dict[Choice, Effect]:
        """What sleeps in the state that is reached by what is taken."""
        now = self.event
        known = {**self.asleep, **{c: e for c, e in self.tried.items() if c != now.choice}}
        return {c: e for c, e in known.items() if commute(c, e, now.choice, now.effect)}


def _play(play: Play, path: list[_Step], *, reduced: bool) -> bool:
    """Follow the path, then go on to the end; false where that has been seen already."""
    known, depth = len(path), 0
    while choices := sorted(play.choices(), key=str):
        if depth == len(path):
            path.append(_arrive(path, choices, reduced=reduced))
            if not path[depth].wake():
                return False
        step = path[depth]
        assert list(step.choices) == choices, f"not the same again: {choices}, not {list(step.choices)}"
        assert step.taken is not None
        step.tried[step.taken] = play.take(step.taken)
        if depth >= known - 1:
            _follow(path, depth)
        depth += 1
    return True


def _arrive(path: list[_Step], choices: list[Choice], *, reduced: bool) -> _Step:
    """A new state, with the first that does not sleep on its agenda, or everything."""
    before = path[-1] if path else None
    known = before.choices if before else {}
    since = {choice: known[choice] if _waits(before, choice) else len(path) for choice in choices}
    if not reduced:
        return _Step(since, {}, set(choices))
    asleep = before.sleepers() if before else {}
    return _Step(since, asleep, set([c for c in choices if c not in asleep][:1]))


def _waits(before: _Step | None, choice: Choice) -> bool:
    """Whether it could have been taken one step earlier."""
    return before is not None and choice in before.choices and choice != before.taken


def _turn_back(path: list[_Step]) -> bool:
    """Go back to the last state where something is left to try; whether there is one."""
    while path and not path[-1].wake():
        path.pop()
    return bool(path)


# races


def _direct(events: Sequence[Event], index: int) -> list[int]:
    """The earlier events that an event cannot change places with."""
    later = events[index]
    return [i for i in range(index) if not _exchangeable(events[i], i, later)]


def _exchangeable(earlier: Event, index: int, later: Event) -> bool:
    fixed = _led_to(earlier, index, later)
    return not fixed and commute(earlier.choice, earlier.effect, later.choice, later.effect)


def _led_to(earlier: Event, index: int, later: Event) -> bool:
    """Whether the later one could not have been taken without the earlier."""
    same = earlier.choice.actor == later.choice.actor
    return index == later.since - 1 or (same and later.since > index)


def _follow(path: list[_Step], index: int) -> None:
    """Note what the event at that number follows from, and put the reverse of its races on the agenda."""
    events = [step.event for step in path[: index + 1]]
    direct = _direct(events, index)
    path[index].after = 0
    for i in direct:
        path[index].after |= path[i].after | 1 << i
    for i in direct:
        through = any(path[k].after >> i & 1 for k in direct if k > i)
        if not through and not _led_to(events[i], i, events[index]):
            _reverse(path, i, index)


def _reverse(path: list[_Step], i: int, j: int) -> None:
    """See to it that the event j is tried before the event i as well."""
    between = [k for k in range(i + 1, j) if not path[k].after >> i & 1]
    first = [k for k in [*between, j] if not any(path[k].after >> m & 1 for m in between)]
    could = {path[k].event.choice for k in first}
    if not could & path[i].agenda:
        path[i].agenda.add(min((c for c in could if c in path[i].choices), key=str))
