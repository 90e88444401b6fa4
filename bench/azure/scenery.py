"""The local Azure, each contender with its own route table.

An operation is over at the first look at it: what is left are the contenders' own time and the round trips.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bench import node
from bench.azure.methods import IP_CONFIGURATION
from bench.azure.places import TABLES, IpConfiguration, Routes
from bench.ground import Ground
from bench.scenery import CONTENDERS, Places
from vipswitch.testing.azure import AzureCloud, Topology, build

NODES = 3
"""As many as the examples have."""


class AzureScenery:
    """A `Scenery`."""

    def __init__(self, cloud: AzureCloud, topology: Topology) -> None:
        self.cloud = cloud
        self.mac = topology.nodes[0].mac
        self._topology = topology
        self._tables = [[f"rt-bench{number}"] for number in range(CONTENDERS)]
        for (table,) in self._tables:
            cloud.put(cloud.id(TABLES, table), {"location": cloud.location, "properties": {}})

    def ground(self, contender: int, api: str) -> Ground:
        here, there = self._topology.nodes[:2]
        names = {
            "subscription": self.cloud.subscription,
            "group": self.cloud.group,
            "here": here.nic,
            "there": there.nic,
            "address": str(here.private_ip),
            "nics": " ".join(each.nic for each in self._topology.nodes),
        }
        environment = {
            "AZURE_POD_IDENTITY_AUTHORITY_HOST": here.metadata_url,
            "REQUESTS_CA_BUNDLE": str(self.cloud.ca_file),
        }
        return Ground(api, self._tables[contender], names, environment)

    def places(self, method: str, contender: int) -> Places:
        if method == IP_CONFIGURATION:
            return IpConfiguration(self.cloud, self._topology)
        return Routes(self.cloud, self._topology, self._tables[contender])


@contextmanager
def built() -> Iterator[AzureScenery]:
    """The cloud, served."""
    addresses = [node.api_address(number) for number in range(CONTENDERS)]
    with AzureCloud(operation_gets=0, hosts=addresses) as cloud:
        yield AzureScenery(cloud, build(cloud, nodes=NODES, together=True))
