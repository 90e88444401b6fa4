"""`python -m bench.cloud_process`: the local AWS in a process of its own, so that its work is nobody else's.

One JSON object per line: what is asked on stdin, `{"do": NAME, ...arguments}`, and its answer on stdout; it
ends with its stdin. Each contender has its own route tables and its own address of the API, by which the
journal tells whose a call is; only calls that come through these are slowed down.
"""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Mapping
from typing import Any

from bench import node
from bench.places import DOMAIN, TABLES_EACH, Places, Record, Routes, SecondaryIp
from vipswitch.testing.aws import REGION, AwsCloud, Call, MetadataServer, Topology, build, live, zones

CONTENDERS = 4


class Stage:
    """What the bench may ask of the cloud; every method's name is a word of the protocol."""

    def __init__(self, aws: AwsCloud, topology: Topology) -> None:
        self._aws = aws
        self._topology = topology
        self._apis = [_served_at(aws, node.api_address(number)) for number in range(CONTENDERS)]
        self._tables = _tables(aws, topology)
        self._zone = zones.hosted_zone(aws, DOMAIN, private_vpc=topology.vpc_id)
        zones.propagate_after(aws, 0.0)
        self.metadata = ""

    def about(self) -> dict[str, object]:
        """Where the cloud is, and what is in it."""
        here = self._topology.nodes[0]
        return {
            "apis": self._apis,
            "metadata": self.metadata,
            "region": REGION,
            "mac": here.mac,
            "interface": here.interface_id,
            "tables": self._tables,
            "zone": self._zone,
        }

    def slow(self, latency_s: float) -> None:
        """Add this much to every contender's requests from now on, before their work."""
        self._aws.faults.clear()
        for number in range(CONTENDERS if latency_s else 0):
            self._aws.faults.delay(latency_s, source=node.api_address(number))

    def give_away(self, method: str, contender: int, vip: str, count: int) -> None:
        """Make the other node the holder, and begin the journal anew."""
        self._places(method, contender).give_away(vip, count)
        self._aws.journal.clear()

    def are_ours(self, method: str, contender: int, vip: str, count: int) -> bool:
        """Whether all places point at this node."""
        return self._places(method, contender).are_ours(vip, count)

    def calls(self, contender: int) -> list[list[object]]:
        """Its calls: action, writes, received, committed, answered, by the machine's monotonic clock."""
        source = node.api_address(contender)
        return [_told(call) for call in self._aws.journal.calls() if call.source == source]

    def _places(self, method: str, contender: int) -> Places:
        if method == "aws-secondary-ip":
            return SecondaryIp(self._aws, self._topology)
        if method == "aws-route53":
            return Record(self._aws, self._topology, self._zone)
        return Routes(self._aws, self._topology, self._tables[contender])


def main() -> None:
    """Serve until stdin ends."""
    with AwsCloud() as aws:
        topology = build(aws, together=True)
        stage = Stage(aws, topology)
        with MetadataServer(live(aws, topology, topology.nodes[0])) as metadata:
            stage.metadata = metadata.url
            for line in sys.stdin:
                sys.stdout.write(json.dumps(_answer(stage, json.loads(line))) + "\n")
                sys.stdout.flush()


def _answer(stage: Stage, asked: Mapping[str, Any]) -> object:
    words = dict(asked)
    return getattr(stage, words.pop("do"))(**words)


def _served_at(aws: AwsCloud, address: str) -> str:
    """The URL of the API at one more address of this node; who connects to it comes from it."""
    return aws.serve_also(socket.create_server((address, 0)))


def _tables(aws: AwsCloud, topology: Topology) -> list[list[str]]:
    """The route tables of each contender."""
    ec2 = aws.ec2()

    def table() -> str:
        return ec2.create_route_table(VpcId=topology.vpc_id)["RouteTable"]["RouteTableId"]

    return [[table() for _ in range(TABLES_EACH)] for _ in range(CONTENDERS)]


def _told(call: Call) -> list[object]:
    return [call.action, call.mutating, call.received, call.committed, call.answered]


if __name__ == "__main__":
    main()
