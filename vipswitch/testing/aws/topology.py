"""A small VPC to fail over in, made through the API like any other.

Rules: 10.0.0.0/16 and an IPv6 block; node k in subnet 10.0.k.0/24, alone, at .10, zones taken in turn; or all
nodes together in subnet 10.0.1.0/24, at .11, .12 and so on, and under the same numbers in LANs 10.0.2.0/24
and so on; client subnet k is 10.0.(100+k).0/24 with a route table of its own; the nodes share one, with a
default route to the VPC's internet gateway. The source/destination check is on, as EC2 leaves it. Ids are
the same each time, because a cloud begins with the same seed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from itertools import islice
from typing import TYPE_CHECKING

from .instance import Instance, Interface
from .server import REGION, AwsCloud

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ec2.literals import InstanceTypeType
    from mypy_boto3_ec2.type_defs import InstanceNetworkInterfaceSpecificationTypeDef

VPC_CIDR = IPv4Network("10.0.0.0/16")
_ZONES = "abc"
_FIRST_CLIENT_SUBNET = 100
_HOST = 10
_TYPE: InstanceTypeType = "t3.medium"


@dataclass(frozen=True, slots=True)
class SubnetSeed:
    """A subnet and the route table associated with it."""

    subnet_id: str
    cidr: IPv4Network
    ipv6_cidr: IPv6Network
    availability_zone: str
    table_id: str


@dataclass(frozen=True, slots=True)
class InterfaceSeed:
    """A network interface of an instance beside the primary one."""

    interface_id: str
    subnet: SubnetSeed
    private_ip: IPv4Address
    mac: str


@dataclass(frozen=True, slots=True)
class NodeSeed:
    """An instance with its primary network interface, and further ones in `lans`."""

    name: str
    instance_id: str
    interface_id: str
    subnet: SubnetSeed
    private_ip: IPv4Address
    ipv6: IPv6Address
    mac: str
    lans: tuple[InterfaceSeed, ...] = ()

    @property
    def subnet_id(self) -> str:
        return self.subnet.subnet_id


@dataclass(frozen=True, slots=True)
class Topology:
    """What `build` made."""

    region: str
    account: str
    vpc_id: str
    vpc_cidr: IPv4Network
    vpc_ipv6_cidr: IPv6Network
    nodes: tuple[NodeSeed, ...]
    clients: tuple[SubnetSeed, ...]
    node_table_id: str

    @property
    def tables(self) -> tuple[str, ...]:
        """Every route table: the clients', then the nodes'."""
        return (*(client.table_id for client in self.clients), self.node_table_id)

    def instance(self, node: NodeSeed) -> Instance:
        """What a node's metadata service tells."""
        interface = Interface(
            mac=node.mac,
            interface_id=node.interface_id,
            subnet_id=node.subnet_id,
            vpc_id=self.vpc_id,
            subnet_cidr=node.subnet.cidr,
            vpc_cidrs=(self.vpc_cidr,),
            local_ipv4s=(node.private_ip,),
            ipv6s=(node.ipv6,),
            subnet_ipv6_cidrs=(node.subnet.ipv6_cidr,),
            vpc_ipv6_cidrs=(self.vpc_ipv6_cidr,),
        )
        zone = node.subnet.availability_zone
        further = (self._further(number, lan) for number, lan in enumerate(node.lans, start=1))
        return Instance(node.instance_id, self.region, zone, self.account, (interface, *further))

    def _further(self, number: int, lan: InterfaceSeed) -> Interface:
        return Interface(
            mac=lan.mac,
            interface_id=lan.interface_id,
            subnet_id=lan.subnet.subnet_id,
            vpc_id=self.vpc_id,
            subnet_cidr=lan.subnet.cidr,
            vpc_cidrs=(self.vpc_cidr,),
            local_ipv4s=(lan.private_ip,),
            device_number=number,
        )


def build(
    cloud: AwsCloud,
    *,
    nodes: int = 2,
    clients: int = 1,
    together: bool = False,
    lans: int = 0,
    region: str = REGION,
) -> Topology:
    """Makes a VPC with `nodes` instances, called node1 and so on, and `clients` client subnets.

    Nodes that are `together` may have an interface more in each of so many `lans`.
    """
    vpc = _new_vpc(cloud.ec2(region=region), region)
    node_table = vpc.table()
    topology = Topology(
        region=region,
        account=cloud.account,
        vpc_id=vpc.vpc_id,
        vpc_cidr=VPC_CIDR,
        vpc_ipv6_cidr=vpc.ipv6_cidr,
        nodes=tuple(vpc.together(nodes, node_table, lans) if together else vpc.apart(nodes, node_table)),
        clients=tuple(vpc.subnet(_FIRST_CLIENT_SUBNET + k, vpc.table()) for k in range(clients)),
        node_table_id=node_table,
    )
    vpc.open(node_table)
    return topology


@dataclass(frozen=True, slots=True)
class _Vpc:
    ec2: EC2Client
    region: str
    vpc_id: str
    ipv6_cidr: IPv6Network

    def table(self) -> str:
        return self.ec2.create_route_table(VpcId=self.vpc_id)["RouteTable"]["RouteTableId"]

    def subnet(self, number: int, table_id: str) -> SubnetSeed:
        """The numbered /24 of the VPC and the /64 beside it."""
        cidr = next(islice(VPC_CIDR.subnets(new_prefix=24), number, None))
        ipv6_cidr = next(islice(self.ipv6_cidr.subnets(new_prefix=64), number, None))
        zone = self.region + _ZONES[number % len(_ZONES)]
        subnet = self.ec2.create_subnet(
            VpcId=self.vpc_id, CidrBlock=str(cidr), Ipv6CidrBlock=str(ipv6_cidr), AvailabilityZone=zone
        )["Subnet"]
        self.ec2.associate_route_table(RouteTableId=table_id, SubnetId=subnet["SubnetId"])
        return SubnetSeed(subnet["SubnetId"], cidr, ipv6_cidr, zone, table_id)

    def apart(self, count: int, table_id: str) -> Iterator[NodeSeed]:
        for number in range(1, count + 1):
            yield self.node(f"node{number}", self.subnet(number, table_id), _HOST)

    def together(self, count: int, table_id: str, lans: int) -> Iterator[NodeSeed]:
        subnet, *further = [self.subnet(number, table_id) for number in range(1, lans + 2)]
        for number in range(1, count + 1):
            node = self.node(f"node{number}", subnet, _HOST + number)
            yield replace(node, lans=tuple(self._plugged(node, further, _HOST + number)))

    def node(self, name: str, subnet: SubnetSeed, host: int) -> NodeSeed:
        """A running instance; its interface goes when it is terminated, as EC2 has it for a primary one."""
        ipv4, ipv6 = subnet.cidr[host], subnet.ipv6_cidr[host]
        instance = self.ec2.run_instances(
            MinCount=1,
            MaxCount=1,
            InstanceType=_TYPE,
            NetworkInterfaces=[_primary(subnet.subnet_id, ipv4)],
        )["Instances"][0]
        interface = instance["NetworkInterfaces"][0]
        interface_id = interface["NetworkInterfaceId"]
        self.ec2.assign_ipv6_addresses(NetworkInterfaceId=interface_id, Ipv6Addresses=[str(ipv6)])
        return NodeSeed(
            name, instance["InstanceId"], interface_id, subnet, ipv4, ipv6, interface["MacAddress"]
        )

    def _plugged(self, node: NodeSeed, subnets: Sequence[SubnetSeed], host: int) -> Iterator[InterfaceSeed]:
        """An interface more in each of these subnets, attached in their order."""
        for number, subnet in enumerate(subnets, start=1):
            address = subnet.cidr[host]
            interface = self.ec2.create_network_interface(
                SubnetId=subnet.subnet_id, PrivateIpAddress=str(address)
            )["NetworkInterface"]
            self.ec2.attach_network_interface(
                DeviceIndex=number,
                InstanceId=node.instance_id,
                NetworkInterfaceId=interface["NetworkInterfaceId"],
            )
            yield InterfaceSeed(interface["NetworkInterfaceId"], subnet, address, interface["MacAddress"])

    def open(self, table_id: str) -> None:
        """Attaches an internet gateway, without which no Elastic IP can be associated."""
        gateway_id = self.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        self.ec2.attach_internet_gateway(InternetGatewayId=gateway_id, VpcId=self.vpc_id)
        self.ec2.create_route(RouteTableId=table_id, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway_id)


def _new_vpc(ec2: EC2Client, region: str) -> _Vpc:
    vpc = ec2.create_vpc(CidrBlock=str(VPC_CIDR), AmazonProvidedIpv6CidrBlock=True)["Vpc"]
    ipv6_cidr = vpc["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlock"]
    return _Vpc(ec2, region, vpc["VpcId"], IPv6Network(ipv6_cidr))


def _primary(subnet_id: str, address: IPv4Address) -> InstanceNetworkInterfaceSpecificationTypeDef:
    return {
        "DeviceIndex": 0,
        "SubnetId": subnet_id,
        "PrivateIpAddress": str(address),
        "DeleteOnTermination": True,
    }
