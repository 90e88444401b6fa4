"""The local AWS of a lab.

Rules: the source/destination check stays on, as EC2 leaves it, until somebody turns it off.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import TypeVar

from tests.e2e.cloud import Cloud, Gate
from tests.e2e.evidence import Request
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
class Aws:
    """A `Cloud`."""

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
        nodes = [*self.vpc.nodes, *chain.from_iterable(self.vpc.lans)]
        return {client: [self.vpc.client], TableId(self.seed.node_table_id): nodes}

    def environment(self) -> Mapping[str, str]:
        """Endpoints and credentials for the SDK."""
        return {
            "AWS_ENDPOINT_URL_EC2": self.aws.url,
            "AWS_ENDPOINT_URL_ROUTE_53": self.aws.url,
            "AWS_ACCESS_KEY_ID": "AKIAVIPSWITCHE2E",
            "AWS_SECRET_ACCESS_KEY": "vipswitch",
            "AWS_DEFAULT_REGION": self.seed.region,
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        }

    def requests(self) -> list[Request]:
        names = {str(host.address): host.name for host in self.vpc.nodes}
        return [
            Request(
                names.get(call.source, call.source),
                call.action,
                call.received,
                call.mutating,
                call.committed,
                call.error,
            )
            for call in self.aws.journal.calls()
        ]

    def hold(self, host: Host) -> Gate:
        return self.aws.faults.hold(None, source=str(host.address), times=1000)

    def turn_checks_off(self) -> None:
        """Do what the sample leaves to its user."""
        for node in self.seed.nodes:
            self.ask(partial(_turn_check_off, interface=node.interface_id))

    def ask(self, act: Callable[[AwsCloud], T]) -> T:
        """What `act` returns, called where the cloud's API can be reached."""
        return self.vpc.api.namespace.inside(lambda: act(self.aws))


def of(cloud: Cloud) -> Aws:
    """This cloud, in a scenario that is played on AWS only."""
    assert isinstance(cloud, Aws), "not played on this cloud"
    return cloud


@contextmanager
def serve(vpc: Vpc, *, internet: bool = False) -> Iterator[Aws]:
    """The cloud of this network; its journal begins after the set-up."""
    with ExitStack() as stack:
        listener = vpc.api.namespace.listener(str(vpc.api.address), 80)
        aws = stack.enter_context(AwsCloud(listener=listener))
        seed = vpc.api.namespace.inside(
            lambda: topology.build(aws, nodes=len(vpc.nodes), together=vpc.together, lans=len(vpc.lans))
        )
        addresses = aws_addresses.follow(vpc.router, aws, _interfaces(seed, vpc))
        cloud = Aws(aws, seed, vpc, addresses, vpc.internet() if internet else None)
        for node, host in zip(seed.nodes, vpc.nodes, strict=True):
            _set_macs(node, host, vpc)
            metadata = host.namespace.listener(str(METADATA), 80)
            stack.enter_context(MetadataServer(live(aws, seed, node), listener=metadata))
        aws_routes.follow(vpc.router, aws, cloud.interfaces(), cloud.users())
        if cloud.internet:
            aws_elastic.follow(cloud.internet.gateway, aws)
        aws.journal.clear()
        yield cloud


def _interfaces(seed: topology.Topology, vpc: Vpc) -> dict[InterfaceId, Host]:
    pairs = list(zip(seed.nodes, vpc.nodes, strict=True))
    primary = {InterfaceId(node.interface_id): host for node, host in pairs}
    further = {
        InterfaceId(lan.interface_id): port
        for number, (node, _) in enumerate(pairs)
        for lan, port in zip(node.lans, _ports(vpc, number), strict=True)
    }
    return primary | further


def _ports(vpc: Vpc, number: int) -> list[Host]:
    """The further NICs of a node, in the order of the LANs."""
    return [lan[number] for lan in vpc.lans]


def _set_macs(node: topology.NodeSeed, host: Host, vpc: Vpc) -> None:
    host.set_mac(node.mac)
    for lan, port in zip(node.lans, _ports(vpc, vpc.nodes.index(host)), strict=True):
        port.set_mac(lan.mac)


def _turn_check_off(aws: AwsCloud, *, interface: str) -> None:
    aws.ec2().modify_network_interface_attribute(
        NetworkInterfaceId=interface, SourceDestCheck={"Value": False}
    )
