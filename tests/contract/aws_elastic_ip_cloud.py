"""`aws-elastic-ip` as a contract cloud: two Elastic IPs, two secondary private addresses on every node."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from ipaddress import IPv4Address
from pathlib import Path

from tests.contract.aws_cloud import AwsContractCloud
from vipswitch.model import NodeId, Place, Vip
from vipswitch.provider import Provider
from vipswitch.providers.aws.elastic_ip.provider import AwsElasticIp
from vipswitch.providers.aws.elastic_ip.settings import AllocationId, ElasticIpSettings
from vipswitch.testing.aws import REGION, Topology
from vipswitch.testing.bed import VIP
from vipswitch.testing.cloud import Named
from vipswitch.testing.fabric.aws_elastic import AwsElastic

_HOSTS = (60, 61)


class ElasticIpCloud(AwsContractCloud):
    """Both Elastic IPs map to node c."""

    claim = "AssociateAddress"
    also = ("DisassociateAddress",)

    def __init__(
        self, folder: Path, make: Callable[..., Provider] = AwsElasticIp, *, latency_s: float = 0.0
    ) -> None:
        self._make = make
        super().__init__(folder, latency_s=latency_s)

    def seed(self, topology: Topology) -> None:
        """The addresses, and associations with node c."""
        ec2 = self.aws.ec2()
        self.private = tuple(
            IPv4Address(node.subnet.cidr[host]) for node in topology.nodes for host in _HOSTS
        )
        for node in topology.nodes:
            ec2.assign_private_ip_addresses(
                NetworkInterfaceId=node.interface_id,
                PrivateIpAddresses=[str(node.subnet.cidr[host]) for host in _HOSTS],
            )
        made = [ec2.allocate_address(Domain="vpc") for _ in _HOSTS]
        made.sort(key=lambda each: each["AllocationId"])
        self.allocations = tuple(AllocationId(each["AllocationId"]) for each in made)
        self.public = tuple(IPv4Address(each["PublicIp"]) for each in made)
        for allocation, private in zip(self.allocations, self.private[-2:], strict=True):
            ec2.associate_address(
                AllocationId=allocation,
                NetworkInterfaceId=self.interfaces["c"],
                PrivateIpAddress=str(private),
            )

    def provider(self, node: str, allocations: tuple[AllocationId, ...] = ()) -> Provider:
        """The provider as it runs on that node."""
        settings = ElasticIpSettings(
            region=REGION,
            endpoint_url=self.aws.url,
            allocations=allocations or self.allocations,
            private_address=self.private,
        )
        return self._make(settings, Vip(VIP.name, ()), Named(self.interfaces[node], self.folder))

    def truth(self) -> Mapping[Place, NodeId | None]:
        """What the internet gateway does, whatever the API says of it."""
        real = AwsElastic(self.aws).associations()
        held = {id: real.get(public) for id, public in zip(self.allocations, self.public, strict=True)}
        return {Place(id): NodeId(to.interface) if to else None for id, to in held.items()}

    def empty(self, place: Place) -> None:
        """The Elastic IP is mapped to nothing."""
        public = self.public[self.allocations.index(AllocationId(place.id))]
        self.aws.ec2().disassociate_address(PublicIp=str(public))

    def remove(self, place: Place) -> None:
        """The Elastic IP is given back."""
        self.empty(place)
        self.aws.ec2().release_address(AllocationId=place.id)
