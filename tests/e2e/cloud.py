"""The local AWS of a lab: in its namespace, shown to the router, with a metadata service on every node.

Rules: the nodes' NICs get the MACs that the cloud made up; the source/destination check stays on, as EC2
leaves it, until somebody turns it off.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from vipswitch.testing.aws import live, topology
from vipswitch.testing.aws.metadata import MetadataServer
from vipswitch.testing.aws.server import AwsCloud
from vipswitch.testing.fabric import aws_addresses, aws_elastic, aws_routes
from vipswitch.testing.fabric.addresses import PrivateAddresses
from vipswitch.testing.fabric.host import Host
from vipswitch.testing.fabric.router import InterfaceId, TableId
from vipswitch.testing.fabric.vpc import METADATA, Internet, Vpc

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Cloud:
    """A cloud at work and what is in it."""

    aws: AwsCloud
    seed: topology.Topology
    vpc: Vpc
    addresses: PrivateAddresses
    internet: Internet | None = None

    @property
    def tables(self) -> Sequence[str]:
        """The route tables of the client's subnet and of the nodes'."""
        return self.seed.tables

    def interfaces(self) -> dict[InterfaceId, Host]:
        return _interfaces(self.seed, self.vpc)

    def users(self) -> dict[TableId, Sequence[Host]]:
        """Whose subnets use each route table."""
        client = TableId(self.seed.clients[0].table_id)
        return {client: [self.vpc.client], TableId(self.seed.node_table_id): self.vpc.nodes}

    def turn_checks_off(self) -> None:
        """Do what the sample leaves to its user."""
        for node in self.seed.nodes:
            self.ask(partial(_turn_check_off, interface=node.interface_id))

    def ask(self, act: Callable[[AwsCloud], T]) -> T:
        """What `act` returns, called where the cloud's API can be reached."""
        return self.vpc.api.namespace.inside(lambda: act(self.aws))


@contextmanager
def serve(vpc: Vpc, *, internet: bool = False) -> Iterator[Cloud]:
    """The cloud of this network; its journal begins after the set-up."""
    with ExitStack() as stack:
        listener = vpc.api.namespace.listener(str(vpc.api.address), 80)
        aws = stack.enter_context(AwsCloud(listener=listener))
        seed = vpc.api.namespace.inside(
            lambda: topology.build(aws, nodes=len(vpc.nodes), together=vpc.together)
        )
        addresses = aws_addresses.follow(vpc.router, aws, _interfaces(seed, vpc))
        cloud = Cloud(aws, seed, vpc, addresses, vpc.internet() if internet else None)
        for node, host in zip(seed.nodes, vpc.nodes, strict=True):
            host.set_mac(node.mac)
            metadata = host.namespace.listener(str(METADATA), 80)
            stack.enter_context(MetadataServer(live(aws, seed, node), listener=metadata))
        aws_routes.follow(vpc.router, aws, cloud.interfaces(), cloud.users())
        if cloud.internet:
            aws_elastic.follow(cloud.internet.gateway, aws)
        aws.journal.clear()
        yield cloud


def _interfaces(seed: topology.Topology, vpc: Vpc) -> dict[InterfaceId, Host]:
    pairs = zip(seed.nodes, vpc.nodes, strict=True)
    return {InterfaceId(node.interface_id): host for node, host in pairs}


def _turn_check_off(aws: AwsCloud, *, interface: str) -> None:
    aws.ec2().modify_network_interface_attribute(
        NetworkInterfaceId=interface, SourceDestCheck={"Value": False}
    )
