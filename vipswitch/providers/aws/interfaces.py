"""EC2 network interfaces: a node's own, and whether it drops packets that are not addressed to it.

Source: EC2 API Reference, DescribeNetworkInterfaces, ModifyNetworkInterfaceAttribute; VPC User Guide,
"NAT instances", "Disable source/destination checks".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vipswitch.deadline import Deadline
from vipswitch.errors import ConfigError
from vipswitch.model import NodeId
from vipswitch.providers.asked import Asked
from vipswitch.providers.aws.api.client import Clients
from vipswitch.providers.aws.api.meanings import Permitted
from vipswitch.providers.tags import Tag

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import FilterTypeDef


@dataclass(frozen=True, slots=True)
class Interface:
    """A network interface: where it is, whether its source/destination check is on, its IPv4 addresses.

    The first of `private` is its primary address.
    """

    id: NodeId
    vpc: str
    subnet: str
    checked: bool
    private: tuple[str, ...] = ()


class Interfaces:
    """This node's network interfaces, with this node's own credentials. Raises our errors only."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def describe(self, id: NodeId, deadline: Deadline) -> Interface:
        """One interface; ConfigError if there is none with this id."""
        asked = Asked("ec2:DescribeNetworkInterfaces", f"network interface {id}", deadline)
        with self._clients.ec2(asked, own=True) as ec2:
            found = ec2.describe_network_interfaces(NetworkInterfaceIds=[id])["NetworkInterfaces"]
        if not found:
            raise ConfigError(f"network interface {id}: not found", hint="see to the region and the account")
        raw = found[0]
        private = sorted(raw["PrivateIpAddresses"], key=lambda each: not each["Primary"])
        addresses = tuple(each["PrivateIpAddress"] for each in private)
        return Interface(id, raw["VpcId"], raw["SubnetId"], raw["SourceDestCheck"], addresses)

    def tagged(self, tag: Tag, instance: str, deadline: Deadline) -> list[NodeId]:
        """The network interfaces of an instance that have a tag."""
        asked = Asked("ec2:DescribeNetworkInterfaces", f"network interface {tag}", deadline)
        filters: list[FilterTypeDef] = [
            {"Name": f"tag:{tag.key}", "Values": [tag.value]},
            {"Name": "attachment.instance-id", "Values": [instance]},
        ]
        with self._clients.ec2(asked, own=True) as ec2:
            found = ec2.describe_network_interfaces(Filters=filters)["NetworkInterfaces"]
        return [NodeId(raw["NetworkInterfaceId"]) for raw in found]

    def stop_checking(self, id: NodeId, deadline: Deadline, *, dry_run: bool = False) -> None:
        """Switch the source/destination check off."""
        action = "ec2:ModifyNetworkInterfaceAttribute"
        arn = f"network-interface/{id}"
        asked = Asked(action, f"network interface {id}", deadline, arn, writes=not dry_run)
        try:
            with self._clients.ec2(asked, own=True) as ec2:
                ec2.modify_network_interface_attribute(
                    NetworkInterfaceId=id, SourceDestCheck={"Value": False}, DryRun=dry_run
                )
        except Permitted:
            return
