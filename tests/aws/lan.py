"""One subnet with two nodes, and the calls that move addresses in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from vipswitch.testing.aws import AwsCloud, NodeSeed, Topology

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ec2.type_defs import AddressTypeDef, NetworkInterfaceTypeDef

VIP = "10.0.1.50"
NOBODY = "eni-00000000000000000"


@dataclass(frozen=True, slots=True)
class Lan:
    """A VPC of the test's own, with its nodes together in one subnet."""

    cloud: AwsCloud
    ec2: EC2Client
    topology: Topology

    @property
    def nodes(self) -> tuple[NodeSeed, NodeSeed]:
        first, second = self.topology.nodes
        return first, second

    def assign(self, node: NodeSeed, *addresses: str, move: bool | None = None) -> list[str]:
        """The addresses that the answer says were assigned."""
        flag: dict[str, Any] = {} if move is None else {"AllowReassignment": move}
        answer = self.ec2.assign_private_ip_addresses(
            NetworkInterfaceId=node.interface_id, PrivateIpAddresses=addresses, **flag
        )
        return [assigned["PrivateIpAddress"] for assigned in answer["AssignedPrivateIpAddresses"]]

    def unassign(self, node: NodeSeed, *addresses: str) -> None:
        self.ec2.unassign_private_ip_addresses(
            NetworkInterfaceId=node.interface_id, PrivateIpAddresses=addresses
        )

    def shown(self, node: NodeSeed) -> NetworkInterfaceTypeDef:
        """The node's interface, as it is described."""
        found = self.ec2.describe_network_interfaces(NetworkInterfaceIds=[node.interface_id])
        return found["NetworkInterfaces"][0]

    def secondaries(self, node: NodeSeed) -> list[str]:
        shown = self.shown(node)["PrivateIpAddresses"]
        return [one["PrivateIpAddress"] for one in shown if not one["Primary"]]

    def where(self, **filters: str | list[str]) -> list[str]:
        """The interfaces of this VPC that the filters find, `_` for `-` and `__` for `.` in their names."""
        asked: list[Any] = [{"Name": "vpc-id", "Values": [self.topology.vpc_id]}]
        for name, values in filters.items():
            given = [values] if isinstance(values, str) else values
            asked.append({"Name": name.replace("__", ".").replace("_", "-"), "Values": given})
        found = self.ec2.describe_network_interfaces(Filters=asked)["NetworkInterfaces"]
        return [one["NetworkInterfaceId"] for one in found]

    def allocate(self) -> str:
        """The allocation id of a new Elastic IP."""
        return self.ec2.allocate_address(Domain="vpc")["AllocationId"]

    def associate(self, allocation: str, node: NodeSeed, address: str | None = None, **flags: Any) -> str:
        """The association id that is answered."""
        at: dict[str, Any] = {} if address is None else {"PrivateIpAddress": address}
        return self.ec2.associate_address(
            AllocationId=allocation, NetworkInterfaceId=node.interface_id, **at, **flags
        )["AssociationId"]

    def elastic(self, allocation: str) -> AddressTypeDef:
        """The Elastic IP, as it is described."""
        return self.ec2.describe_addresses(AllocationIds=[allocation])["Addresses"][0]

    def associations(self, node: NodeSeed) -> dict[str, str]:
        """The allocation ids by the private addresses of the node's interface that have one."""
        shown = self.shown(node)["PrivateIpAddresses"]
        return {
            one["PrivateIpAddress"]: one["Association"]["AllocationId"]
            for one in shown
            if "Association" in one
        }


def refusal(call: Callable[[], object]) -> tuple[str, str]:
    """The error code and text with which a call is refused."""
    with pytest.raises(ClientError) as caught:
        call()
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]
