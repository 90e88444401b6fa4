"""Carrying out single steps: each becomes one request, and one fact about how it went.

Before every write, under the lock of the object that it changes: is this still the newest order of
the VIP, is there time left, and did this process stand still since it last knew the place? After a
freeze nothing is written; the planner will have the place read first. So it will where the object's places
share a token and another order of this node has written to it since.
"""

from __future__ import annotations

import contextlib
import logging
import queue
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from vipswitch.deadline import Clock, Deadline, Instant, frozen_between
from vipswitch.errors import (
    Conflict,
    Halfway,
    OutcomeUnknown,
    Overtaken,
    TimeUp,
    Unavailable,
    Undone,
    VipswitchError,
)
from vipswitch.model import Address, Holding, NodeId, Place
from vipswitch.orders import Jointly, Order, OrderBook
from vipswitch.plan import (
    AddAddress,
    Announce,
    Claim,
    Mark,
    Prepare,
    Read,
    Release,
    RemoveAddress,
    Step,
    Tidy,
    Unmark,
)
from vipswitch.provider import Marks, Prepares, Provider, Releases, Restores, Tidies
from vipswitch.world import (
    Acknowledged,
    AddressAdded,
    AddressFailed,
    AddressRemoved,
    Advanced,
    Announced,
    Conflicted,
    Fact,
    Failed,
    Froze,
    OutcomeLost,
    Outdated,
    Prepared,
    Saw,
    TakenBack,
    Tidied,
    Troubled,
    Unmarked,
)

log = logging.getLogger(__name__)

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 1.0

HOST_STEP_S = 3.0
"""A change of the host that takes longer than this is given up."""

MARK_S = 2.0
"""A mark is set under the VIP's lock, which the next `up` on this node waits for."""

TIDY_S = 2.0
"""Whoever gave the order waits for this although the VIP has moved."""


class Host(Protocol):
    """What the switch asks of the machine it runs on. Raises HostError, PermissionDenied, ConfigError."""

    def has(self, address: Address) -> bool:
        """Whether exactly this address is on some interface."""
        ...

    def add(self, address: Address, timeout_s: float) -> None:
        """Put it on the VIP's interface; nothing happens when it is there."""
        ...

    def remove(self, address: Address, timeout_s: float) -> None:
        """Take it off every interface; nothing happens when it is not there."""
        ...

    def announce(self, address: Address) -> None:
        """Tell the neighbours on the VIP's link where it is."""
        ...


class Actor:
    """Carries out the steps of one order; `since` is when what it knows of the places was true.

    `waits` says that an older order of this node may still be at its writes, and that places are not read
    meanwhile: they would soon be otherwise.
    """

    def __init__(
        self,
        provider: Provider,
        host: Host,
        orders: OrderBook,
        *,
        order: Order,
        me: NodeId,
        places: Iterable[Place],
        deadline: Deadline,
        clock: Clock,
        since: Instant,
        waits: bool = False,
    ) -> None:
        self._provider = provider
        self._host = host
        self._orders = orders
        self._order = order
        self._me = me
        self._deadline = deadline
        self._clock = clock
        self._known = dict.fromkeys(places, since)
        self._waits = waits
        self._writing: set[str] = set()
        self._newest = Jointly(orders, order)

    def perform(self, step: Step) -> list[Fact]:
        """Do it and say what came of it; never raises one of our errors."""
        match step:
            case AddAddress(address):
                return [self._add(address)]
            case RemoveAddress(address):
                return [self._remove(address)]
            case Announce(addresses):
                return [self._announce(addresses)]
            case Prepare():
                return [self._prepare()]
            case Read(places):
                return self._read(places)
            case Claim(place, seen, fills):
                return [self._write(place, lambda: self._claim(place, seen, fills=fills))]
            case Mark(place):
                return [self._marking(place)]
            case Unmark(place):
                return [self._unmark(place)]
            case Tidy(place, seen):
                return [self._tidy(place, seen)]
            case Release(place, seen):
                return [self._write(place, lambda: self._release(place, seen))]

    def _add(self, address: Address) -> Fact:
        try:
            with self._orders.newest(self._order, self._deadline):
                if self._deadline.passed():
                    return AddressFailed(address, TimeUp("no time was left for the host's address"))
                self._host.add(address, self._deadline.capped(HOST_STEP_S))
        except VipswitchError as wrong:
            return AddressFailed(address, wrong)
        return AddressAdded(address)

    def _remove(self, address: Address) -> Fact:
        """Not bound to the deadline: taking the address off never hurts, leaving it may."""
        try:
            with self._orders.newest(self._order, Deadline(HOST_STEP_S, self._clock)):
                self._host.remove(address, HOST_STEP_S)
        except VipswitchError as wrong:
            return AddressFailed(address, wrong)
        return AddressRemoved(address)

    def _announce(self, addresses: tuple[Address, ...]) -> Fact:
        try:
            for address in addresses:
                self._host.announce(address)
        except VipswitchError as wrong:
            return Announced(wrong)
        return Announced(None)

    def _prepare(self) -> Fact:
        """Tried for as long as there is time: a node that could not be prepared has the VIP, and drops its
        packets."""
        if not isinstance(self._provider, Prepares):
            return Prepared(())
        pause = _FIRST_PAUSE_S
        while True:
            try:
                self._orders.still_newest(self._order)
                return Prepared(tuple(self._provider.prepare(self._me, self._deadline)))
            except (Unavailable, OutcomeUnknown) as wrong:
                if self._deadline.remaining() <= pause:
                    return Prepared((wrong.message,))
            except VipswitchError as wrong:
                return Prepared((wrong.message,))
            self._clock.next_from(queue.SimpleQueue[None](), pause, expected=False)
            pause = min(pause * 2, _LONGEST_PAUSE_S)

    def _read(self, places: tuple[Place, ...]) -> list[Fact]:
        """Not where an older order of this node is at its write: for a `down` it would be ours right after,
        for an `up` ours no more."""
        try:
            restless = self._being_written(places) if self._waits else set()
        except VipswitchError as wrong:
            return [_no_answer(place, wrong) for place in places]
        calm = tuple(place for place in places if place not in restless)
        later: list[Fact] = [Troubled(place, _older_write(place)) for place in restless]
        return [*later, *(self._look(calm) if calm else [])]

    def _being_written(self, places: tuple[Place, ...]) -> set[Place]:
        """By another than this order."""
        keys = {place: self._provider.contention_key(place) for place in places}
        busy = {key for key in keys.values() if key not in self._writing and self._orders.being_written(key)}
        return {place for place, key in keys.items() if key in busy}

    def _look(self, places: tuple[Place, ...]) -> list[Fact]:
        asked = self._clock.now()
        try:
            answers = self._provider.read(places, self._deadline)
        except VipswitchError as wrong:
            return [_no_answer(place, self._in_time(wrong)) for place in places]
        facts: list[Fact] = []
        for place in places:
            answer = answers.get(place) or Unavailable(f"{place}: the provider gave no answer")
            if isinstance(answer, Holding):
                self._known[place] = asked
                facts.append(Saw(place, answer))
            else:
                facts.append(_no_answer(place, self._in_time(answer)))
        return facts

    def _in_time(self, wrong: VipswitchError) -> VipswitchError:
        """What the deadline has broken off says nothing of why the order was not done before it."""
        late = type(wrong) is Unavailable and self._deadline.passed()
        return TimeUp(wrong.message, hint=wrong.hint) if late else wrong

    def _claim(self, place: Place, seen: Holding | None, *, fills: bool) -> None:
        if fills and seen is not None and isinstance(self._provider, Restores):
            self._provider.restore(place, self._me, seen, self._deadline)
        else:
            self._provider.claim(place, self._me, seen, self._deadline)

    def _release(self, place: Place, seen: Holding) -> None:
        if isinstance(self._provider, Releases):
            self._provider.release(place, self._me, seen, self._deadline)

    def _marking(self, place: Place) -> Fact:
        """Under the VIP's lock, which the marks of all places hold together: an `up` that came meanwhile
        must not find itself marked later."""
        deadline = self._deadline.within(MARK_S)
        try:
            with self._newest.hold(deadline):
                return self._write(place, lambda: self._mark(place, deadline))
        except VipswitchError as wrong:
            return _not_written(place, wrong)

    def _mark(self, place: Place, deadline: Deadline) -> None:
        if isinstance(self._provider, Marks):
            self._provider.mark(place, self._me, self._order.generation, deadline)

    def _unmark(self, place: Place) -> Fact:
        fact = self._write(place, lambda: self._take_mark_away(place))
        return Unmarked(place) if isinstance(fact, Acknowledged) else fact

    def _take_mark_away(self, place: Place) -> None:
        if isinstance(self._provider, Marks):
            self._provider.unmark(place, self._me, self._deadline)

    def _tidy(self, place: Place, seen: Holding) -> Fact:
        """What changed meanwhile, or could not be looked at again, is left to the next `up`."""
        fact = self._write(place, lambda: self._take_leftovers_away(place, seen))
        wrong = fact.error if isinstance(fact, OutcomeLost | Troubled | Failed) else None
        return Tidied(place, wrong)

    def _take_leftovers_away(self, place: Place, seen: Holding) -> None:
        if isinstance(self._provider, Tidies):
            self._provider.tidy(place, self._me, seen, self._deadline.within(TIDY_S))

    def _write(self, place: Place, request: Callable[[], None]) -> Fact:
        try:
            key = self._provider.contention_key(place)
            with self._orders.alone(key, self._deadline) as turn, self._at(key):
                self._orders.still_newest(self._order)
                if self._deadline.passed():
                    return Troubled(place, TimeUp(f"{place}: the deadline passed before the write"))
                if frozen_between(self._known[place], self._clock.now()):
                    return Froze(place)
                if self._provider.capabilities.shares_tokens and turn.written_after(self._known[place]):
                    return Outdated(place)
                with turn.writing():
                    request()
        except VipswitchError as wrong:
            return _not_written(place, wrong)
        return Acknowledged(place)

    @contextlib.contextmanager
    def _at(self, key: str) -> Iterator[None]:
        """Inside, it is this order that holds the object's lock."""
        self._writing.add(key)
        try:
            yield
        finally:
            self._writing.discard(key)


def _older_write(place: Place) -> TimeUp:
    return TimeUp(f"{place}: an older order of this node is still writing to it")


def _no_answer(place: Place, wrong: VipswitchError) -> Fact:
    """A read without an answer: "could not look", which is never "nobody".

    It may tell what became of our last write.
    """
    if isinstance(wrong, Overtaken):
        return TakenBack(place, wrong)
    if isinstance(wrong, Undone):
        return OutcomeLost(place, wrong)
    if isinstance(wrong, Unavailable | OutcomeUnknown | Conflict):
        return Troubled(place, wrong)
    return Failed(place, wrong)


def _not_written(place: Place, wrong: VipswitchError) -> Fact:
    match wrong:
        case Conflict():
            return Conflicted(place)
        case Halfway():
            return Advanced(place)
        case OutcomeUnknown():
            return OutcomeLost(place, wrong)
        case Unavailable():
            return Troubled(place, wrong)
        case _:
            return Failed(place, wrong)
