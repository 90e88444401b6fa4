"""VIPs in the local AWS, each with places of its own, so that many orders can be watched side by side.

Elastic IPs need nothing of the host; each VIP has a network interface of its own on every node, or one would
push the other off. A route table's VIP needs its address on the host for `up`, and for `down` only if it is
there.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vipswitch.testing.aws import REGION, AwsCloud, Topology

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client


def environment(cloud: AwsCloud) -> dict[str, str]:
    """What a node's processes need to reach the cloud, and nothing of the user's."""
    return {
        "AWS_ENDPOINT_URL": cloud.url,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "AKIATEST",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@dataclass(frozen=True)
class Plot:
    """One VIP: its name, its places' ids, each node's network interface for it.

    `ids` are those by which a call is known to be about it.
    """

    name: str
    places: tuple[str, ...]
    ids: frozenset[str]
    interfaces: tuple[str, ...]
    settings: str
    address: str = ""

    def config(self, number: int = 0) -> str:
        """The VIP's table in the config of a node, counted from 0."""
        return f'[vip.{self.name}]\n{self.settings}node = "{self.interfaces[number]}"\n'

    def meant(self, params: Mapping[str, str]) -> bool:
        """Whether a call with these parameters is about this VIP."""
        return not self.ids.isdisjoint(params.values())


@dataclass
class Plots:
    """Makes VIPs in one cloud."""

    cloud: AwsCloud
    ec2: EC2Client
    topology: Topology
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    def elastic(self, name: str, *, places: int = 1, held_by: int | None = None) -> Plot:
        """Elastic IPs that this node holds, counted from 0, or nobody."""
        nodes = [self._new_interface(node.subnet_id, places) for node in self.topology.nodes]
        made = [self.ec2.allocate_address(Domain="vpc")["AllocationId"] for _ in range(places)]
        ids, private = set(made), [address for _, addresses in nodes for address in addresses]
        if held_by is not None:
            interface, addresses = nodes[held_by]
            ids |= {self._associate(*each, interface) for each in zip(made, addresses, strict=True)}
        listed = f"private_address = {private}\n" if places > 1 else ""
        settings = f'provider = "aws-elastic-ip"\nallocations = {made}\n{listed}'.replace("'", '"')
        return Plot(name, tuple(made), frozenset(ids), tuple(interface for interface, _ in nodes), settings)

    def routes(self, name: str, *, places: int = 1, held_by: int) -> Plot:
        """A route in each of several tables of its own, which leads to this node."""
        address = f"10.99.{next(self._numbers)}.50"
        interfaces = tuple(node.interface_id for node in self.topology.nodes)
        tables = [self._table() for _ in range(places)]
        for table in tables:
            self.ec2.create_route(
                RouteTableId=table,
                DestinationCidrBlock=f"{address}/32",
                NetworkInterfaceId=interfaces[held_by],
            )
        about = (
            f'provider = "aws-route-table"\naddress = "{address}"\nroute_tables = {tables}\n'
            'interface = "eth0"\nsource_dest_check = "leave"\n'
        )
        return Plot(name, tuple(tables), frozenset(tables), interfaces, about.replace("'", '"'), address)

    def holders(self, plot: Plot) -> list[str | None]:
        """Who the cloud itself says holds each of its Elastic IPs."""
        found = self.ec2.describe_addresses(AllocationIds=list(plot.places))["Addresses"]
        by_id = {each["AllocationId"]: each.get("NetworkInterfaceId") or None for each in found}
        return [by_id[place] for place in plot.places]

    def targets(self, plot: Plot) -> list[tuple[str | None, str]]:
        """Of each of its tables: where the VIP's route leads, and who is marked as having let go of it."""
        return [self._target(place) for place in plot.places]

    def writes(self, plot: Plot) -> list[str]:
        """The actions that have changed something for this VIP, in order."""
        return [call.action for call in self.cloud.journal.writes() if plot.meant(call.params)]

    def calls(self, plot: Plot) -> list[str]:
        """The actions that were asked for this VIP, in order."""
        return [call.action for call in self.cloud.journal.calls() if plot.meant(call.params)]

    def _target(self, table: str) -> tuple[str | None, str]:
        found = self.ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]
        routes = [r for r in found["Routes"] if r.get("DestinationCidrBlock", "").startswith("10.99.")]
        marks = [t["Value"].split()[1] for t in found.get("Tags", []) if t["Key"].startswith("vipswitch:")]
        return routes[0].get("NetworkInterfaceId"), " ".join(marks)

    def _new_interface(self, subnet: str, addresses: int) -> tuple[str, list[str]]:
        """A network interface and its addresses; without an instance there is no limit to these."""
        more = {"SecondaryPrivateIpAddressCount": addresses - 1} if addresses > 1 else {}
        made = self.ec2.create_network_interface(SubnetId=subnet, **more)["NetworkInterface"]
        return made["NetworkInterfaceId"], [each["PrivateIpAddress"] for each in made["PrivateIpAddresses"]]

    def _associate(self, allocation: str, private: str, interface: str) -> str:
        return self.ec2.associate_address(
            AllocationId=allocation, NetworkInterfaceId=interface, PrivateIpAddress=private
        )["AssociationId"]

    def _table(self) -> str:
        return self.ec2.create_route_table(VpcId=self.topology.vpc_id)["RouteTable"]["RouteTableId"]


def config(plots: Sequence[Plot], number: int = 0) -> str:
    """A node's config for all these VIPs; nodes are counted from 0."""
    return "\n".join(plot.config(number) for plot in plots)
