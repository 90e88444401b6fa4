"""The switch: one VIP as seen from one node. Takes an order, has it carried out, says what came of it."""

from __future__ import annotations

from collections.abc import Mapping

from vipswitch.act import Host
from vipswitch.deadline import Clock, Deadline, Instant
from vipswitch.errand import Errand, Purpose, Tools, state_of
from vipswitch.errors import Lost, TimeUp, VipswitchError
from vipswitch.model import Address, Holding, NodeId, Place, Verb, Vip
from vipswitch.orders import Order, OrderBook, repeats, told
from vipswitch.plan import Rules
from vipswitch.provider import Discovers, Provider
from vipswitch.result import Observer, Report, Result
from vipswitch.world import World

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
            errand = self.take(order, deadline)
        except VipswitchError as wrong:
            return Result(self.vip, order.verb, errors=(wrong,))
        if errand.purpose is Purpose.REPEAT:
            return self.repeat(errand.order, deadline)
        result = errand.run(deadline)
        self._orders.end(order, state_of(result), result.first_seen)
        return result

    def take(
        self,
        order: Order,
        deadline: Deadline,
        *,
        since: Instant | None = None,
        handed_over: bool = False,
        observer: Observer | None = None,
    ) -> Errand:
        """Make `order` the newest of its VIP, unless it only repeats the last one.

        The errand to run, or one of purpose REPEAT, of the order that is repeated, to `repeat`. Raises Lost
        when a newer order is there, or when the hook of one that was `handed_over` has taken it itself;
        TimeUp, HostError.
        """
        last = self._orders.last(self.vip.name)
        if last is not None and repeats(order, last):
            return self.errand(last, Purpose.REPEAT)
        last = self._orders.take(order, deadline, handed_over=handed_over)
        return Errand(self.tools(observer), order, last=last, since=since)

    def repeat(self, last: Order, deadline: Deadline, *, observer: Observer | None = None) -> Result:
        """An `up` after `up`: read once, heal the host where the VIP is ours, never seize."""
        deadline = deadline.within(REPEAT_S)
        if not self._clock.until(lambda: not self._busy(last), deadline.remaining()):
            return Result(self.vip, Verb.UP, errors=(_still_at_work(),), repeated=True)
        last = self._orders.last(self.vip.name) or last
        if last.verb is not Verb.UP:
            return Result(self.vip, Verb.UP, errors=(Lost("a `down` came meanwhile"),), repeated=True)
        return self.errand(last, Purpose.REPEAT, observer=observer).run(deadline)

    def errand(
        self,
        order: Order,
        purpose: Purpose,
        *,
        resumed: bool = False,
        observer: Observer | None = None,
    ) -> Errand:
        """Something to do for an order that was taken before."""
        return Errand(self.tools(observer), order, purpose, resumed=resumed)

    def tools(self, observer: Observer | None = None) -> Tools:
        """What every errand of this VIP is run with."""
        return Tools(
            self.vip, self.provider, self.host, self._orders, self._clock, observer or self._observer
        )

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
        last = self._orders.last(self.vip.name)
        return Report(self.vip, node, read, host, tuple(errors), told(last) if last else "")

    def begin(self, order: Order, deadline: Deadline) -> tuple[Rules, World]:
        """The rules and the world that carrying out `order` would start from; changes nothing."""
        return Errand(self.tools(), order, last=self._orders.last(self.vip.name)).begin(deadline)

    def _places(self, deadline: Deadline) -> tuple[Place, ...]:
        if isinstance(self.provider, Discovers):
            self.provider.discover(deadline)
        return self.provider.places

    def _host_addresses(self) -> dict[Address, bool]:
        if not self.provider.capabilities.needs_address:
            return {}
        return {address: self.host.has(address) for address in self.vip.addresses}

    def _busy(self, last: Order) -> bool:
        return (self._orders.last(self.vip.name) or last).in_progress()


def _still_at_work() -> VipswitchError:
    return TimeUp("the `up` that this one repeats is still at work")
