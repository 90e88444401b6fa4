"""`aws-route-table`: a /32 or /128 route in each table, whose target is the holder's network interface.

Rules: never creates a table; never deletes a route; never touches another destination. `down` leaves the
route: ReplaceRoute and DeleteRoute take no precondition, so a late one would hurt the next holder, and
whoever comes next replaces the route anyway. Only "there is no route" can be compared and set, by
CreateRoute; so a place that was seen without a holder is created, never replaced. The VIP lies outside
the VPC's address range: inside it every packet follows the VPC's own local route.
Source: EC2 API Reference, ReplaceRoute, CreateRoute; VPC User Guide, "Route tables".
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Mapping, Sequence
from ipaddress import ip_network
from typing import TYPE_CHECKING, ClassVar

from vipswitch.deadline import Deadline
from vipswitch.errors import ConfigError, PermissionDenied, VipswitchError
from vipswitch.model import Holding, NodeId, Place, Vip
from vipswitch.provider import Call, Capabilities, Finding, Level, Machine
from vipswitch.providers.aws.identity import Home
from vipswitch.providers.aws.settings import RouteTableSettings, TableId, switching_off

if TYPE_CHECKING:
    from vipswitch.providers.aws.interfaces import Interfaces
    from vipswitch.providers.aws.tables import RouteTables, Table

_SPARE_CONNECTIONS = 4
"""Beside one for each place: the source/destination check, a read, credentials."""


class AwsRouteTable:
    """Moves a VIP by rewriting its route in each of several route tables."""

    Settings = RouteTableSettings
    capabilities: ClassVar[Capabilities] = Capabilities(
        write_first=True, needs_address=True, announces=False, life_s=30.0
    )

    def __init__(self, settings: RouteTableSettings, vip: Vip, machine: Machine) -> None:
        self._settings = settings
        self._machine = machine
        self._home = Home(machine)
        tables = dict.fromkeys(settings.route_tables)
        self._routes = {Place(t, a): (t, a) for t in tables for a in vip.addresses}
        self._connecting = threading.Lock()
        self._api: tuple[RouteTables, Interfaces] | None = None

    @property
    def places(self) -> tuple[Place, ...]:
        """One place for each route table and address."""
        return tuple(self._routes)

    def node(self, deadline: Deadline) -> NodeId:
        """The network interface that the config gives this machine, else the one with the VIP's MAC."""
        given = self._machine.node()
        if given is None:
            return self._home.identity(deadline).interface
        if not re.fullmatch(r"eni-[0-9a-f]{8,17}", given):
            raise ConfigError(
                f"node {given}: not a network interface",
                hint="give the id of this node's ENI, such as eni-0a1b2c3d4e5f60718",
            )
        return given

    def read(self, places: Sequence[Place], deadline: Deadline) -> Mapping[Place, Holding | VipswitchError]:
        """Who holds each place, in one request; ConfigError for the places of a table that is not there."""
        ids = list(dict.fromkeys(self._routes[place][0] for place in places))
        tables = self._tables().describe(ids, deadline)
        return {place: self._holding(place, tables) for place in places}

    def _holding(self, place: Place, tables: Mapping[TableId, Table]) -> Holding | VipswitchError:
        id, address = self._routes[place]
        if id not in tables:
            return ConfigError(
                f"route table {id}: not found", hint="see to its id, the region and the account"
            )
        route = tables[id].routes.get(ip_network(address))
        if route is None:
            return Holding(None)
        if route.blackhole:
            return Holding(route.target, note="blackhole: its target is stopped or gone")
        return Holding(route.target, note="" if route.to_interface else "not a network interface")

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        """Replace the route, or create it where there is none; Conflict if one has appeared meanwhile."""
        id, address = self._routes[place]
        to, tables = ip_network(address), self._tables()
        vacant = seen is not None and seen.holder is None
        if vacant or not tables.replace_route(id, to, node, deadline):
            tables.create_route(id, to, node, deadline)

    def contention_key(self, place: Place) -> str:
        """The route: writes to different routes of a table do not get in each other's way."""
        id, address = self._routes[place]
        return f"aws-route:{id}:{ip_network(address)}"

    def prepare(self, node: NodeId, deadline: Deadline) -> Iterable[str]:
        """Switch the source/destination check off where it is on: it drops every packet to the VIP."""
        if self._settings.source_dest_check == "leave":
            return []
        interfaces = self._interfaces()
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
                ids = ",".join(dict.fromkeys(self._routes[place][0] for place in places))
                return [f"ec2:DescribeRouteTables Filter.route-table-id={ids}"]
            case "claim":
                return [self._replacing(place, node) for place in places]
            case "prepare" if self._settings.source_dest_check == "fix":
                return [
                    f"ec2:DescribeNetworkInterfaces NetworkInterfaceId={node}",
                    f"ec2:ModifyNetworkInterfaceAttribute NetworkInterfaceId={node} SourceDestCheck=false",
                ]
        return []

    def check(self, deadline: Deadline) -> Iterable[Finding]:
        """Everything that a failover needs of AWS, changing nothing: permissions are tried with DryRun."""
        try:
            tables, interfaces = self._connected()
        except ConfigError as wrong:
            return [Finding(Level.ERROR, "AWS", wrong.message, wrong.hint)]
        from vipswitch.providers.aws.preflight import Preflight

        return Preflight(
            tables,
            interfaces,
            routes=tuple(self._routes.values()),
            node=self.node,
            fixes=self._settings.source_dest_check == "fix",
        ).findings(deadline)

    def _tables(self) -> RouteTables:
        return self._connected()[0]

    def _interfaces(self) -> Interfaces:
        return self._connected()[1]

    def _connected(self) -> tuple[RouteTables, Interfaces]:
        """The SDK is imported here: 250 ms that `--help` and a repeated hook do without."""
        with self._connecting:
            self._api = self._api or self._connect()
            return self._api

    def _connect(self) -> tuple[RouteTables, Interfaces]:
        try:
            from vipswitch.providers.aws.client import Clients
            from vipswitch.providers.aws.interfaces import Interfaces
            from vipswitch.providers.aws.tables import RouteTables
        except ModuleNotFoundError as exc:
            raise ConfigError("boto3: not installed", hint="pip install 'vipswitch[aws]'") from exc
        connections = len(self._routes) + _SPARE_CONNECTIONS
        clients = Clients(self._settings, self._home, connections=connections)
        return RouteTables(clients), Interfaces(clients)

    def _replacing(self, place: Place, node: NodeId) -> str:
        id, address = self._routes[place]
        key = "DestinationCidrBlock" if address.version == 4 else "DestinationIpv6CidrBlock"
        return f"ec2:ReplaceRoute RouteTableId={id} {key}={ip_network(address)} NetworkInterfaceId={node}"
