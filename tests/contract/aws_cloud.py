"""The local AWS as a contract cloud: two route tables, three nodes, real HTTP, real time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from ipaddress import ip_network
from pathlib import Path

from vipswitch.deadline import Clock, SystemClock
from vipswitch.model import NodeId, Place
from vipswitch.providers.aws.route_table import AwsRouteTable, RouteTableSettings
from vipswitch.providers.aws.settings import TableId
from vipswitch.testing.aws import AwsCloud, build
from vipswitch.testing.aws.rules import Drop
from vipswitch.testing.bed import VIP
from vipswitch.testing.cloud import NODES, Named
from vipswitch.testing.fabric.aws_routes import AwsRoutes

_WRITE = "ReplaceRoute"


class AwsContractCloud:
    """`aws-route-table` on the local AWS."""

    def __init__(
        self, folder: Path, make: Callable[..., AwsRouteTable] = AwsRouteTable, *, latency_s: float = 0.0
    ) -> None:
        self.clock: Clock = SystemClock()
        self._stack = ExitStack()
        self.aws = self._stack.enter_context(AwsCloud())
        self.faults = AwsFaults(self.aws)
        self._folder = folder
        self._make = make
        self._seed()
        if latency_s:
            self.aws.faults.delay(latency_s)

    def _seed(self) -> None:
        topology = build(self.aws, nodes=3)
        self._ids = {name: NodeId(n.interface_id) for name, n in zip(NODES, topology.nodes, strict=True)}
        ec2 = self.aws.ec2()
        made = [ec2.create_route_table(VpcId=topology.vpc_id)["RouteTable"]["RouteTableId"] for _ in "ab"]
        self.tables = tuple(TableId(table) for table in made)
        for table in self.tables:
            ec2.create_route(
                RouteTableId=table,
                DestinationCidrBlock=str(ip_network(VIP.addresses[0])),
                NetworkInterfaceId=self._ids["c"],
            )
        self.aws.journal.clear()

    def provider(self, node: str, tables: tuple[TableId, ...] = ()) -> AwsRouteTable:
        """The provider as it runs on that node."""
        settings = RouteTableSettings(
            region="eu-west-1", endpoint_url=self.aws.url, route_tables=tables or self.tables
        )
        return self._make(settings, VIP, Named(self._ids[node], self._folder))

    def node_id(self, node: str) -> NodeId:
        """The node's network interface."""
        return self._ids[node]

    def truth(self) -> Mapping[Place, NodeId | None]:
        """What the route tables are, whatever the API says of them."""
        address, real = VIP.addresses[0], AwsRoutes(self.aws).tables()
        held = {
            table: routes.get(ip_network(address)) for table, routes in real.items() if table in self.tables
        }
        return {Place(table, address): NodeId(eni) if eni else None for table, eni in held.items()}

    def writes(self) -> Sequence[float]:
        """When a route was written."""
        calls = self.aws.journal.writes()
        return [c.committed for c in calls if c.action in (_WRITE, "CreateRoute") and c.committed is not None]

    def close(self) -> None:
        """Stop serving."""
        self._stack.close()


class AwsFaults:
    """The contract's faults, as a real EC2 endpoint shows them."""

    def __init__(self, aws: AwsCloud) -> None:
        self._aws = aws

    def lose_answer(self, then: Callable[[], None]) -> None:
        """The work is done, `then` happens, the connection breaks."""

        def then_drop() -> None:
            then()
            raise Drop

        self._aws.faults.after_commit(_WRITE, then_drop)

    def unavailable(self, times: int) -> None:
        """RequestLimitExceeded."""
        self._aws.faults.throttle(times)

    def deny(self) -> None:
        """UnauthorizedOperation."""
        self._aws.faults.deny()

    def stale_reads(self, times: int) -> None:
        """DescribeRouteTables shows the state before the next write."""
        self._aws.faults.stale_reads(times)

    def slow(self, seconds: float) -> None:
        """Writes take `seconds` and are then throttled."""
        self._aws.faults.delay(seconds, _WRITE)
        self._aws.faults.throttle(None, _WRITE)

    def missing(self, place: Place) -> None:
        """The route table is deleted."""
        self._aws.ec2().delete_route_table(RouteTableId=place.id)
