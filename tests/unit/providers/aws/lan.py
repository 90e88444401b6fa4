"""What the tests of `aws-secondary-ip` share: three nodes in one subnet, and addresses of it for a VIP."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from tests.unit.providers.aws.rig import StubMachine, soon
from vipswitch.deadline import SystemClock
from vipswitch.model import Address, Holding, NodeId, Place, Vip
from vipswitch.providers.aws.secondary_ip.provider import AwsSecondaryIp, SecondaryIpSettings
from vipswitch.testing.aws import AwsCloud, NodeSeed, Topology
from vipswitch.testing.bed import Bed

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client


@dataclass(frozen=True, slots=True)
class Lan:
    """A subnet in which nobody has an address but its own at the beginning of a test."""

    cloud: AwsCloud
    ec2: EC2Client
    topology: Topology
    folder: Path

    @property
    def nodes(self) -> tuple[NodeSeed, ...]:
        return self.topology.nodes

    @property
    def subnet(self) -> str:
        return self.nodes[0].subnet_id

    def ipv4(self, number: int = 50) -> Address:
        return self.nodes[0].subnet.cidr[number]

    def ipv6(self, number: int = 50) -> Address:
        return self.nodes[0].subnet.ipv6_cidr[number]

    def id(self, number: int) -> NodeId:
        """A node's network interface, counted from 0."""
        return NodeId(self.nodes[number].interface_id)

    def provider(
        self, number: int = 0, *, vip: tuple[Address, ...] = (), given: bool = True, **settings: str | None
    ) -> AwsSecondaryIp:
        """The provider as it runs on that node, its interface `given` by the config or not."""
        machine = StubMachine(self.nodes[number].mac, self.folder, self.id(number) if given else None)
        wanted = SecondaryIpSettings(**settings)  # type: ignore[arg-type]
        return AwsSecondaryIp(wanted, Vip("primary", vip or (self.ipv4(),)), machine)

    def bed(self, *vip: Address, given: bool = True) -> Bed:
        """The nodes a, b and c with hosts in memory and the real switch; host a has no address of the VIP."""
        return Bed(_Nodes(self, Vip("primary", vip), given), self.folder)  # type: ignore[arg-type]

    def give(self, address: Address, number: int) -> None:
        """Let a node have an address, whoever had it."""
        self.take(address)
        if address.version == 6:
            self.ec2.assign_ipv6_addresses(NetworkInterfaceId=self.id(number), Ipv6Addresses=[str(address)])
        else:
            self.ec2.assign_private_ip_addresses(
                NetworkInterfaceId=self.id(number), PrivateIpAddresses=[str(address)]
            )

    def take(self, address: Address) -> None:
        """Let nobody have an address."""
        holder = self.holder(address)
        if holder and address.version == 6:
            self.ec2.unassign_ipv6_addresses(NetworkInterfaceId=holder, Ipv6Addresses=[str(address)])
        elif holder:
            self.ec2.unassign_private_ip_addresses(
                NetworkInterfaceId=holder, PrivateIpAddresses=[str(address)]
            )

    def holder(self, address: Address) -> str | None:
        """Who the cloud itself says has an address, as primary one or not."""
        holders = [raw["NetworkInterfaceId"] for raw in self._interfaces() if str(address) in _of(raw)]
        assert len(holders) <= 1, holders
        return holders[0] if holders else None

    def asked(self) -> list[str]:
        """The actions asked of the cloud so far, in order."""
        return [call.action for call in self.cloud.journal.calls()]

    def restore(self) -> None:
        """Every node has its own addresses only, and the subnet no other interfaces."""
        own = {str(address) for node in self.nodes for address in (node.private_ip, node.ipv6)}
        for raw in self._interfaces():
            if raw["NetworkInterfaceId"] in {self.id(number) for number in range(len(self.nodes))}:
                for address in _of(raw) - own:
                    self.take(ip_address(address))
            else:
                self.ec2.delete_network_interface(NetworkInterfaceId=raw["NetworkInterfaceId"])

    def _interfaces(self):  # type: ignore[no-untyped-def]
        filters = [{"Name": "subnet-id", "Values": [self.subnet]}]
        return self.ec2.describe_network_interfaces(Filters=filters)["NetworkInterfaces"]  # type: ignore[arg-type]


class _Nodes:
    """As much of a contract cloud as a `Bed` asks for."""

    def __init__(self, lan: Lan, vip: Vip, given: bool) -> None:
        self.vip = vip
        self.clock = SystemClock()
        self._lan = lan
        self._given = given

    def provider(self, node: str) -> AwsSecondaryIp:
        return self._lan.provider("abc".index(node), vip=self.vip.addresses, given=self._given)

    def node_id(self, node: str) -> NodeId:
        return self._lan.id("abc".index(node))

    def truth(self) -> dict[Place, str | None]:
        return {place(address): self._lan.holder(address) for address in self.vip.addresses}


def place(address: Address) -> Place:
    """The place of an address."""
    return Place("private-ip", address)


def seen(provider: AwsSecondaryIp, address: Address) -> Holding:
    """What the provider reads of an address."""
    answer = provider.read([place(address)], soon())[place(address)]
    assert isinstance(answer, Holding), answer
    return answer


def _of(raw):  # type: ignore[no-untyped-def]
    ipv4 = {entry["PrivateIpAddress"] for entry in raw["PrivateIpAddresses"]}
    return ipv4 | {entry["Ipv6Address"] for entry in raw.get("Ipv6Addresses", [])}
