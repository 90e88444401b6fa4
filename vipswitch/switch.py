"""The switch: one VIP as seen from one node. Takes an order, runs the loop, says what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from vipswitch import processes
from vipswitch.act import Actor, Host
from vipswitch.deadline import Clock, Deadline
from vipswitch.errors import Lost, TimeUp, VipswitchError
from vipswitch.loop import Loop
from vipswitch.model import Address, Holding, NodeId, Place, Verb, Vip
from vipswitch.orders import Order, OrderBook, OrderState, repeats
from vipswitch.plan import Rules, aftermath
from vipswitch.provider import Discovers, Prepares, Provider, Releases
from vipswitch.result import Observer, Report, Result, conclude
from vipswitch.world import Failed, World, blank, learn

REPEAT_S = 3.0
"""How long a repeated `up` may take: it blocks Pgpool-II's watchdog process."""


class Switch:
    """Moves one VIP to or from this node."""

    def __init__(
        self,
        vip: Vip,
        provider: Provider,
        host: Host,
        *,
        orders: OrderBook,
        clock: Clock,
        observer: Observer,
    ) -> None:
        self.vip = vip
        self.provider = provider
        self.host = host
        self._orders = orders
        self._clock = clock
        self._observer = observer

    def carry_out(self, order: Order, deadline: Deadline) -> Result:
        """Do what `order` asks, within `deadline`, and say what came of it.

        Raises nothing of ours: the result carries the errors.
        """
        try:
            last = self._orders.last(self.vip.name)
            if last is not None and repeats(order, last):
                return self._repeat(last, Deadline(deadline.capped(REPEAT_S), self._clock))
            self._orders.take(order, deadline)
        except VipswitchError as wrong:
            return Result(self.vip, order.verb, errors=(wrong,))
        result = self._run(order, deadline, seizes=True, last=last)
        self._orders.end(order, _state(result), result.first_seen)
        return result

    def status(self, deadline: Deadline) -> Report:
        """Who holds each place, and which addresses this host has. Changes nothing."""
        node: NodeId | None = None
        errors: list[VipswitchError] = []
        places: tuple[Place, ...] = ()
        read: Mapping[Place, Holding | VipswitchError] = {}
        try:
            places = self._places(deadline)
            read = self.provider.read(places, deadline) if places else {}
        except VipswitchError as wrong:
            read = dict.fromkeys(places, wrong)
            errors += [] if places else [wrong]
        try:
            node = self.provider.node(deadline) if places else None
        except VipswitchError as wrong:
            errors.append(wrong)
        try:
            host = self._host_addresses()
        except VipswitchError as wrong:
            host = {}
            errors.append(wrong)
        return Report(self.vip, node, read, host, tuple(errors))

    def rules(self, verb: Verb, *, seizes: bool = True, maybe_held: bool = False) -> Rules:
        """The planner's rules for an order: what is asked, what this provider can.

        Where the VIP may be held already the first request is a read.
        """
        can = self.provider.capabilities
        return Rules(
            verb,
            seizes=seizes,
            write_first=can.write_first and not maybe_held,
            needs_address=can.needs_address,
            frees=isinstance(self.provider, Releases),
            prepares=isinstance(self.provider, Prepares),
            announces=can.announces,
        )

    def start(
        self, verb: Verb, deadline: Deadline, *, seizes: bool = True, last: Order | None = None
    ) -> tuple[Rules, World]:
        """The rules and the blank world of an order. Raises when this node or its host is unknown.

        Whether the VIP may be held already is told by the addresses that the host has, or, where it
        needs none, by what became of the `last` order.
        """
        host = self._host_addresses()
        places = self._places(deadline)
        me = self.provider.node(deadline) if places else NodeId("")
        rules = self.rules(verb, seizes=seizes, maybe_held=all(host.values()) if host else _held(last))
        return rules, blank(me, host, places)

    def last_order(self) -> Order | None:
        """What this node was last asked to do for the VIP."""
        return self._orders.last(self.vip.name)

    def _places(self, deadline: Deadline) -> tuple[Place, ...]:
        if isinstance(self.provider, Discovers):
            self.provider.discover(deadline)
        return self.provider.places

    def _host_addresses(self) -> dict[Address, bool]:
        if not self.provider.capabilities.needs_address:
            return {}
        return {address: self.host.has(address) for address in self.vip.addresses}

    def _repeat(self, last: Order, deadline: Deadline) -> Result:
        """An `up` after `up`: read once, heal the host where the VIP is ours, never seize."""
        if not self._clock.until(lambda: not self._busy(last), deadline.remaining()):
            return Result(self.vip, Verb.UP, errors=(_still_at_work(),), repeated=True)
        last = self._orders.last(self.vip.name) or last
        if last.verb is not Verb.UP:
            return Result(self.vip, Verb.UP, errors=(Lost("a `down` came meanwhile"),), repeated=True)
        return self._run(last, deadline, seizes=False)

    def _busy(self, last: Order) -> bool:
        return (self._orders.last(self.vip.name) or last).in_progress()

    def _run(self, order: Order, deadline: Deadline, *, seizes: bool, last: Order | None = None) -> Result:
        began = self._clock.now().monotonic
        try:
            rules, world = self._begin(order.verb, deadline, seizes=seizes, last=last)
        except VipswitchError as wrong:
            return Result(self.vip, order.verb, errors=(wrong,), repeated=not seizes)
        actor = Actor(
            self.provider,
            self.host,
            self._orders,
            order=order,
            me=world.me,
            deadline=deadline,
            clock=self._clock,
        )
        loop = Loop(rules, actor, deadline=deadline, clock=self._clock, observer=self._observer)
        world = loop.run(world)
        caller_alive = order.caller is not None and processes.alive(order.caller)
        for step in aftermath(rules, world, caller_alive=caller_alive):
            world = loop.do_now(world, step)
        took = self._clock.now().monotonic - began
        return replace(conclude(self.vip, rules, world, seconds=took), repeated=not seizes)

    def _begin(
        self, verb: Verb, deadline: Deadline, *, seizes: bool, last: Order | None
    ) -> tuple[Rules, World]:
        if verb is Verb.UP:
            return self.start(verb, deadline, seizes=seizes, last=last)
        rules = self.rules(verb)
        if rules.frees:
            world = blank(NodeId(""), self._host_or_suspected(), self._places(deadline))
            return rules, self._with_me(world, deadline)
        return rules, blank(NodeId(""), self._host_or_suspected(), self._known_places())

    def _known_places(self) -> tuple[Place, ...]:
        """For a `down` that leaves the places: it names them if it can, and asks the cloud nothing."""
        try:
            return self.provider.places
        except VipswitchError:
            return ()

    def _host_or_suspected(self) -> dict[Address, bool]:
        """For `down`: an address that could not be looked for is taken off all the same."""
        try:
            return self._host_addresses()
        except VipswitchError:
            return dict.fromkeys(self.vip.addresses, True)

    def _with_me(self, world: World, deadline: Deadline) -> World:
        """For a `down` that frees: without an identity nothing is ours, and only the host is left to do."""
        try:
            return replace(world, me=self.provider.node(deadline))
        except VipswitchError as wrong:
            for place in world.places:
                world = learn(world, Failed(place, wrong))
            return world


def _held(last: Order | None) -> bool:
    """Whether the last order gave the VIP to this node."""
    return last is not None and last.verb is Verb.UP and last.state is OrderState.DONE


def _state(result: Result) -> OrderState:
    if result.exit_code == 0:
        return OrderState.DONE
    return OrderState.LOST if result.exit_code == Lost.exit_code else OrderState.FAILED


def _still_at_work() -> VipswitchError:
    return TimeUp("the `up` that this one repeats is still at work")
