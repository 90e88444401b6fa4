"""Resources whose agents are real processes, and a node of AWS in a network namespace."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.agent.space import ABLE, UNABLE, one_interface
from tests.ocf.resource import Make, Resource
from vipswitch.testing.aws import AwsCloud, Topology, topology
from vipswitch.testing.fabric.namespaces import Namespace

_PORT = 8000
_ROUTE = "10.99.0.50/32"


@pytest.fixture
def make() -> Iterator[Make]:
    """Resources of one test; FOLDER in a config stands for the resource's folder."""
    with ExitStack() as stack:

        def made(
            config: str,
            params: Mapping[str, str],
            environment: Mapping[str, str] | None = None,
            prefix: tuple[str, ...] = (),
        ) -> Resource:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="vs-")))
            resource = Resource(folder, params, environment or {}, prefix)
            resource.config.write_text(config.replace("FOLDER", str(folder)))
            stack.callback(resource.close)
            return resource

        yield made


@dataclass(frozen=True)
class Aws:
    """An AWS that is reached from one namespace, with the nodes that are in it."""

    cloud: AwsCloud
    topology: Topology
    space: Namespace
    table: str

    @property
    def environment(self) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{_PORT}",
            "AWS_DEFAULT_REGION": self.topology.region,
            "AWS_ACCESS_KEY_ID": "AKIATEST",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def leads_to(self) -> str | None:
        """The network interface that the VIP's route leads to."""
        found = self.space.inside(lambda: self.cloud.ec2().describe_route_tables(RouteTableIds=[self.table]))
        routes = {route.get("DestinationCidrBlock"): route for route in found["RouteTables"][0]["Routes"]}
        return routes.get(_ROUTE, {}).get("NetworkInterfaceId")

    def lead_to(self, interface: str | None) -> None:
        """By hand; None deletes the route."""
        route = {"RouteTableId": self.table, "DestinationCidrBlock": _ROUTE}
        there = self.leads_to() is not None

        def change() -> None:
            ec2 = self.cloud.ec2()
            if there:
                ec2.delete_route(**route)
            if interface is not None:
                ec2.create_route(**route, NetworkInterfaceId=interface)

        self.space.inside(change)

    def has_address(self) -> bool:
        """Whether the address is on the node."""
        return " 10.99.0.50/" in self.space.ip("-o", "-4", "address")


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    """Two nodes, of which the first one is the namespace."""
    if not ABLE:
        pytest.skip(UNABLE)
    with one_interface("ocf") as space, AwsCloud(listener=space.listener("127.0.0.1", _PORT)) as cloud:
        seed = space.inside(lambda: topology.build(cloud, nodes=2))
        yield Aws(cloud, seed, space, seed.tables[0])


@pytest.fixture
def routed(aws: Aws, make: Make) -> Iterator[Resource]:
    """A resource on the first node whose VIP is a route."""
    config = f"""
[vip.primary]
address           = "10.99.0.50"
provider          = "aws-route-table"
interface         = "eth0"
route_tables      = ["{aws.table}"]
node              = "{aws.topology.nodes[0].interface_id}"
source_dest_check = "leave"
"""
    yield make(config, {"ip": "10.99.0.50"}, aws.environment, ("ip", "netns", "exec", aws.space.name))
    aws.cloud.faults.clear()
    aws.lead_to(None)
    if aws.has_address():
        aws.space.ip("address", "del", "10.99.0.50/32", "dev", "eth0")
