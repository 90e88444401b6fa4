"""`aws-secondary-ip` as a contract cloud: three nodes in one subnet, two addresses of it, both node c's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.contract.aws_cloud import AwsContractCloud
from vipswitch.model import Address, NodeId, Place, Vip
from vipswitch.provider import Provider
from vipswitch.providers.aws.secondary_ip.provider import AwsSecondaryIp
from vipswitch.providers.aws.secondary_ip.settings import SecondaryIpSettings
from vipswitch.testing.aws import REGION, Topology
from vipswitch.testing.aws.server import ACCOUNT
from vipswitch.testing.cloud import Named

_FIRST = 50
"""The VIP's first address is the one of that number in the subnet."""


class SecondaryIpCloud(AwsContractCloud):
    """Two IPv4 addresses."""

    claim = "AssignPrivateIpAddresses"
    also = ("UnassignPrivateIpAddresses",)

    def __init__(
        self, folder: Path, make: Callable[..., Provider] = AwsSecondaryIp, *, latency_s: float = 0.0
    ) -> None:
        self._make = make
        super().__init__(folder, together=True, latency_s=latency_s)

    def seed(self, topology: Topology) -> None:
        """Node c has both addresses."""
        self.subnet = topology.nodes[0].subnet
        self.vip = Vip("primary", tuple(self.addresses()))
        for address in self.vip.addresses:
            self.assign(address, self.interfaces["c"])

    def addresses(self) -> list[Address]:
        """Two of the subnet."""
        return [self.subnet.cidr[_FIRST], self.subnet.cidr[_FIRST + 1]]

    def assign(self, address: Address, interface: NodeId) -> None:
        """Let an interface have a free address."""
        ec2 = self.aws.ec2()
        if address.version == 6:
            ec2.assign_ipv6_addresses(NetworkInterfaceId=interface, Ipv6Addresses=[str(address)])
        else:
            ec2.assign_private_ip_addresses(NetworkInterfaceId=interface, PrivateIpAddresses=[str(address)])

    def provider(self, node: str) -> Provider:
        """The provider as it runs on that node."""
        settings = SecondaryIpSettings(region=REGION, endpoint_url=self.aws.url, subnet=self.subnet.subnet_id)
        return self._make(settings, self.vip, Named(self.interfaces[node], self.folder))

    def truth(self) -> Mapping[Place, NodeId | None]:
        """Who has the addresses, whatever the API says of them."""
        from moto.ec2.models import ec2_backends

        with self.aws.at_rest():
            enis = dict(ec2_backends[ACCOUNT][REGION].enis)
            held = {address: NodeId(id) for id, eni in enis.items() for address in _of(eni)}
        return {Place("private-ip", each): held.get(str(each)) for each in self.vip.addresses}

    def empty(self, place: Place) -> None:
        """Nobody has the address any more."""
        ec2, holder = self.aws.ec2(), self.truth()[place]
        if holder is None or place.address is None:
            return
        if place.address.version == 6:
            ec2.unassign_ipv6_addresses(NetworkInterfaceId=holder, Ipv6Addresses=[str(place.address)])
        else:
            ec2.unassign_private_ip_addresses(
                NetworkInterfaceId=holder, PrivateIpAddresses=[str(place.address)]
            )

    def remove(self, place: Place) -> None:
        """The address becomes another interface's primary one, which never moves."""
        self.empty(place)
        self.aws.ec2().create_network_interface(
            SubnetId=self.subnet.subnet_id, PrivateIpAddress=str(place.address)
        )


class DualStackCloud(SecondaryIpCloud):
    """An IPv6 address, which the faults are about because it takes two writes, and an IPv4 address."""

    claim = "AssignIpv6Addresses"
    also = ("UnassignIpv6Addresses", "AssignPrivateIpAddresses", "UnassignPrivateIpAddresses")

    def addresses(self) -> list[Address]:
        """One of each family."""
        return [self.subnet.ipv6_cidr[_FIRST], self.subnet.cidr[_FIRST]]


def _of(eni: Any) -> list[str]:
    return [entry["PrivateIpAddress"] for entry in eni.private_ip_addresses] + list(eni.ipv6_addresses)
