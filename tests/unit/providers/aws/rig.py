"""What the tests of the AWS provider share: a machine, a VIP in tables of its own, deadlines, the journal."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from vipswitch.deadline import Clock, Deadline, SystemClock
from vipswitch.model import Address, Holding, NodeId, Place, Vip
from vipswitch.providers.aws.route_table.provider import AwsRouteTable
from vipswitch.providers.aws.route_table.settings import TableId
from vipswitch.testing.aws import AwsCloud, NodeSeed, Topology

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

T = TypeVar("T")


VIP4 = ip_address("10.99.0.50")
VIP6 = ip_address("fd99::50")


def soon(seconds: float = 10.0, clock: Clock | None = None) -> Deadline:
    """A deadline from now on."""
    return Deadline(seconds, clock or SystemClock())


@dataclass(frozen=True, slots=True)
class StubMachine:
    """A machine whose VIP interface has this MAC; `given` is the node id in its config."""

    address: str
    folder: Path
    given: NodeId | None = None

    def mac(self) -> str:
        return self.address

    def shared(self, key: Hashable, make: Callable[[], T]) -> T:
        return make()

    def cache(self) -> Path:
        return self.folder

    def node(self) -> NodeId | None:
        return self.given


@dataclass(frozen=True, slots=True)
class Rig:
    """A cloud with nodes, and two route tables that no other test uses."""

    cloud: AwsCloud
    ec2: EC2Client
    topology: Topology
    tables: tuple[TableId, ...]
    folder: Path

    @property
    def nodes(self) -> tuple[NodeSeed, ...]:
        return self.topology.nodes

    def id(self, number: int) -> NodeId:
        """A node's network interface, counted from 0."""
        return NodeId(self.nodes[number].interface_id)

    def provider(
        self,
        number: int = 0,
        *,
        vip: tuple[Address, ...] = (VIP4,),
        tables: tuple[str, ...] | None = None,
        **settings: str | None,
    ) -> AwsRouteTable:
        """The provider as it runs on that node, which knows its interface from the config."""
        ids = tuple(TableId(table) for table in (self.tables if tables is None else tables))
        wanted = AwsRouteTable.Settings(route_tables=ids, **settings)  # type: ignore[arg-type]
        machine = StubMachine(self.nodes[number].mac, self.folder, self.id(number))
        return AwsRouteTable(wanted, Vip("primary", vip), machine)

    def holder(self, place: Place) -> str | None:
        """Who the cloud itself says holds a place."""
        routes = self.ec2.describe_route_tables(RouteTableIds=[place.id])["RouteTables"][0]["Routes"]
        wanted = str(ip_network(str(place.address)))
        found = {r.get("DestinationCidrBlock") or r.get("DestinationIpv6CidrBlock"): r for r in routes}
        return found[wanted].get("NetworkInterfaceId") if wanted in found else None

    def give(self, place: Place, number: int) -> None:
        """Let a node hold a place that nobody holds."""
        to = {"DestinationCidrBlock": str(ip_network(str(place.address)))}
        self.ec2.create_route(RouteTableId=place.id, NetworkInterfaceId=self.id(number), **to)  # type: ignore[arg-type]

    def asked(self) -> list[str]:
        """The actions asked of the cloud so far, in order."""
        return [call.action for call in self.cloud.journal.calls()]


def seen(provider: AwsRouteTable, place: Place) -> Holding:
    """What the provider reads of a place."""
    answer = provider.read([place], soon())[place]
    assert isinstance(answer, Holding), answer
    return answer
