"""What the tests of `aws-elastic-ip` share: two Elastic IPs, and secondary addresses to map them to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from tests.unit.providers.aws.rig import Rig, StubMachine, soon
from vipswitch.model import Address, Holding, NodeId, Place, Vip
from vipswitch.providers.aws.elastic_ip.provider import AwsElasticIp
from vipswitch.providers.aws.elastic_ip.settings import AllocationId
from vipswitch.providers.tags import Tag

HOSTS = (60, 61)


@dataclass(frozen=True, slots=True)
class ElasticRig:
    """A cloud whose nodes have two secondary addresses each, and two Elastic IPs that no other test uses."""

    rig: Rig
    allocations: tuple[AllocationId, ...]
    public: tuple[IPv4Address, ...]

    @property
    def folder(self) -> Path:
        return self.rig.folder

    def id(self, number: int) -> NodeId:
        """A node's network interface, counted from 0."""
        return self.rig.id(number)

    def private(self, number: int, host: int = HOSTS[0]) -> IPv4Address:
        """One of a node's private addresses."""
        return IPv4Address(self.rig.nodes[number].subnet.cidr[host])

    @property
    def listed(self) -> tuple[IPv4Address, ...]:
        """As one config file lists them for all nodes."""
        return tuple(self.private(number, host) for number in range(3) for host in HOSTS)

    def provider(
        self,
        number: int = 0,
        *,
        allocations: tuple[str | Tag, ...] | None = None,
        address: tuple[Address, ...] = (),
        private: tuple[IPv4Address, ...] | None = None,
        given: str | None = "",
        **settings: object,
    ) -> AwsElasticIp:
        """As a new process on that node has it; `given` is the node id in its config, None to ask for it."""
        named = self.allocations if allocations is None else allocations
        wanted = AwsElasticIp.Settings(
            allocations=tuple(each if isinstance(each, Tag) else AllocationId(each) for each in named),
            private_address=self.listed if private is None else private,
            **settings,  # type: ignore[arg-type]
        )
        node = None if given is None else NodeId(given or self.id(number))
        machine = StubMachine(self.rig.nodes[number].mac, self.folder, node)
        return AwsElasticIp(wanted, Vip("primary", address), machine)

    def give(self, place: Place, number: int, private: IPv4Address | None = None) -> str:
        """Let a node hold a place, as somebody else would; the association's id."""
        made = self.rig.ec2.associate_address(
            AllocationId=place.id,
            NetworkInterfaceId=self.id(number),
            PrivateIpAddress=str(private or self.private(number)),
        )
        return made["AssociationId"]

    def maps_to(self, place: Place) -> tuple[str | None, str | None]:
        """The interface and the private address, as the cloud itself says."""
        [found] = self.rig.ec2.describe_addresses(AllocationIds=[place.id])["Addresses"]
        return found.get("NetworkInterfaceId"), found.get("PrivateIpAddress")

    def asked(self) -> list[str]:
        """The actions asked of the cloud so far, in order."""
        return self.rig.asked()

    def forget(self) -> None:
        """Empty the journal."""
        self.rig.cloud.journal.clear()


@pytest.fixture
def elastic(rig: Rig) -> Iterator[ElasticRig]:
    """Two new Elastic IPs, given back afterwards."""
    for node in rig.nodes:
        addresses = [str(node.subnet.cidr[host]) for host in HOSTS]
        rig.ec2.assign_private_ip_addresses(
            NetworkInterfaceId=node.interface_id, PrivateIpAddresses=addresses
        )
    made = [rig.ec2.allocate_address(Domain="vpc") for _ in HOSTS]
    allocations = tuple(AllocationId(each["AllocationId"]) for each in made)
    rig.cloud.journal.clear()
    yield ElasticRig(rig, allocations, tuple(IPv4Address(each["PublicIp"]) for each in made))
    rig.cloud.faults.clear()
    for found in rig.ec2.describe_addresses()["Addresses"]:
        if found.get("AssociationId"):
            rig.ec2.disassociate_address(AssociationId=found["AssociationId"])
        rig.ec2.release_address(AllocationId=found["AllocationId"])


def seen(provider: AwsElasticIp, place: Place) -> Holding:
    """What the provider reads of a place."""
    answer = provider.read([place], soon())[place]
    assert isinstance(answer, Holding), answer
    return answer
