"""The local AWS of a lab: in its namespace, shown to the router, with a metadata service on every node.

Rules: the nodes' NICs get the MACs that the cloud made up; the source/destination check stays on, as EC2
leaves it, until somebody turns it off.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from vipswitch.testing.aws import topology
from vipswitch.testing.aws.metadata import MetadataServer
from vipswitch.testing.aws.server import AwsCloud
from vipswitch.testing.fabric import aws_routes
from vipswitch.testing.fabric.host import Host
from vipswitch.testing.fabric.router import InterfaceId, TableId
from vipswitch.testing.fabric.vpc import METADATA, Vpc


@dataclass(frozen=True, slots=True)
class Cloud:
    """A cloud at work and what is in it."""

    aws: AwsCloud
    seed: topology.Topology
    vpc: Vpc

    @property
    def tables(self) -> Sequence[str]:
        """The route tables of the client's subnet and of the nodes'."""
        return self.seed.tables

    def interfaces(self) -> dict[InterfaceId, Host]:
        return {
            InterfaceId(node.interface_id): host
            for node, host in zip(self.seed.nodes, self.vpc.nodes, strict=True)
        }

    def users(self) -> dict[TableId, Sequence[Host]]:
        """Whose subnets use each route table."""
        client = TableId(self.seed.clients[0].table_id)
        return {client: [self.vpc.client], TableId(self.seed.node_table_id): self.vpc.nodes}

    def turn_checks_off(self) -> None:
        """Do what the sample leaves to its user."""
        self.vpc.api.namespace.inside(self._turn_checks_off)

    def _turn_checks_off(self) -> None:
        ec2 = self.aws.ec2()
        for node in self.seed.nodes:
            ec2.modify_network_interface_attribute(
                NetworkInterfaceId=node.interface_id, SourceDestCheck={"Value": False}
            )


@contextmanager
def serve(vpc: Vpc) -> Iterator[Cloud]:
    """The cloud of this network; its journal begins after the set-up."""
    with ExitStack() as stack:
        listener = vpc.api.namespace.listener(str(vpc.api.address), 80)
        aws = stack.enter_context(AwsCloud(listener=listener))
        seed = vpc.api.namespace.inside(lambda: topology.build(aws, nodes=len(vpc.nodes)))
        cloud = Cloud(aws, seed, vpc)
        for node, host in zip(seed.nodes, vpc.nodes, strict=True):
            host.set_mac(node.mac)
            metadata = host.namespace.listener(str(METADATA), 80)
            stack.enter_context(MetadataServer(seed.instance(node), listener=metadata))
        aws_routes.follow(vpc.router, aws, cloud.interfaces(), cloud.users())
        aws.journal.clear()
        yield cloud
