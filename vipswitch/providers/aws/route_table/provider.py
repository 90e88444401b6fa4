"""`aws-route-table`: a /32 or /128 route in each table, whose target is the holder's network interface.

Rules: never creates a table; never deletes a route; never touches another destination. `down` leaves the
route: ReplaceRoute and DeleteRoute take no precondition, so a late one would hurt the next holder, and
whoever comes next replaces the route anyway. That its holder has let go is noted by a tag on the table, and
believed only while the route leads to the interface that the tag names. Only "there is no route" can be
compared and set, by CreateRoute; so a place that was seen without a holder is created, never replaced, and a
released one is looked at again right before a restore replaces it. The VIP lies outside the VPC's address
range: inside it every packet follows the VPC's own local route.
Source: EC2 API Reference, ReplaceRoute, CreateRoute, CreateTags, DeleteTags; VPC User Guide, "Route tables".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import TYPE_CHECKING, ClassVar

from vipswitch.deadline import Deadline
from vipswitch.errors import ConfigError, Conflict, PermissionDenied, VipswitchError
from vipswitch.model import Holding, NodeId, Place, Vip
from vipswitch.provider import NODE, Call, Capabilities, Finding, Grant, Level, Machine, PolicyForm
from vipswitch.providers.aws.footing import Footing
from vipswitch.providers.aws.grants import assuming, interfaces, names, principal
from vipswitch.providers.aws.policy import POLICY
from vipswitch.providers.aws.route_table.permissions import on_tables
from vipswitch.providers.aws.route_table.settings import RouteTableSettings, TableId, switching_off
from vipswitch.providers.marks import NOTE, key_of, named_by, value_of
from vipswitch.providers.tags import Tag

if TYPE_CHECKING:
    from vipswitch.providers.aws.api.client import Clients
    from vipswitch.providers.aws.route_table.tables import Route, RouteTables, Table

Network = IPv4Network | IPv6Network

_KIND = "route table"


class AwsRouteTable:
    """Moves a VIP by rewriting its route in each of several route tables."""

    Settings = RouteTableSettings
    policy: ClassVar[PolicyForm] = POLICY
    capabilities: ClassVar[Capabilities] = Capabilities(
        write_first=True, needs_address=True, announces=False, life_s=30.0
    )

    def __init__(self, settings: RouteTableSettings, vip: Vip, machine: Machine) -> None:
        self._settings = settings
        self._addresses = vip.addresses
        self._named = tuple(dict.fromkeys(settings.route_tables))
        self._aws = Footing(
            settings,
            machine,
            connect=_route_tables,
            endpoints={"ec2": settings.endpoint_url},
        )

    @property
    def places(self) -> tuple[Place, ...]:
        """One place for each route table and address; ConfigError while a tag was not looked up."""
        return tuple(Place(table, address) for table in self._tables() for address in self._addresses)

    def node(self, deadline: Deadline) -> NodeId:
        """The network interface that the config gives this machine, else the one with the VIP's MAC."""
        return self._aws.node(deadline)

    def discover(self, deadline: Deadline, *, anew: bool = False) -> None:
        """Find the route tables that the config names by a tag, in the VPC of this node."""
        self._aws.discover(deadline, anew=anew)
        for named in self._named:
            if isinstance(named, Tag) and (anew or not self._aws.found.ids(_KIND, named)):
                self._aws.found.keep(_KIND, named, self._look_up(named, deadline))

    @property
    def tags(self) -> Mapping[str, Sequence[str]]:
        """The tags in the config, and the ids that are kept for them."""
        tables = {str(t): self._aws.found.ids(_KIND, t) for t in self._named if isinstance(t, Tag)}
        return {**tables, **self._aws.tags}

    def _look_up(self, named: Tag, deadline: Deadline) -> list[TableId]:
        vpc = self._aws.vpc(deadline)
        ids = self._aws.api.tagged(named, vpc, deadline)
        if not ids:
            raise ConfigError(f"route tables {named}: none in {vpc}", hint="tag each table to be changed")
        return ids

    def _tables(self) -> tuple[TableId, ...]:
        """The ids in the config, and those found for its tags."""
        ids: list[TableId] = []
        for named in self._named:
            found = self._aws.found.ids(_KIND, named) if isinstance(named, Tag) else (named,)
            if not found:
                hint = "run `vipswitch check` on this node"
                raise ConfigError(f"route tables {named}: not looked up yet", hint=hint)
            ids += [TableId(id) for id in found]
        return tuple(dict.fromkeys(ids))

    def read(self, places: Sequence[Place], deadline: Deadline) -> Mapping[Place, Holding | VipswitchError]:
        """Who holds each place, in one request; ConfigError for the places of a table that is not there."""
        tables = self._aws.api.describe(_ids(places), deadline)
        return {place: self._holding(place, tables) for place in places}

    def _holding(self, place: Place, tables: Mapping[TableId, Table]) -> Holding | VipswitchError:
        id, to = _route(place)
        if id not in tables:
            return _no_such_table(id)
        table = tables[id]
        route = table.routes.get(to)
        if route is None:
            return Holding(None)
        released = _released_by(table, to) == route.target
        return Holding(route.target, note=_note(route, released=released), released=released)

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        """Replace the route, or create it where there is none; Conflict if one has appeared meanwhile."""
        (id, to), tables = _route(place), self._aws.api
        vacant = seen is not None and seen.holder is None
        if vacant or not tables.replace_route(id, to, node, deadline):
            tables.create_route(id, to, node, deadline)

    def restore(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        """Create the route where there was none; replace one whose holder has let go, if it still is so.

        Conflict in every other case. The two requests of a replacement leave a window of one round trip.
        """
        (id, to), tables = _route(place), self._aws.api
        if seen.holder is None:
            tables.create_route(id, to, node, deadline)
            return
        now = self.read([place], deadline)[place]
        if isinstance(now, VipswitchError):
            raise now
        if not (seen.released and now.released and now.holder == seen.holder):
            raise Conflict(f"{place}: is not as it was, released by {seen.holder}")
        if not tables.replace_route(id, to, node, deadline):
            raise Conflict(f"{place}: the route is gone")

    def mark(self, place: Place, node: NodeId, generation: int, deadline: Deadline) -> None:
        """Tag the table: `node` has let go of the route. Whoever has left a mark before is written over."""
        id, to = _route(place)
        self._aws.api.tag(id, {key_of(to.network_address): value_of(node, generation)}, deadline)

    def unmark(self, place: Place, node: NodeId, deadline: Deadline) -> None:
        """Take off the tag if it names `node`: it is deleted only as it was read, so never another's."""
        (id, to), tables = _route(place), self._aws.api
        table = tables.describe([id], deadline).get(id)
        if table is None:
            raise _no_such_table(id)
        key = key_of(to.network_address)
        if named_by(table.tags.get(key)) == node:
            tables.untag(id, {key: table.tags[key]}, deadline)

    def contention_key(self, place: Place) -> str:
        """The route: writes to different routes of a table do not get in each other's way."""
        id, to = _route(place)
        return f"aws-route:{id}:{to}"

    def prepare(self, node: NodeId, deadline: Deadline) -> Iterable[str]:
        """Switch the source/destination check off where it is on: it drops every packet to the VIP."""
        if self._settings.source_dest_check == "leave":
            return []
        interfaces = self._aws.interfaces
        try:
            if interfaces.describe(node, deadline).checked:
                interfaces.stop_checking(node, deadline)
        except PermissionDenied as wrong:
            return [f"source/destination check: {wrong.message}; {wrong.hint}, or run: {switching_off(node)}"]
        return []

    def calls(self, call: Call, places: Sequence[Place], node: NodeId) -> list[str]:
        """The requests of EC2's API that `call` makes, in the words of IAM."""
        match call:
            case "read":
                return [f"ec2:DescribeRouteTables Filter.route-table-id={','.join(_ids(places))}"]
            case "claim":
                return [_replacing(place, node) for place in places]
            case "mark":
                return [_marking(place, node) for place in places]
            case "prepare" if self._settings.source_dest_check == "fix":
                return [
                    f"ec2:DescribeNetworkInterfaces NetworkInterfaceId={node}",
                    f"ec2:ModifyNetworkInterfaceAttribute NetworkInterfaceId={node} SourceDestCheck=false",
                ]
        return []

    def grants(self, deadline: Deadline) -> Sequence[Grant]:
        """Reading the tables, moving and marking these routes, and the check of the nodes' interfaces."""
        named = names(self._settings, self._aws, deadline)
        who, here = principal(self._settings), (named.here(),)
        own, within = interfaces(self._settings.nodes, f"vpc/{self._aws.vpc(deadline)}", named, own=True)
        grants = [
            Grant(who, "ReadRouteTables", ("ec2:DescribeRouteTables",), ("*",), here),
            *on_tables(self._named, self._addresses, who, named),
            Grant(NODE, "ReadInterfaces", ("ec2:DescribeNetworkInterfaces",), ("*",), here),
        ]
        if self._settings.source_dest_check == "fix":
            actions = ("ec2:ModifyNetworkInterfaceAttribute",)
            grants.append(Grant(NODE, "SwitchSourceDestCheck", actions, own, within))
        return [*grants, *assuming(self._settings)]

    def check(self, deadline: Deadline) -> Iterable[Finding]:
        """Everything that a failover needs of AWS, changing nothing: permissions are tried with DryRun."""
        try:
            self.discover(deadline)
            tables, interfaces = self._aws.api, self._aws.interfaces
        except VipswitchError as wrong:
            return [Finding(Level.ERROR, "AWS", wrong.message, wrong.hint)]
        from vipswitch.providers.aws.route_table.preflight import Preflight

        return Preflight(
            tables,
            interfaces,
            routes=tuple(_route(place) for place in self.places),
            node=self.node,
            fixes=self._settings.source_dest_check == "fix",
        ).findings(deadline)


def _route_tables(clients: Clients) -> RouteTables:
    from vipswitch.providers.aws.route_table.tables import RouteTables

    return RouteTables(clients)


def _route(place: Place) -> tuple[TableId, Network]:
    """The table of a place, and the destination of the route in it."""
    if place.address is None:
        raise ConfigError(f"{place}: no place of a route table")
    return TableId(place.id), ip_network(place.address)


def _ids(places: Sequence[Place]) -> list[TableId]:
    return list(dict.fromkeys(TableId(place.id) for place in places))


def _released_by(table: Table, to: Network) -> NodeId | None:
    return named_by(table.tags.get(key_of(to.network_address)))


def _note(route: Route, *, released: bool) -> str:
    """What people should know of a route beside its target."""
    notes = {
        NOTE: released,
        "blackhole: its target is stopped or gone": route.blackhole,
        "not a network interface": not route.to_interface,
    }
    return "; ".join(note for note, holds in notes.items() if holds)


def _no_such_table(id: TableId) -> ConfigError:
    return ConfigError(f"route table {id}: not found", hint="see to its id, the region and the account")


def _marking(place: Place, node: NodeId) -> str:
    id, to = _route(place)
    key, value = key_of(to.network_address), value_of(node, "GENERATION")
    return f"ec2:CreateTags ResourceId={id} Key={key} Value={value}"


def _replacing(place: Place, node: NodeId) -> str:
    id, to = _route(place)
    key = "DestinationCidrBlock" if to.version == 4 else "DestinationIpv6CidrBlock"
    return f"ec2:ReplaceRoute RouteTableId={id} {key}={to} NetworkInterfaceId={node}"
