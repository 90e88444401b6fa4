"""EC2 network interfaces: a node's own, and whether it drops packets that are not addressed to it.

Source: EC2 API Reference, DescribeNetworkInterfaces, ModifyNetworkInterfaceAttribute; VPC User Guide,
"NAT instances", "Disable source/destination checks".
"""

from __future__ import annotations

from dataclasses import dataclass

from vipswitch.deadline import Deadline
from vipswitch.errors import ConfigError
from vipswitch.model import NodeId
from vipswitch.providers.aws.asked import Asked
from vipswitch.providers.aws.client import Clients
from vipswitch.providers.aws.failures import Permitted


@dataclass(frozen=True, slots=True)
class Interface:
    """A network interface: where it is, and whether its source/destination check is on."""

    id: NodeId
    vpc: str
    subnet: str
    checked: bool


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
        return Interface(id, raw["VpcId"], raw["SubnetId"], raw["SourceDestCheck"])

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
