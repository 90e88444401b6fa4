"""One order on its way: what may be done for it, round after round, each within a deadline of its own.

A hook makes one round. The agent makes as many as it takes: what a round has learnt that stays true (who
was seen first, what was written, what was added to the host) goes on to the next, everything else is
looked at again, so a later round never begins with a write.
"""

from __future__ import annotations

import queue
from dataclasses import dataclass, replace
from enum import Enum, auto

from vipswitch.act import Actor, Host
from vipswitch.deadline import Clock, Deadline, Instant, frozen_between
from vipswitch.errors import Unavailable, VipswitchError
from vipswitch.loop import Hush, Loop
from vipswitch.model import Address, Holding, NodeId, Place, Verb, Vip
from vipswitch.orders import Order, OrderBook, OrderState
from vipswitch.plan import Rules, aftermath, lets_go
from vipswitch.provider import Discovers, Marks, Prepares, Provider, Releases
from vipswitch.result import Observer, Result, conclude
from vipswitch.world import Failed, World, Wrote, again, blank, learn

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 1.0

MARKING_S = 5.0
"""How long a `down` that leaves the pointer may take over marking it: its caller waits."""


class Purpose(Enum):
    """What is done for an order.

    CARRY_OUT: what it says; an `up` seizes. REPEAT: look once, heal the host where the VIP is ours.
    RESTORE: fill what nobody holds. CLEAR: only take the address off the host.
    """

    CARRY_OUT = auto()
    REPEAT = auto()
    RESTORE = auto()
    CLEAR = auto()


@dataclass(frozen=True, slots=True)
class Tools:
    """What every errand of one VIP is run with."""

    vip: Vip
    provider: Provider
    host: Host
    orders: OrderBook
    clock: Clock
    observer: Observer


class Errand:
    """One order of one VIP on this node.

    `last` is the order before it. `since` is the moment whose knowledge the first write is built on; none:
    the start of the round. One that is `resumed` was begun by a process that is gone. `rounds` counts those
    that were begun, or tried to.
    """

    def __init__(
        self,
        tools: Tools,
        order: Order,
        purpose: Purpose = Purpose.CARRY_OUT,
        *,
        last: Order | None = None,
        since: Instant | None = None,
        resumed: bool = False,
    ) -> None:
        self.order = order
        self.purpose = purpose
        self.rounds = 0
        self._tools = tools
        self._last = last
        self._since = since
        self._resumed = resumed
        self._waited = False
        self._course: tuple[Rules, World] | None = None
        self._first_seen = order.first_seen
        self._hush = Hush() if order.decided_alone and purpose is Purpose.CARRY_OUT else None

    @property
    def verb(self) -> Verb:
        """What the errand does to this node."""
        return Verb.DOWN if self.purpose is Purpose.CLEAR else self.order.verb

    def run(self, deadline: Deadline, *, last_round: bool = True) -> Result:
        """One round, and what came of it; after the last one a failed `up` takes back what it can.

        Raises nothing of ours: the result carries the errors.
        """
        tools, began = self._tools, self._tools.clock.now()
        self.rounds += 1
        try:
            rules, world = self._begun(deadline)
        except VipswitchError as wrong:
            return self._not_begun(wrong, deadline)
        within = deadline.within(MARKING_S) if rules.marks else deadline
        loop = self._loop(world, rules, within, since=self._known_since(began))
        world = loop.run(world)
        if last_round or conclude(tools.vip, rules, world).over:
            world = self._taken_back(loop, rules, world)
        self._course = rules, world
        took = tools.clock.now().monotonic - began.monotonic
        result = conclude(tools.vip, rules, world, seconds=took)
        self._first_seen = result.first_seen
        return replace(result, repeated=self.purpose is Purpose.REPEAT)

    def give_up(self) -> None:
        """There will be no further round: take back what an unfinished `up` leaves on the host."""
        if self._course is not None:
            rules, world = self._course
            clock = self._tools.clock
            loop = self._loop(world, rules, Deadline(0.0, clock), since=clock.now())
            self._course = rules, self._taken_back(loop, rules, world)

    def begin(self, deadline: Deadline) -> tuple[Rules, World]:
        """The rules, and the world that the next round starts from.

        Raises when this node or its host is unknown; a `down` goes on without.
        """
        if self._course is not None:
            return self._begin_again(self._course[1], deadline)
        return self._begin_up(deadline) if self.verb is Verb.UP else self._begin_down(deadline)

    def _begun(self, deadline: Deadline) -> tuple[Rules, World]:
        """`begin`, tried for as long as there is time where an `up` cannot know yet what it has to know.

        An HA manager takes what failed for a decision: with a failed start Pacemaker bans the node.
        """
        pause = _FIRST_PAUSE_S
        while True:
            try:
                return self.begin(deadline)
            except Unavailable:
                waits = self.verb is Verb.UP and self.purpose is Purpose.CARRY_OUT
                if not waits or deadline.remaining() <= pause:
                    raise
            self._waited = True
            self._tools.clock.next_from(queue.SimpleQueue[None](), pause, expected=False)
            self._tools.orders.still_newest(self.order)
            pause = min(pause * 2, _LONGEST_PAUSE_S)

    def _begin_again(self, world: World, deadline: Deadline) -> tuple[Rules, World]:
        rules = self._rules_for(maybe_held=True)
        if self.verb is Verb.UP:
            return rules, again(world, self._host_addresses())
        world = again(world, self._host_or_suspected())
        return rules, world if world.me or not lets_go(rules) else self._with_me(world, deadline)

    def _begin_down(self, deadline: Deadline) -> tuple[Rules, World]:
        rules = self._rules_for()
        if not lets_go(rules):
            return rules, blank(NodeId(""), self._host_or_suspected(), self._known_places())
        world = blank(NodeId(""), self._host_or_suspected(), self._places_of_down(rules, deadline))
        return rules, self._with_me(world, deadline)

    def _not_begun(self, wrong: VipswitchError, deadline: Deadline) -> Result:
        """Nothing is known of the places; a `down` clears the host all the same."""
        cleared: tuple[VipswitchError, ...] = ()
        if self.verb is Verb.DOWN:
            cleared = Errand(self._tools, self.order, Purpose.CLEAR).run(deadline).errors
        return Result(
            self._tools.vip,
            self.verb,
            errors=(*cleared, wrong),
            first_seen=self._first_seen,
            repeated=self.purpose is Purpose.REPEAT,
        )

    def _known_since(self, began: Instant) -> Instant:
        """When what the first write is built on was true: now, unless this process had stood still before
        it began. The answers that it has waited for since then are no freeze."""
        if self.rounds == 1 and self._since is not None and frozen_between(self._since, began):
            return self._since
        return self._tools.clock.now()

    def _begin_up(self, deadline: Deadline) -> tuple[Rules, World]:
        """Whether the VIP may be held already is told by the addresses that the host has, or, where it
        needs none, by what became of the `last` order."""
        host = self._host_addresses()
        places = self._places(deadline)
        me = self._tools.provider.node(deadline) if places else NodeId("")
        maybe_held = all(host.values()) if host else _held(self._last)
        maybe_held = maybe_held or self._resumed or self._waited or self.rounds > 1
        world = blank(me, host, places)
        if self._resumed:
            world = _resumed(world, self.order)
        return self._rules_for(maybe_held=maybe_held), world

    def _rules_for(self, *, maybe_held: bool = False) -> Rules:
        """What is asked, and what this provider can. Where the VIP may be held, a read comes first."""
        provider, carries_out = self._tools.provider, self.purpose is Purpose.CARRY_OUT
        can = provider.capabilities
        return Rules(
            self.verb,
            seizes=carries_out,
            restores=self.purpose is Purpose.RESTORE,
            write_first=can.write_first and not maybe_held,
            needs_address=can.needs_address,
            frees=carries_out and isinstance(provider, Releases),
            marks=carries_out and self.verb is Verb.DOWN and isinstance(provider, Marks),
            prepares=isinstance(provider, Prepares),
            announces=can.announces,
        )

    def _loop(self, world: World, rules: Rules, deadline: Deadline, *, since: Instant) -> Loop:
        tools = self._tools
        actor = Actor(
            tools.provider,
            tools.host,
            tools.orders,
            order=self.order,
            me=world.me,
            places=world.places,
            deadline=deadline,
            clock=tools.clock,
            since=since,
            waits=self._not_alone(),
        )
        return Loop(
            rules, actor, deadline=deadline, clock=tools.clock, observer=tools.observer, hush=self._hush
        )

    def _not_alone(self) -> bool:
        """Whether an older order of this node may still be at its writes. A repeat does not wait: it changes
        nothing."""
        if self.verb is Verb.DOWN:
            return True
        carries_out = self.purpose is Purpose.CARRY_OUT
        return carries_out and self._last is not None and self._last.in_progress()

    def _taken_back(self, loop: Loop, rules: Rules, world: World) -> World:
        for step in aftermath(rules, world, caller_alive=self.order.has_somebody_behind()):
            world = loop.do_now(world, step)
        return world

    def _places(self, deadline: Deadline) -> tuple[Place, ...]:
        provider = self._tools.provider
        if isinstance(provider, Discovers):
            provider.discover(deadline)
        return provider.places

    def _places_of_down(self, rules: Rules, deadline: Deadline) -> tuple[Place, ...]:
        """A mark is a courtesy: where the places cannot be found out, the host is still cleared."""
        try:
            return self._places(deadline)
        except VipswitchError:
            if rules.frees:
                raise
            return ()

    def _known_places(self) -> tuple[Place, ...]:
        """For a `down` that leaves the places: it names them if it can, and asks the cloud nothing."""
        try:
            return self._tools.provider.places
        except VipswitchError:
            return ()

    def _host_addresses(self) -> dict[Address, bool]:
        if not self._tools.provider.capabilities.needs_address:
            return {}
        return {address: self._tools.host.has(address) for address in self._tools.vip.addresses}

    def _host_or_suspected(self) -> dict[Address, bool]:
        """For `down`: an address that could not be looked for is taken off all the same."""
        try:
            return self._host_addresses()
        except VipswitchError:
            return dict.fromkeys(self._tools.vip.addresses, True)

    def _with_me(self, world: World, deadline: Deadline) -> World:
        """For a `down` that frees: without an identity nothing is ours, and only the host is left to do."""
        try:
            return replace(world, me=self._tools.provider.node(deadline))
        except VipswitchError as wrong:
            for place in world.places:
                world = learn(world, Failed(place, wrong))
            return world


def state_of(result: Result) -> OrderState:
    """How an order ended that had this result."""
    if result.exit_code == 0:
        return OrderState.DONE
    return OrderState.LOST if result.lost else OrderState.FAILED


def _held(last: Order | None) -> bool:
    """Whether the last order gave the VIP to this node."""
    return last is not None and last.verb is Verb.UP and last.state is OrderState.DONE


def _resumed(world: World, order: Order) -> World:
    """What an earlier life of this errand left: who was seen first; of its writes nothing is known."""
    for place, view in world.places.items():
        if str(place) in order.first_seen:
            first = order.first_seen[str(place)]
            seen = Holding(NodeId(first) if first is not None else None)
            world = world.view(place, first=seen, wrote=Wrote.UNKNOWN if first != world.me else view.wrote)
    return world
