"""`vipswitch check` for Azure route tables: all that a failover needs of Azure, looked at before it happens.

Rules: changes nothing; what could not be looked at is a warning, never fine; every finding that is not fine
says how to mend it. ARM has no dry run. It asks for permissions and locks before it compares etags, so
whether a route may be written is tried with a write that cannot be made: of what is there, under an etag that
nothing has; whether a tag may be, by taking off one that is not there.
Source: Azure REST API, "Routes"; Azure docs, "Virtual network traffic routing".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from ipaddress import ip_network

from vipswitch.deadline import Deadline
from vipswitch.errors import VipswitchError
from vipswitch.model import Address, NodeId
from vipswitch.provider import Finding, Level
from vipswitch.providers.azure.api.client import Clients
from vipswitch.providers.azure.forwarding import Interface, interface
from vipswitch.providers.azure.guest import interference
from vipswitch.providers.azure.ids import ResourceId, part
from vipswitch.providers.azure.looked_at import caller
from vipswitch.providers.azure.networks import VirtualNetwork, network_of
from vipswitch.providers.azure.route_table import permissions
from vipswitch.providers.azure.route_table.settings import switching_on
from vipswitch.providers.azure.route_table.tables import RouteTables, Table
from vipswitch.providers.looked_at import trouble
from vipswitch.providers.marks import key_of

_UNMARKED = "without marks only an authority heals a VIP whose holder has let go"


class Preflight:
    """One look at the tables, the interface and the permissions of a VIP on this node."""

    def __init__(
        self,
        tables: RouteTables,
        clients: Clients,
        *,
        ids: Mapping[str, ResourceId],
        addresses: Sequence[Address],
        node: Callable[[Deadline], NodeId],
        interface: Callable[[Deadline], ResourceId],
        fixes: bool,
    ) -> None:
        self._tables = tables
        self._clients = clients
        self._ids = ids
        self._addresses = addresses
        self._node = node
        self._interface = interface
        self._fixes = fixes

    def findings(self, deadline: Deadline) -> Iterator[Finding]:
        """Everything found; without credentials that is all that there is to find."""
        asking = caller(self._clients, deadline)
        yield asking
        if asking.level is Level.ERROR:
            return
        yield from self._of_interface(deadline)
        for name, id in self._ids.items():
            yield from self._of_table(name, id, deadline)
        yield from interference(self._addresses)

    def _of_interface(self, deadline: Deadline) -> Iterator[Finding]:
        """What cannot be looked at here does not stand in the way of a failover."""
        try:
            own = interface(self._interface(deadline), self._clients, deadline)
        except VipswitchError as wrong:
            yield _unseen("network interface", wrong)
            return
        where = ", ".join(part(subnet) for subnet in own.subnets)
        yield Finding(Level.OK, f"network interface {own.id.node}", f"in {where}")
        yield _of_forwarding(own, fixes=self._fixes)
        for subnet in own.subnets:
            yield from self._of_subnet(subnet, deadline)

    def _of_subnet(self, subnet: str, deadline: Deadline) -> Iterator[Finding]:
        try:
            network = network_of(subnet, self._clients, deadline)
        except VipswitchError as wrong:
            yield _unseen("virtual network", wrong)
            return
        yield from (_of_address(address, network) for address in self._addresses)
        yield _of_own_table(subnet, network, {id.key for id in self._ids.values()})

    def _of_table(self, name: str, id: ResourceId, deadline: Deadline) -> Iterator[Finding]:
        subject = f"route table {name}"
        try:
            table = self._tables.read(id, deadline)
        except VipswitchError as wrong:
            yield trouble(subject, wrong)
            return
        yield _of_subnets(subject, table)
        mine = self._known(deadline)
        yield from (_of_route(name, table, address, mine) for address in self._addresses)
        yield self._writing(subject, id, table, deadline)
        yield self._marking(name, id, deadline)

    def _known(self, deadline: Deadline) -> str:
        """This node's addresses; where it is unknown, that is a finding elsewhere."""
        try:
            return self._node(deadline)
        except VipswitchError:
            return ""

    def _writing(self, subject: str, id: ResourceId, table: Table, deadline: Deadline) -> Finding:
        tried: list[str] = []
        try:
            for address in self._addresses:
                tried.append(self._tables.try_writing(id, table, ip_network(address), deadline))
        except VipswitchError as wrong:
            return trouble(subject, wrong)
        return Finding(Level.OK, subject, f"{' and '.join(dict.fromkeys(tried))} permitted")

    def _marking(self, name: str, id: ResourceId, deadline: Deadline) -> Finding:
        """Never an error: without marks `up` and `down` go well, and others heal less by themselves."""
        subject = f"release marks on {name}"
        try:
            self._tables.untag(id, {key_of(address): "tried" for address in self._addresses}, deadline)
        except VipswitchError as wrong:
            return Finding(Level.WARNING, subject, f"{wrong.message}; {_UNMARKED}", wrong.hint)
        return Finding(Level.OK, subject, f"{permissions.WRITE_TAGS} permitted")


def _unseen(subject: str, wrong: VipswitchError) -> Finding:
    return Finding(Level.WARNING, subject, f"not looked at: {wrong.message}", wrong.hint)


def _of_forwarding(own: Interface, *, fixes: bool) -> Finding:
    """IP forwarding, which `up` switches on where it is told to."""
    subject, fix = "IP forwarding", f"run {switching_on(own.id.node)}"
    if own.forwards:
        return Finding(Level.OK, subject, "is on")
    state = "is off: Azure drops packets to the VIP"
    if fixes:
        return Finding(Level.WARNING, subject, f"{state}, until the next `up` switches it on", fix)
    return Finding(Level.ERROR, subject, state, f'{fix}, or set ip_forwarding = "fix"')


def _of_address(address: Address, network: VirtualNetwork) -> Finding:
    """Inside the address space the route counts as well, but not for everybody."""
    subject, around = f"address {address}", network.around(address)
    if around is None:
        return Finding(Level.OK, subject, f"outside the address space of {network.name}")
    return Finding(
        Level.WARNING,
        subject,
        f"lies inside {around} of {network.name}, where Azure may give it to another",
        "choose an address outside the address space of every virtual network",
    )


def _of_own_table(subnet: str, network: VirtualNetwork, ours: set[str]) -> Finding:
    subject, table = f"subnet {part(subnet)}", network.tables.get(subnet.lower())
    if table in ours:
        return Finding(Level.OK, subject, f"follows {part(table or '')}")
    follows = f"follows {part(table)}" if table else "has no route table"
    return Finding(
        Level.WARNING,
        subject,
        f"{follows}: from this node's own subnet the VIP is not reached",
        f"name the route table of {part(subnet)} under route_tables, or give it one of those",
    )


def _of_subnets(subject: str, table: Table) -> Finding:
    if table.subnets:
        return Finding(Level.OK, subject, f"is followed by {', '.join(map(part, table.subnets))}")
    fix = "give it to the subnets that reach the VIP: az network vnet subnet update --route-table"
    return Finding(Level.WARNING, subject, "no subnet follows it", fix)


def _of_route(name: str, table: Table, address: Address, mine: str) -> Finding:
    subject, route = f"route table {name} {ip_network(address)}", table.routes.get(ip_network(address))
    if route is None:
        return Finding(Level.OK, subject, "no route yet; the first `up` creates it")
    if route.hop is None:
        message = f"leads to {route.kind}, which is no node; `up` would replace it"
        return Finding(Level.WARNING, subject, message, "see who else needs this route")
    if route.failed:
        message = f"leads to {route.hop}, and its last change failed"
        return Finding(Level.WARNING, subject, message, "run `vipswitch up` on the node that should hold it")
    holder = "this node" if str(route.hop) in mine.split(",") else route.hop
    return Finding(Level.OK, subject, f"{route.name} leads to {holder}")
