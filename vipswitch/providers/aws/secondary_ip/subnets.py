"""Which addresses a subnet has for network interfaces, and how many of them an interface may have.

Source: EC2 API Reference, DescribeSubnets, DescribeInstanceTypes; VPC User Guide, "Subnet CIDR blocks"; STS,
GetCallerIdentity.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network

from vipswitch.deadline import Deadline
from vipswitch.model import Address
from vipswitch.providers.asked import Asked
from vipswitch.providers.aws.api.client import Clients

Network = IPv4Network | IPv6Network

_RESERVED = 4
"""So many addresses from the first on are AWS's own, and the last one, of IPv6 as of IPv4."""


@dataclass(frozen=True, slots=True)
class Subnet:
    """A subnet and its address ranges, of either family."""

    id: str
    ranges: tuple[Network, ...]

    def __str__(self) -> str:
        return f"{self.id} ({', '.join(map(str, self.ranges))})"

    def has(self, address: Address) -> bool:
        """Whether the address lies in one of its ranges."""
        return any(address in each for each in self.ranges)

    def reserves(self, address: Address) -> bool:
        """Whether AWS keeps this address of it for itself."""
        return any(address in each and _is_reserved(address, each) for each in self.ranges)


class Subnets:
    """An account's subnets, and what its instance types have room for. Raises our errors only."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def describe(self, id: str, deadline: Deadline) -> Subnet:
        """One subnet; ConfigError if there is none with this id."""
        asked = Asked("ec2:DescribeSubnets", id, deadline)
        with self._clients.ec2(asked) as ec2:
            raw = ec2.describe_subnets(SubnetIds=[id])["Subnets"][0]
        ipv6 = [entry["Ipv6CidrBlock"] for entry in raw.get("Ipv6CidrBlockAssociationSet", [])]
        ipv4 = [raw["CidrBlock"]] if raw.get("CidrBlock") else []
        return Subnet(id, tuple(ip_network(block) for block in (*ipv4, *ipv6)))

    def room(self, instance_type: str, deadline: Deadline) -> Mapping[int, int]:
        """How many addresses of each family an interface of such an instance may have."""
        asked = Asked("ec2:DescribeInstanceTypes", f"instance type {instance_type}", deadline)
        with self._clients.ec2(asked) as ec2:
            found = ec2.describe_instance_types(InstanceTypes=[instance_type])  # type: ignore[list-item]  # newer than the stubs
        network = found["InstanceTypes"][0]["NetworkInfo"]
        return {4: network["Ipv4AddressesPerInterface"], 6: network["Ipv6AddressesPerInterface"]}

    def caller(self, deadline: Deadline) -> str:
        """Who the requests are made as, and where."""
        with self._clients.sts(Asked("sts:GetCallerIdentity", "AWS credentials", deadline)) as sts:
            return f"{sts.get_caller_identity()['Arn']} in {sts.meta.region_name}"


def _is_reserved(address: Address, within: Network) -> bool:
    first = int(within.network_address)
    return int(address) - first < _RESERVED or address == within.broadcast_address
