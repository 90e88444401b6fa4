"""A node whose calls a policy judges, what it may want to change, and what each change needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import boto3

from vipswitch.testing.aws import ACCOUNT, REGION, AwsCloud, NodeSeed, Topology

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

KEY = "AKIAVIPSWITCHNODE"
VIP = "10.99.0.50/32"
NOTHING = {"Effect": "Allow", "Action": "ec2:DescribeRegions", "Resource": "*"}
IN_REGION = {"aws:RequestedRegion": REGION}
IN_EC2 = IN_REGION | {"ec2:Region": REGION}
IN_ROUTE53 = {"aws:RequestedRegion": "us-east-1"}
NAMES = "route53:ChangeResourceRecordSetsNormalizedRecordNames"
TYPES = "route53:ChangeResourceRecordSetsRecordTypes"
ACTIONS = "route53:ChangeResourceRecordSetsActions"

Keys = Mapping[str, str | list[str]]
NO_KEYS: Keys = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Need:
    """One action on one resource, and the condition keys that it is seen with; a list is multivalued."""

    action: str
    resource: str = "*"
    keys: Keys = field(default_factory=lambda: IN_EC2)

    def statement(self) -> dict[str, object]:
        """Allows this and nothing else."""
        conditions: dict[str, dict[str, object]] = {}
        for key, value in self.keys.items():
            operator = "ForAllValues:StringEquals" if isinstance(value, list) else "StringEquals"
            conditions.setdefault(operator, {})[key] = value
        return {"Effect": "Allow", "Action": self.action, "Resource": self.resource, "Condition": conditions}


@dataclass(frozen=True, slots=True)
class Clients:
    """What one access key calls with."""

    ec2: Any
    sts: Any
    route53: Any


@dataclass(frozen=True, slots=True)
class Site:
    """What the node with the restricted access key has to do with; `admin` is not restricted."""

    cloud: AwsCloud
    admin: EC2Client
    topology: Topology
    clients: Clients
    table: str
    allocation: str
    zone: str
    change: str

    @property
    def node(self) -> NodeSeed:
        return self.topology.nodes[0]

    @property
    def address(self) -> str:
        """A further address for the node, not assigned."""
        return str(self.node.subnet.cidr[50])

    @property
    def ipv6(self) -> str:
        return str(self.node.subnet.ipv6_cidr[50])

    def restrict(self, *needs: Need) -> None:
        """Allows the node this and nothing else."""
        self.cloud.restrict(document(*(need.statement() for need in needs)), access_key=KEY)

    def associate(self) -> str:
        """Associates the allocation with the node, as the administrator; returns the association."""
        node = self.node.interface_id
        made = self.admin.associate_address(AllocationId=self.allocation, NetworkInterfaceId=node)
        return made["AssociationId"]

    def on_table(self, action: str, more: Keys = NO_KEYS) -> Need:
        keys = {"ec2:RouteTableID": self.table, "ec2:Vpc": arn("vpc", self.topology.vpc_id)}
        tags = {"aws:ResourceTag/cluster": "pg", "ec2:ResourceTag/cluster": "pg"}
        return Need(action, arn("route-table", self.table), {**IN_EC2, **keys, **tags, **more})

    def on_interface(self, action: str, more: Keys = NO_KEYS) -> Need:
        keys = {
            "ec2:NetworkInterfaceID": self.node.interface_id,
            "ec2:Subnet": arn("subnet", self.node.subnet_id),
            "ec2:Vpc": arn("vpc", self.topology.vpc_id),
            "ec2:AvailabilityZone": self.node.subnet.availability_zone,
            "aws:ResourceTag/cluster": "pg",
        }
        return Need(action, arn("network-interface", self.node.interface_id), {**IN_EC2, **keys, **more})

    def on_elastic_ip(self, action: str) -> Need:
        keys = {
            "ec2:AllocationId": self.allocation,
            "ec2:PublicIpAddress": self.public_ip,
            "ec2:Domain": "vpc",
            "aws:ResourceTag/cluster": "pg",
        }
        return Need(action, arn("elastic-ip", self.allocation), IN_EC2 | keys)

    def on_instance(self, action: str) -> Need:
        node = self.node
        keys = {"ec2:InstanceID": node.instance_id, "ec2:AvailabilityZone": node.subnet.availability_zone}
        return Need(action, arn("instance", node.instance_id), IN_EC2 | keys)

    def on_zone(self, action: str, more: Keys = NO_KEYS) -> Need:
        return Need(action, f"arn:aws:route53:::hostedzone/{self.zone}", {**IN_ROUTE53, **more})

    @property
    def public_ip(self) -> str:
        return self.admin.describe_addresses(AllocationIds=[self.allocation])["Addresses"][0]["PublicIp"]


def arn(kind: str, id_: str, *, account: str = ACCOUNT) -> str:
    """What a policy calls a resource of EC2."""
    return f"arn:aws:ec2:{REGION}:{account}:{kind}/{id_}"


def document(*statements: Mapping[str, object]) -> dict[str, object]:
    """A policy document; without statements it allows nothing that is asked here."""
    return {"Version": "2012-10-17", "Statement": [NOTHING, *statements]}


def batch(name: str, *actions: str, type_: str = "A", value: str = "10.0.0.1") -> dict[str, object]:
    """A change batch that does all this to one record."""
    record = {"Name": name, "Type": type_, "TTL": 5, "ResourceRecords": [{"Value": value}]}
    return {"Changes": [{"Action": action, "ResourceRecordSet": record} for action in actions]}


@contextmanager
def clients(cloud: AwsCloud, key: str, secret: str = "-", token: str | None = None) -> Iterator[Clients]:
    """Clients with credentials of their own; closed at the end."""
    session = boto3.Session(key, secret, token, region_name=REGION)
    with ExitStack() as stack:

        def client(service: Any, region: str = REGION) -> Any:
            made = session.client(service, region_name=region, endpoint_url=cloud.url)
            return stack.enter_context(closing(made))

        yield Clients(client("ec2"), client("sts"), client("route53", "us-east-1"))
