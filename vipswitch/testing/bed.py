"""What a contract test runs on: three nodes with their hosts and orders, one VIP, one cloud."""

from __future__ import annotations

import itertools
from ipaddress import ip_address
from pathlib import Path

from vipswitch.deadline import Deadline
from vipswitch.model import NodeId, Place, Verb, Vip
from vipswitch.orders import PERSON, Order, OrderBook
from vipswitch.plan import Step
from vipswitch.processes import Process, boot_id
from vipswitch.result import Report, Result
from vipswitch.switch import Switch
from vipswitch.testing.cloud import NODES, Cloud
from vipswitch.testing.hosts import MemoryHost, Segment
from vipswitch.world import Fact

ADDRESS = ip_address("10.99.0.50")
VIP = Vip("primary", (ADDRESS,))


class Silence:
    """An observer that looks away."""

    def started(self, step: Step) -> None:
        """Nothing."""

    def ended(self, step: Step, facts: list[Fact], seconds: float) -> None:
        """Nothing."""


class Bed:
    """Three nodes, each with the real switch over the cloud's provider and a host in memory."""

    def __init__(self, cloud: Cloud, folder: Path) -> None:
        self.cloud = cloud
        self.vip = cloud.vip
        self.segment = Segment()
        self.hosts = {name: MemoryHost(name, self.segment) for name in NODES}
        self.switches = {name: self._switch(name, folder / f"run-{name}") for name in NODES}
        self._started = itertools.count(1000)

    def up(self, node: str, deadline_s: float = 5.0, *, caller: Process | None = None) -> Result:
        """The node takes the VIP, by a new order."""
        return self._order(Verb.UP, node, deadline_s, caller)

    def down(self, node: str, deadline_s: float = 5.0) -> Result:
        """The node lets go of the VIP, by a new order."""
        return self._order(Verb.DOWN, node, deadline_s, None)

    def status(self, node: str, deadline_s: float = 5.0) -> Report:
        """What the node sees."""
        return self.switches[node].status(self.deadline(deadline_s))

    def deadline(self, seconds: float = 5.0) -> Deadline:
        """A deadline on the cloud's clock."""
        return Deadline(seconds, self.cloud.clock)

    def place(self, number: int = 0) -> Place:
        """One of the cloud's places."""
        return self.switches["a"].provider.places[number]

    def has_addresses(self, node: str) -> bool:
        """Whether the node's host has any of the VIP's addresses."""
        return any(self.hosts[node].has(address) for address in self.vip.addresses)

    def give_addresses(self, node: str) -> None:
        """Let the node's host have them all, whoever holds the VIP."""
        self.hosts[node].addresses.update(self.vip.addresses)

    def id(self, node: str) -> NodeId:
        """The node as a holder."""
        return self.cloud.node_id(node)

    def holders(self) -> set[NodeId | None]:
        """Who really holds the VIP: one holder when all is well."""
        truth = self.cloud.truth()
        if truth:
            return set(truth.values())
        neighbours = {address: self.segment.neighbours.get(address) for address in self.vip.addresses}
        return {self.id(n) if n and self.hosts[n].has(a) else None for a, n in neighbours.items()}

    def _switch(self, name: str, run: Path) -> Switch:
        run.mkdir()
        clock = self.cloud.clock
        orders = OrderBook(run, clock)
        provider = self.cloud.provider(name)
        return Switch(self.vip, provider, self.hosts[name], orders=orders, clock=clock, observer=Silence())

    def _order(self, verb: Verb, node: str, deadline_s: float, caller: Process | None) -> Result:
        by = Process(pid=1_000_000, started=next(self._started))
        asked_by = "pgpool" if caller else PERSON
        order = Order(self.vip.name, verb, by, caller, boot_id(), runner=caller, asked_by=asked_by)
        return self.switches[node].carry_out(order, self.deadline(deadline_s))
