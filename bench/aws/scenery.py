"""The local AWS, each contender with its own route tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bench.aws.methods import DOMAIN, ROUTE53, SECONDARY_IP
from bench.aws.places import Record, Routes, SecondaryIp
from bench.ground import Ground
from bench.scenery import CONTENDERS, Places
from vipswitch.testing.aws import REGION, AwsCloud, MetadataServer, Topology, build, live, zones

_TABLES_EACH = 50


class AwsScenery:
    """A `Scenery`."""

    def __init__(self, cloud: AwsCloud, topology: Topology, metadata: str) -> None:
        self.cloud = cloud
        self.mac = topology.nodes[0].mac
        self._topology = topology
        self._metadata = metadata
        self._tables = _tables(cloud, topology)
        self._zone = zones.hosted_zone(cloud, DOMAIN, private_vpc=topology.vpc_id)
        zones.propagate_after(cloud, 0.0)

    def ground(self, contender: int, api: str) -> Ground:
        here = self._topology.nodes[0]
        names = {"region": REGION, "interface": here.interface_id, "zone": self._zone}
        environment = {
            "AWS_ENDPOINT_URL": api,
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": self._metadata,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
        }
        return Ground(api, self._tables[contender], names, environment)

    def places(self, method: str, contender: int) -> Places:
        if method == SECONDARY_IP:
            return SecondaryIp(self.cloud, self._topology)
        if method == ROUTE53:
            return Record(self.cloud, self._topology, self._zone)
        return Routes(self.cloud, self._topology, self._tables[contender])


@contextmanager
def built() -> Iterator[AwsScenery]:
    """The cloud, served."""
    with AwsCloud() as cloud:
        topology = build(cloud, together=True)
        with MetadataServer(live(cloud, topology, topology.nodes[0])) as metadata:
            yield AwsScenery(cloud, topology, metadata.url)


def _tables(cloud: AwsCloud, topology: Topology) -> list[list[str]]:
    """The route tables of each contender: they never meet."""
    ec2 = cloud.ec2()

    def table() -> str:
        return ec2.create_route_table(VpcId=topology.vpc_id)["RouteTable"]["RouteTableId"]

    return [[table() for _ in range(_TABLES_EACH)] for _ in range(CONTENDERS)]
