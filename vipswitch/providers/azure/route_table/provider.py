"""`azure-route-table`: a /32 or /128 route in each table, whose next hop is the holder's private address.

Rules: never creates a table; never deletes a route; never touches another destination. Every write carries
the etag of what it was decided on. That etag is the table's, so it also changes with what others do to the
table: whoever gets a conflict reads again. `down` leaves the route, because a delete would keep the table
from the next holder for as long as it runs; that its holder has let go is noted by a tag on the table, and
believed only while the route leads to the address that the tag names. A write is accepted at once and carried
out in tens of seconds; until then the table is busy, and a route that leads here is not settled.

A node is its private address on the VIP's interface; in dual stack both, as in "10.0.1.4,fd00::4".
Source: Azure REST API, "Route Tables", "Routes"; Azure docs, "Virtual network traffic routing".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from vipswitch.deadline import Deadline
from vipswitch.errors import ConfigError, Conflict, VipswitchError
from vipswitch.model import Holding, NodeId, Place, Vip
from vipswitch.provider import Call, Capabilities, Finding, Grant, Level, Machine, PolicyForm
from vipswitch.providers.azure.footing import Footing
from vipswitch.providers.azure.ids import ROUTE_TABLES, ResourceId
from vipswitch.providers.azure.role import ROLE
from vipswitch.providers.azure.route_table import permissions
from vipswitch.providers.azure.route_table.addresses import hop_of, own
from vipswitch.providers.azure.route_table.holdings import address_of, destination, holding, name_in, seen_in
from vipswitch.providers.azure.route_table.settings import RouteTableSettings
from vipswitch.providers.marks import key_of, named_by, value_of
from vipswitch.providers.side_by_side import side_by_side

if TYPE_CHECKING:
    from vipswitch.providers.azure.api.client import Clients
    from vipswitch.providers.azure.route_table.tables import RouteTables, Table


class AzureRouteTable:
    """Moves a VIP by rewriting its route in each of several route tables."""

    Settings = RouteTableSettings
    policy: ClassVar[PolicyForm] = ROLE
    capabilities: ClassVar[Capabilities] = Capabilities(
        write_first=False, needs_address=True, announces=False, shares_tokens=True, life_s=180.0
    )

    def __init__(self, settings: RouteTableSettings, vip: Vip, machine: Machine) -> None:
        self._settings = settings
        self._addresses = vip.addresses
        self._machine = machine
        self._names = {str(name): name for name in settings.route_tables}
        self._azure = Footing(settings, machine, connect=_route_tables)

    @property
    def places(self) -> tuple[Place, ...]:
        """One place for each route table and address."""
        return tuple(Place(table, address) for table in self._names for address in self._addresses)

    def node(self, deadline: Deadline) -> NodeId:
        """The addresses that the config gives this machine, else those that Azure has given it."""
        return own(self._machine.node(), self._azure.home, self._addresses, deadline)

    def read(self, places: Sequence[Place], deadline: Deadline) -> Mapping[Place, Holding | VipswitchError]:
        """Who holds each place, by one request for each table; ConfigError where a table is gone."""
        names = list(dict.fromkeys(place.id for place in places))
        read = side_by_side([partial(self._table, name, deadline) for name in names])
        tables, mine = dict(zip(names, read, strict=True)), self._mine(deadline)
        return {place: self._answer(place, tables[place.id], mine, deadline) for place in places}

    def _table(self, name: str, deadline: Deadline) -> Table | VipswitchError:
        try:
            return self._azure.api.read(self._id(name, deadline), deadline)
        except VipswitchError as wrong:
            return wrong

    def _mine(self, deadline: Deadline) -> NodeId | None:
        """This node, if it can be found out: a place can be read without."""
        try:
            return self.node(deadline)
        except VipswitchError:
            return None

    def _answer(
        self, place: Place, table: Table | VipswitchError, mine: NodeId | None, deadline: Deadline
    ) -> Holding | VipswitchError:
        """Our own operation is asked about only where the table does not show that it is worked on."""
        if isinstance(table, VipswitchError):
            return table
        try:
            id, name = self._id(place.id, deadline), name_in(table, place)
            busy = table.busy or self._azure.api.writing(id, name, deadline)
        except VipswitchError as wrong:
            return wrong
        return holding(place, table, busy=busy, mine=mine, nodes=self._machine.nodes())

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        """Let the route that was seen, or is there now, lead to `node`; Conflict if the table has changed."""
        seen = seen or self._now(place, deadline)
        etag, name = seen_in(seen.token)
        write = self._azure.api.replace_route if name else self._azure.api.add_route
        write(
            self._id(place.id, deadline),
            name or name_in(None, place),
            destination(place),
            hop_of(node, address_of(place)),
            etag=etag,
            deadline=deadline,
        )

    def restore(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        """Add the route where there was none; replace one whose holder has let go, if it still is so.

        Conflict in every other case. A mark may come and go without another etag, so it is looked at again.
        """
        if seen.holder is None:
            self.claim(place, node, seen, deadline)
            return
        now = self._now(place, deadline)
        if not (seen.released and now.released and now.holder == seen.holder):
            raise Conflict(f"{place}: is not as it was, released by {seen.holder}")
        self.claim(place, node, now, deadline)

    def mark(self, place: Place, node: NodeId, generation: int, deadline: Deadline) -> None:
        """Tag the table: `node` has let go of the route. Whoever has left a mark before is written over."""
        key, value = _mark(place, node, generation)
        self._azure.api.tag(self._id(place.id, deadline), {key: value}, deadline)

    def unmark(self, place: Place, node: NodeId, deadline: Deadline) -> None:
        """Take off the tag if it names `node`: it is deleted only as it was read, so never another's."""
        id, tables, address = self._id(place.id, deadline), self._azure.api, address_of(place)
        value = tables.read(id, deadline).tag(key_of(address))
        if value is not None and named_by(value) == str(hop_of(node, address)):
            tables.untag(id, {key_of(address): value}, deadline)

    def _now(self, place: Place, deadline: Deadline) -> Holding:
        answer = self.read([place], deadline)[place]
        if isinstance(answer, VipswitchError):
            raise answer
        return answer

    def contention_key(self, place: Place) -> str:
        """The table: its routes share one etag, and Azure makes one change at a time there."""
        return f"azure-route-table:{place.id}".lower()

    def prepare(self, node: NodeId, deadline: Deadline) -> Iterable[str]:
        """Switch IP forwarding on where it is off and that is asked for: else Azure drops the packets."""
        if self._settings.ip_forwarding == "leave":
            return []
        from vipswitch.providers.azure.forwarding import switch_on

        try:
            switch_on(self._azure.interface(deadline), self._azure.clients, deadline)
        except VipswitchError as wrong:
            return [f"IP forwarding: {'; '.join(filter(None, (wrong.message, wrong.hint)))}"]
        return []

    def calls(self, call: Call, places: Sequence[Place], node: NodeId) -> list[str]:
        """The requests of ARM that `call` makes, in the words of RBAC."""
        match call:
            case "read":
                return [
                    f"{permissions.READ} {table}" for table in dict.fromkeys(place.id for place in places)
                ]
            case "claim":
                return [_replacing(place, node) for place in places]
            case "mark":
                return [_marking(place, node) for place in places]
            case "prepare" if self._settings.ip_forwarding == "fix":
                return [permissions.READ_NIC, f"{permissions.WRITE_NIC} enableIPForwarding=true"]
        return []

    def grants(self, deadline: Deadline) -> Sequence[Grant]:
        """Reading the tables, moving and marking these routes, and a look at the nodes."""
        tables = [self._id(name, deadline) for name in self._names]
        fixes = self._settings.ip_forwarding == "fix"
        nodes = permissions.on_nodes(self._azure.scope(deadline), fixes=fixes)
        return [*permissions.on_tables(tables), *nodes]

    def check(self, deadline: Deadline) -> Iterable[Finding]:
        """Everything that a failover needs of Azure, changing nothing, as far as ARM lets one look."""
        try:
            tables, clients = self._azure.api, self._azure.clients
            ids = {name: self._id(name, deadline) for name in self._names}
        except VipswitchError as wrong:
            return [Finding(Level.ERROR, "Azure", wrong.message, wrong.hint)]
        from vipswitch.providers.azure.route_table.preflight import Preflight

        return Preflight(
            tables,
            clients,
            ids=ids,
            addresses=self._addresses,
            node=self.node,
            interface=self._azure.interface,
            fixes=self._settings.ip_forwarding == "fix",
        ).findings(deadline)

    def _id(self, name: str, deadline: Deadline) -> ResourceId:
        named = self._names.get(name)
        if named is None:
            raise ConfigError(f"{name}: no place of a route table")
        return self._azure.resource(named, ROUTE_TABLES, deadline)


def _route_tables(clients: Clients) -> RouteTables:
    from vipswitch.providers.azure.route_table.tables import RouteTables

    return RouteTables(clients)


def _mark(place: Place, node: NodeId, generation: object) -> tuple[str, str]:
    """Key and value of the tag with which a node says that it has let go."""
    address = address_of(place)
    return key_of(address), value_of(NodeId(str(hop_of(node, address))), generation)


def _replacing(place: Place, node: NodeId) -> str:
    to, hop = destination(place), hop_of(node, address_of(place))
    about = f"addressPrefix={to} nextHopType=VirtualAppliance nextHopIpAddress={hop}"
    return f"{permissions.WRITE_ROUTE} {place.id} If-Match=as read {about}"


def _marking(place: Place, node: NodeId) -> str:
    key, value = _mark(place, node, "GENERATION")
    return f"{permissions.WRITE_TAGS} {place.id} operation=Merge {key}={value}"
