"""A node on a local AWS, in a network namespace of its own, on which the examples are run as they stand."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.examples.fragments import as_installed
from vipswitch.testing.aws import REGION, AwsCloud, MetadataServer, Topology, build
from vipswitch.testing.aws.live import live
from vipswitch.testing.fabric.namespaces import Namespace

VIP = "10.99.0.50"
_TABLES = ("rtb-0a1b2c3d4e5f60718", "rtb-08172635445362718")


@dataclass(frozen=True)
class Node:
    """The first node of a VPC with two route tables."""

    space: Namespace
    cloud: AwsCloud
    topology: Topology
    environment: dict[str, str]

    def here(self, text: str) -> str:
        """An example's text with this cloud's route tables and region, and our installation's programs."""
        for example, real in zip(_TABLES, self.topology.tables, strict=True):
            text = text.replace(example, real)
        return as_installed(text.replace("eu-central-1", REGION))

    def run(self, words: list[str]) -> subprocess.CompletedProcess[str]:
        """Run a command on the node."""
        return subprocess.run(
            ["ip", "netns", "exec", self.space.name, *words],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    def has_address(self) -> bool:
        """Whether the node's interface has the VIP's address."""
        return f" {VIP}/32 " in self.space.ip("address", "show", "dev", "ens5")

    def holders(self) -> list[str | None]:
        """The network interface that each table's route leads to."""
        tables = self.cloud.ec2().describe_route_tables(RouteTableIds=list(self.topology.tables))[
            "RouteTables"
        ]
        routes = [route for table in tables for route in table["Routes"]]
        return [r.get("NetworkInterfaceId") for r in routes if r.get("DestinationCidrBlock") == f"{VIP}/32"]


@contextmanager
def node(folder: Path, *, together: bool = False) -> Iterator[Node]:
    """The node with its cloud; all of it is gone at the end. `folder` gets its config and its orders.

    It shares its subnet with another one if they are `together`.
    """
    space = Namespace.create("example")
    try:
        space.ip("link", "add", "ens5", "type", "veth", "peer", "name", "wire")
        with AwsCloud() as cloud:
            yield from _started(space, cloud, folder, together=together)
    finally:
        space.delete()


def _started(space: Namespace, cloud: AwsCloud, folder: Path, *, together: bool) -> Iterator[Node]:
    topology = build(cloud, together=together)
    first = topology.nodes[0]
    space.ip("link", "set", "ens5", "address", first.mac)
    for link in ("ens5", "wire"):
        space.ip("link", "set", link, "up")
    listener = space.listener("127.0.0.1", 0)
    with MetadataServer(live(cloud, topology, first), listener=listener) as metadata:
        url = cloud.serve_also(space.listener("127.0.0.1", 0))
        yield Node(space, cloud, topology, _environment(url, metadata.url, folder))


def _environment(api: str, metadata: str, folder: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "AWS_ENDPOINT_URL": api,
        "AWS_EC2_METADATA_SERVICE_ENDPOINT": metadata,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "VIPSWITCH_CONFIG": str(folder / "vipswitch.toml"),
        "VIPSWITCH_RUN_DIR": str(folder / "run"),
    }
