"""Where AWS keeps a VIP, for each method.

Rules: routes, of which there are many, are changed in moto's own state, the others through an address of the
API that no contender has.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from vipswitch.testing.aws import AwsCloud, NodeSeed, Topology, zones

if TYPE_CHECKING:
    from mypy_boto3_route53.type_defs import ResourceRecordSetTypeDef


class Routes:
    """A route in each of several tables."""

    def __init__(self, aws: AwsCloud, topology: Topology, tables: Sequence[str]) -> None:
        from moto.ec2.models import ec2_backends

        self._aws = aws
        self._ec2 = ec2_backends[topology.account][topology.region]
        self._here, self._there = topology.nodes[:2]
        self._tables = tables

    def give_away(self, vip: str, count: int) -> None:
        with self._aws.at_rest():
            for table in self._tables[:count]:
                change = self._ec2.replace_route if self._target(table, vip) else self._ec2.create_route
                change(table, f"{vip}/32", interface_id=self._there.interface_id)

    def are_ours(self, vip: str, count: int) -> bool:
        with self._aws.at_rest():
            return {self._target(table, vip) for table in self._tables[:count]} == {self._here.interface_id}

    def _target(self, table: str, vip: str) -> str | None:
        routes = self._ec2.route_tables[table].routes
        found = [route for route in routes if route.destination_cidr_block == f"{vip}/32"]
        return str(found[0].network_interface_id) if found else None


class SecondaryIp:
    """A secondary private address."""

    def __init__(self, aws: AwsCloud, topology: Topology) -> None:
        self._ec2 = aws.ec2()
        self._here, self._there = topology.nodes[:2]

    def give_away(self, vip: str, count: int) -> None:
        self._ec2.assign_private_ip_addresses(
            NetworkInterfaceId=self._there.interface_id, PrivateIpAddresses=[vip], AllowReassignment=True
        )

    def are_ours(self, vip: str, count: int) -> bool:
        found = self._ec2.describe_network_interfaces(NetworkInterfaceIds=[self._here.interface_id])
        addresses = found["NetworkInterfaces"][0]["PrivateIpAddresses"]
        return vip in {entry["PrivateIpAddress"] for entry in addresses}


class Record:
    """A record of a private zone; each node publishes its own address. `vip` is the name."""

    def __init__(self, aws: AwsCloud, topology: Topology, zone: str) -> None:
        self._aws = aws
        self._here, self._there = topology.nodes[:2]
        self._zone = zone

    def give_away(self, vip: str, count: int) -> None:
        self._aws.route53().change_resource_record_sets(
            HostedZoneId=self._zone,
            ChangeBatch={"Changes": [{"Action": "UPSERT", "ResourceRecordSet": _record(vip, self._there)}]},
        )

    def are_ours(self, vip: str, count: int) -> bool:
        found = zones.records(self._aws, self._zone)[f"{vip}.", "A"]
        return found.values == (str(self._here.private_ip),)


def _record(name: str, node: NodeSeed) -> ResourceRecordSetTypeDef:
    return {"Name": name, "Type": "A", "TTL": 5, "ResourceRecords": [{"Value": str(node.private_ip)}]}
