"""EC2 route tables: what is asked of them, and what they answer, in our types.

Source: EC2 API Reference, DescribeRouteTables, ReplaceRoute, CreateRoute, CreateTags, DeleteTags; STS,
GetCallerIdentity.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import TYPE_CHECKING, TypedDict

from vipswitch.deadline import Deadline
from vipswitch.model import NodeId
from vipswitch.providers.asked import Asked
from vipswitch.providers.aws.api.client import Clients
from vipswitch.providers.aws.api.meanings import NoSuchRoute, Permitted
from vipswitch.providers.aws.route_table.settings import TableId
from vipswitch.providers.tags import Tag

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ec2.type_defs import FilterTypeDef, RouteTableTypeDef, RouteTypeDef, TagTypeDef

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Route:
    """Where one destination of a route table leads: an interface, or something that is no node."""

    target: NodeId
    blackhole: bool = False

    @property
    def to_interface(self) -> bool:
        """Whether the target is a network interface, as a node's is."""
        return self.target.startswith("eni-")


@dataclass(frozen=True, slots=True)
class Table:
    """One route table: its VPC, where it leads, the VPC's own address ranges (its local routes), its tags."""

    id: TableId
    vpc: str
    routes: Mapping[Network, Route]
    local: tuple[Network, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)


class RouteTables:
    """The route tables of an account. Every method raises our errors only."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def describe(self, ids: Sequence[TableId], deadline: Deadline) -> dict[TableId, Table]:
        """Those of the tables that exist, in one request.

        It asks with a filter: a list of ids fails as a whole when one of them does not exist.
        """
        asked = Asked("ec2:DescribeRouteTables", "route tables", deadline)
        with self._clients.ec2(asked) as ec2:
            pages = ec2.get_paginator("describe_route_tables").paginate(
                Filters=[{"Name": "route-table-id", "Values": list(ids)}]
            )
            tables = [_table(table) for page in pages for table in page["RouteTables"]]
        return {table.id: table for table in tables}

    def tagged(self, tag: Tag, vpc: str, deadline: Deadline) -> list[TableId]:
        """The route tables of a VPC that have a tag, by id."""
        asked = Asked("ec2:DescribeRouteTables", f"route tables {tag}", deadline)
        with self._clients.ec2(asked) as ec2:
            pages = ec2.get_paginator("describe_route_tables").paginate(
                Filters=[
                    {"Name": f"tag:{tag.key}", "Values": [tag.value]},
                    {"Name": "vpc-id", "Values": [vpc]},
                ]
            )
            return sorted(TableId(table["RouteTableId"]) for page in pages for table in page["RouteTables"])

    def of_subnet(self, subnet: str, vpc: str, deadline: Deadline) -> Table | None:
        """The route table that a subnet is associated with, else the main one of its VPC."""
        asked = Asked("ec2:DescribeRouteTables", f"route table of {subnet}", deadline)
        own: list[FilterTypeDef] = [{"Name": "association.subnet-id", "Values": [subnet]}]
        main: list[FilterTypeDef] = [
            {"Name": "vpc-id", "Values": [vpc]},
            {"Name": "association.main", "Values": ["true"]},
        ]
        with self._clients.ec2(asked) as ec2:
            found = ec2.describe_route_tables(Filters=own)["RouteTables"]
            found = found or ec2.describe_route_tables(Filters=main)["RouteTables"]
        return _table(found[0]) if found else None

    def replace_route(
        self, table: TableId, to: Network, interface: NodeId, deadline: Deadline, *, dry_run: bool = False
    ) -> bool:
        """Point an existing route at `interface`; False if there is none, and nothing was changed."""
        try:
            with self._writing("ec2:ReplaceRoute", table, deadline, dry_run=dry_run) as ec2:
                ec2.replace_route(
                    RouteTableId=table, NetworkInterfaceId=interface, DryRun=dry_run, **_destination(to)
                )
        except NoSuchRoute:
            return False
        return True

    def create_route(
        self, table: TableId, to: Network, interface: NodeId, deadline: Deadline, *, dry_run: bool = False
    ) -> None:
        """Add a route to `interface`; Conflict if there is a route to that destination."""
        with self._writing("ec2:CreateRoute", table, deadline, dry_run=dry_run) as ec2:
            ec2.create_route(
                RouteTableId=table, NetworkInterfaceId=interface, DryRun=dry_run, **_destination(to)
            )

    def tag(
        self, table: TableId, tags: Mapping[str, str], deadline: Deadline, *, dry_run: bool = False
    ) -> None:
        """Put tags on a table, over those of the same keys."""
        with self._writing("ec2:CreateTags", table, deadline, dry_run=dry_run) as ec2:
            ec2.create_tags(Resources=[table], Tags=_tags(tags), DryRun=dry_run)

    def untag(
        self, table: TableId, tags: Mapping[str, str], deadline: Deadline, *, dry_run: bool = False
    ) -> None:
        """Take off those of the tags that have exactly these values; nothing happens to the others."""
        with self._writing("ec2:DeleteTags", table, deadline, dry_run=dry_run) as ec2:
            ec2.delete_tags(Resources=[table], Tags=_tags(tags), DryRun=dry_run)

    def caller(self, deadline: Deadline) -> str:
        """Who the requests are made as, and where."""
        with self._clients.sts(Asked("sts:GetCallerIdentity", "AWS credentials", deadline)) as sts:
            return f"{sts.get_caller_identity()['Arn']} in {sts.meta.region_name}"

    @contextmanager
    def _writing(
        self, action: str, table: TableId, deadline: Deadline, *, dry_run: bool
    ) -> Iterator[EC2Client]:
        """A dry run that would have gone through is a success."""
        asked = Asked(action, f"route table {table}", deadline, f"route-table/{table}", writes=not dry_run)
        try:
            with self._clients.ec2(asked) as ec2:
                yield ec2
        except Permitted:
            return


class _Destination(TypedDict, total=False):
    DestinationCidrBlock: str
    DestinationIpv6CidrBlock: str


def _destination(to: Network) -> _Destination:
    if to.version == 4:
        return {"DestinationCidrBlock": str(to)}
    return {"DestinationIpv6CidrBlock": str(to)}


def _table(raw: RouteTableTypeDef) -> Table:
    routes = [(to, route) for route in raw.get("Routes", []) if (to := _to(route)) is not None]
    local = tuple(to for to, route in routes if route.get("Origin") == "CreateRouteTable")
    tags = {tag.get("Key", ""): tag.get("Value", "") for tag in raw.get("Tags", [])}
    return Table(
        TableId(raw["RouteTableId"]), raw["VpcId"], {to: _route(route) for to, route in routes}, local, tags
    )


def _tags(tags: Mapping[str, str]) -> list[TagTypeDef]:
    """Never an empty list: DeleteTags would then take off all the tags that a table has."""
    if not tags:
        raise ValueError("no tags")
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _to(raw: RouteTypeDef) -> Network | None:
    """The destination; None for a prefix list."""
    block = raw.get("DestinationCidrBlock") or raw.get("DestinationIpv6CidrBlock")
    return ip_network(block) if block else None


def _route(raw: RouteTypeDef) -> Route:
    """A route to an instance names its interface too; the others name a gateway of some kind."""
    targets = [str(v) for k, v in raw.items() if k in _TARGETS]
    target = raw.get("NetworkInterfaceId") or next(iter(targets), "unknown")
    return Route(NodeId(target), blackhole=raw.get("State") == "blackhole")


_TARGETS = frozenset(
    {
        "CarrierGatewayId",
        "CoreNetworkArn",
        "EgressOnlyInternetGatewayId",
        "GatewayId",
        "InstanceId",
        "LocalGatewayId",
        "NatGatewayId",
        "TransitGatewayId",
        "VpcPeeringConnectionId",
    }
)
