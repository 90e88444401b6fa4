"""One local AWS for each test module, with a fresh route table for each test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.aws.fixtures import cloud, ec2, node_count, topology
from tests.aws.hosted_zone import bare_zone, route53, uncorrected, zone
from vipswitch.testing.aws import AwsCloud, NodeSeed, Topology

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ec2.type_defs import RouteTypeDef, TagTypeDef

__all__ = [
    "aws",
    "bare_zone",
    "cloud",
    "ec2",
    "node_count",
    "route53",
    "topology",
    "uncorrected",
    "zone",
]


@dataclass(frozen=True, slots=True)
class Playground:
    """A route table of one's own, and two nodes to point its routes at."""

    cloud: AwsCloud
    ec2: EC2Client
    topology: Topology
    table: str

    @property
    def nodes(self) -> tuple[NodeSeed, NodeSeed]:
        first, second = self.topology.nodes
        return first, second

    def create(self, destination: str, node: NodeSeed, *, dry_run: bool = False) -> None:
        self.ec2.create_route(
            RouteTableId=self.table,
            DestinationCidrBlock=destination,
            NetworkInterfaceId=node.interface_id,
            DryRun=dry_run,
        )

    def replace(self, destination: str, node: NodeSeed, *, dry_run: bool = False) -> None:
        self.ec2.replace_route(
            RouteTableId=self.table,
            DestinationCidrBlock=destination,
            NetworkInterfaceId=node.interface_id,
            DryRun=dry_run,
        )

    def delete(self, destination: str, *, dry_run: bool = False) -> None:
        self.ec2.delete_route(RouteTableId=self.table, DestinationCidrBlock=destination, DryRun=dry_run)

    def tag(self, *tags: TagTypeDef, dry_run: bool = False) -> None:
        self.ec2.create_tags(Resources=[self.table], Tags=tags, DryRun=dry_run)

    def untag(self, *tags: TagTypeDef, dry_run: bool = False) -> None:
        """Without tags there is no list of them in the request."""
        listed = {"Tags": tags} if tags else {}
        self.ec2.delete_tags(Resources=[self.table], DryRun=dry_run, **listed)

    def tags(self) -> dict[str, str]:
        """The table's tags."""
        table = self.ec2.describe_route_tables(RouteTableIds=[self.table])["RouteTables"][0]
        return {tag["Key"]: tag["Value"] for tag in table.get("Tags", [])}

    def routes(self) -> dict[str, RouteTypeDef]:
        """The table's routes by destination, without the VPC's own."""
        described = self.ec2.describe_route_tables(RouteTableIds=[self.table])["RouteTables"][0]["Routes"]
        found = {r.get("DestinationCidrBlock") or r["DestinationIpv6CidrBlock"]: r for r in described}
        return {cidr: route for cidr, route in found.items() if route.get("GatewayId") != "local"}

    def holder(self, destination: str) -> str | None:
        """The network interface that a route leads to."""
        return self.routes()[destination].get("NetworkInterfaceId")


@pytest.fixture
def aws(cloud: AwsCloud, ec2: EC2Client, topology: Topology) -> Iterator[Playground]:
    """A new route table; faults and journal are empty before and after."""
    table = ec2.create_route_table(VpcId=topology.vpc_id)["RouteTable"]["RouteTableId"]
    cloud.journal.clear()
    yield Playground(cloud, ec2, topology, table)
    cloud.faults.clear()
    cloud.journal.clear()
