"""`aws-route-table`: a /32 or /128 route in each table, whose target is the holder's network interface.

Rules: never creates a table; never deletes a route; never touches another destination. `down` leaves the
route: ReplaceRoute and DeleteRoute take no precondition, so a late one would hurt the next holder, and
whoever comes next replaces the route anyway. Only "there is no route" can be compared and set, by
CreateRoute; so a place that was seen without a holder is created, never replaced. The VIP lies outside
the VPC's address range: inside it every packet follows the VPC's own local route.
Source: EC2 API Reference, ReplaceRoute, CreateRoute; VPC User Guide, "Route tables".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import TYPE_CHECKING, ClassVar

from vipswitch.deadline import Deadline
from vipswitch.errors import ConfigError, PermissionDenied, VipswitchError
from vipswitch.model import Holding, NodeId, Place, Vip
from vipswitch.provider import NODE, Call, Capabilities, Finding, Grant, Level, Machine
from vipswitch.providers.aws.footing import Footing
from vipswitch.providers.aws.grants import Names, assuming, interfaces, names, principal, tagged
from vipswitch.providers.aws.route_table.settings import RouteTableSettings, TableId, switching_off
from vipswitch.providers.aws.settings import Tag

if TYPE_CHECKING:
    from vipswitch.providers.aws.api.client import Clients
    from vipswitch.providers.aws.route_table.tables import RouteTables, Table

Network = IPv4Network | IPv6Network

_KIND = "route table"


class AwsRouteTable:
    """Moves a VIP by rewriting its route in each of several route tables."""

    Settings = RouteTableSettings
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
            places=len(self._named) * len(vip.addresses),
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
            return ConfigError(
                f"route table {id}: not found", hint="see to its id, the region and the account"
            )
        route = tables[id].routes.get(to)
        if route is None:
            return Holding(None)
        if route.blackhole:
            return Holding(route.target, note="blackhole: its target is stopped or gone")
        return Holding(route.target, note="" if route.to_interface else "not a network interface")

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        """Replace the route, or create it where there is none; Conflict if one has appeared meanwhile."""
        (id, to), tables = _route(place), self._aws.api
        vacant = seen is not None and seen.holder is None
        if vacant or not tables.replace_route(id, to, node, deadline):
            tables.create_route(id, to, node, deadline)

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
            case "prepare" if self._settings.source_dest_check == "fix":
                return [
                    f"ec2:DescribeNetworkInterfaces NetworkInterfaceId={node}",
                    f"ec2:ModifyNetworkInterfaceAttribute NetworkInterfaceId={node} SourceDestCheck=false",
                ]
        return []

    def grants(self, deadline: Deadline) -> Sequence[Grant]:
        """Reading the tables, changing routes in these, and the check of the nodes' own interfaces."""
        named = names(self._settings, self._aws, deadline)
        who, here = principal(self._settings), (named.here(),)
        own, within = interfaces(self._settings.nodes, f"vpc/{self._aws.vpc(deadline)}", named, own=True)
        grants = [
            Grant(who, "ReadRouteTables", ("ec2:DescribeRouteTables",), ("*",), here),
            *self._moving(who, named),
            Grant(NODE, "ReadInterfaces", ("ec2:DescribeNetworkInterfaces",), ("*",), here),
        ]
        if self._settings.source_dest_check == "fix":
            actions = ("ec2:ModifyNetworkInterfaceAttribute",)
            grants.append(Grant(NODE, "SwitchSourceDestCheck", actions, own, within))
        return [*grants, *assuming(self._settings)]

    def _moving(self, who: str, named: Names) -> Iterator[Grant]:
        actions = ("ec2:ReplaceRoute", "ec2:CreateRoute")
        ids = [each for each in self._named if not isinstance(each, Tag)]
        if ids:
            tables = tuple(named.arn(f"route-table/{id}") for id in ids)
            yield Grant(who, "MoveRoutes", actions, tables)
        for tag in (each for each in self._named if isinstance(each, Tag)):
            yield Grant(who, "MoveTaggedRoutes", actions, (named.arn("route-table/*"),), (tagged(tag),))

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


def _replacing(place: Place, node: NodeId) -> str:
    id, to = _route(place)
    key = "DestinationCidrBlock" if to.version == 4 else "DestinationIpv6CidrBlock"
    return f"ec2:ReplaceRoute RouteTableId={id} {key}={to} NetworkInterfaceId={node}"
