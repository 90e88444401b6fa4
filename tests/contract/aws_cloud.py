"""The local AWS as a contract cloud: two places, three nodes, real HTTP and time. One class a method."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from ipaddress import ip_network
from pathlib import Path

from vipswitch.deadline import Clock, SystemClock
from vipswitch.model import NodeId, Place, Vip
from vipswitch.provider import Provider
from vipswitch.providers.aws.route_table.provider import AwsRouteTable, RouteTableSettings
from vipswitch.providers.aws.route_table.settings import TableId
from vipswitch.testing.armed import Drop
from vipswitch.testing.aws import REGION, AwsCloud, Topology, build
from vipswitch.testing.bed import VIP
from vipswitch.testing.cloud import NODES, Named
from vipswitch.testing.fabric.aws_routes import AwsRoutes


class AwsContractCloud:
    """What all methods share; `claim` is the action that takes a place, `also` the other ones that write."""

    claim = ""
    also: tuple[str, ...] = ()
    vip: Vip = VIP

    def __init__(self, folder: Path, *, together: bool = False, latency_s: float = 0.0) -> None:
        self.clock: Clock = SystemClock()
        self._stack = ExitStack()
        self.aws = self._stack.enter_context(AwsCloud())
        self.faults = AwsFaults(self.aws, self.claim, self.remove)
        self.folder = folder
        more = {"together": True} if together else {}
        self.topology = build(self.aws, nodes=len(NODES), **more)
        self.interfaces = {
            name: NodeId(node.interface_id) for name, node in zip(NODES, self.topology.nodes, strict=True)
        }
        self.seed(self.topology)
        self.aws.journal.clear()
        if latency_s:
            self.aws.faults.delay(latency_s)

    def seed(self, topology: Topology) -> None:
        """Make the two places."""
        raise NotImplementedError

    def remove(self, place: Place) -> None:
        """Let that place be gone."""
        raise NotImplementedError

    def empty(self, place: Place) -> None:
        """Let nobody hold that place."""
        raise NotImplementedError

    def node_id(self, node: str) -> NodeId:
        """The node's network interface."""
        return self.interfaces[node]

    def writes(self) -> Sequence[float]:
        """When a place was written."""
        calls = self.aws.journal.writes()
        wanted = (self.claim, *self.also)
        return [c.committed for c in calls if c.action in wanted and c.committed is not None]

    def close(self) -> None:
        """Stop serving."""
        self._stack.close()


class RouteTableCloud(AwsContractCloud):
    """`aws-route-table`: two route tables, both with a route to node c."""

    claim = "ReplaceRoute"
    also = ("CreateRoute", "DeleteRoute", "CreateTags", "DeleteTags")

    def __init__(
        self,
        folder: Path,
        make: Callable[..., Provider] = AwsRouteTable,
        *,
        tables: int = 2,
        latency_s: float = 0.0,
    ) -> None:
        self._make = make
        self._count = tables
        super().__init__(folder, latency_s=latency_s)

    def seed(self, topology: Topology) -> None:
        """Tables with a route to node c."""
        ec2 = self.aws.ec2()
        made = [ec2.create_route_table(VpcId=topology.vpc_id) for _ in range(self._count)]
        self.tables = tuple(TableId(table["RouteTable"]["RouteTableId"]) for table in made)
        for table in self.tables:
            ec2.create_route(
                RouteTableId=table,
                DestinationCidrBlock=str(ip_network(VIP.addresses[0])),
                NetworkInterfaceId=self.interfaces["c"],
            )

    def provider(self, node: str, tables: tuple[TableId, ...] = ()) -> Provider:
        """The provider as it runs on that node."""
        settings = RouteTableSettings(
            region=REGION, endpoint_url=self.aws.url, route_tables=tables or self.tables
        )
        return self._make(settings, VIP, Named(self.interfaces[node], self.folder))

    def truth(self) -> Mapping[Place, NodeId | None]:
        """What the route tables are, whatever the API says of them."""
        address, real = VIP.addresses[0], AwsRoutes(self.aws).tables()
        held = {
            table: routes.get(ip_network(address)) for table, routes in real.items() if table in self.tables
        }
        return {Place(table, address): NodeId(eni) if eni else None for table, eni in held.items()}

    def empty(self, place: Place) -> None:
        """The route is deleted."""
        to = str(ip_network(VIP.addresses[0]))
        self.aws.ec2().delete_route(RouteTableId=place.id, DestinationCidrBlock=to)

    def remove(self, place: Place) -> None:
        """The route table is deleted."""
        self.aws.ec2().delete_route_table(RouteTableId=place.id)


class AwsFaults:
    """The contract's faults, as a real AWS endpoint shows them."""

    def __init__(self, aws: AwsCloud, claim: str, remove: Callable[[Place], None]) -> None:
        self._aws = aws
        self._claim = claim
        self._remove = remove

    def lose_answer(self, then: Callable[[], None]) -> None:
        """The work is done, `then` happens, the connection breaks."""

        def then_drop() -> None:
            then()
            raise Drop

        self._aws.faults.after_commit(self._claim, then_drop)

    def unavailable(self, times: int) -> None:
        """Throttled."""
        self._aws.faults.throttle(times)

    def fails_inside(self, times: int) -> None:
        """InternalError."""
        self._aws.faults.unavailable(times, self._claim)

    def deny(self) -> None:
        """Not authorized."""
        self._aws.faults.deny()

    def stale_reads(self, times: int) -> None:
        """Reads show the state before the next write."""
        self._aws.faults.stale_reads(times)

    def slow(self, seconds: float) -> None:
        """Writes take `seconds` and are then throttled."""
        self._aws.faults.delay(seconds, self._claim)
        self._aws.faults.throttle(None, self._claim)

    def missing(self, place: Place) -> None:
        """See the method's cloud."""
        self._remove(place)
