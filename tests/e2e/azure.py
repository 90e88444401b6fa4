"""The local Azure of a lab, over HTTPS with its own authority.

Rules: an operation goes on for much less long than outside; NICs have IP forwarding on, which on Azure is the
user's to do.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from tests.e2e.cloud import Gate
from tests.e2e.evidence import Request
from vipswitch.testing.azure import AzureCloud, Topology, build
from vipswitch.testing.azure.request import Call
from vipswitch.testing.fabric import azure_addresses, azure_routes
from vipswitch.testing.fabric.addresses import PrivateAddresses
from vipswitch.testing.fabric.host import Host
from vipswitch.testing.fabric.router import InterfaceId, TableId
from vipswitch.testing.fabric.vpc import METADATA, Vpc

NIC_WRITE = "Microsoft.Network/networkInterfaces/write"
_OPERATION_S = 0.6
_HTTPS = 443


@dataclass(frozen=True, slots=True)
class Azure:
    """A `Cloud`."""

    arm: AzureCloud
    seed: Topology
    vpc: Vpc
    addresses: PrivateAddresses

    @property
    def tables(self) -> Sequence[str]:
        """The names of the route tables of the client's subnet and of the nodes'."""
        return self.seed.tables

    def interfaces(self) -> dict[InterfaceId, Host]:
        return _interfaces(self.seed, self.vpc)

    def users(self) -> dict[TableId, Sequence[Host]]:
        """Whose subnets use each route table."""
        client, nodes = self.seed.clients[0].table_id, self.seed.nodes[0].subnet.table_id
        return {TableId(client): [self.vpc.client], TableId(nodes): self.vpc.nodes}

    def environment(self) -> Mapping[str, str]:
        """For the counter-example; vipswitch reads as much in its config."""
        return {
            "ARM_ENDPOINT": self.arm.url,
            "ARM_CA_FILE": str(self.arm.ca_file),
            "ARM_GROUP": f"/subscriptions/{self.arm.subscription}/resourceGroups/{self.arm.group}",
        }

    def requests(self) -> list[Request]:
        """Whose NIC was written stands in the node's name, what else by its own."""
        names = {str(host.address): host.name for host in self.vpc.nodes}
        owners = {interface.lower(): host.name for interface, host in self.interfaces().items()}
        return [
            Request(
                names.get(call.source, call.source),
                call.action,
                call.received,
                call.mutating,
                call.committed,
                call.error,
                owners.get(call.resource.lower(), call.resource.rpartition("/")[2]),
            )
            for call in self.arm.journal.calls()
        ]

    def hold(self, host: Host) -> Gate:
        return self.arm.faults.hold(None, source=str(host.address), times=1000)

    def hold_writes(self, host: Host) -> Gate:
        """Hold the writes of this host from now on; what it reads is answered."""
        return self.arm.faults.hold("*/write", source=str(host.address), times=1000)

    def hold_own_write(self) -> Gate:
        """The next write of a node to its own NIC is held, and comes to nothing when it is released."""
        nics = {str(host.address): nic.lower() for nic, host in self.interfaces().items()}

        def own(call: Call) -> bool:
            return nics.get(call.source) == call.resource.lower()

        gate = self.arm.faults.hold(NIC_WRITE, where=own)
        self.arm.faults.drop_before(1, NIC_WRITE, where=own)
        return gate


@contextmanager
def serve(vpc: Vpc, *, operation_s: float = _OPERATION_S) -> Iterator[Azure]:
    """The cloud of this network; its journal begins after the set-up."""
    address = str(vpc.api.address)
    listener = vpc.api.namespace.listener(address, _HTTPS)
    arm = AzureCloud(listener=listener, hosts=[address], operation_s=operation_s)
    hosts = [host.number for host in vpc.nodes]
    seed = build(arm, nodes=len(hosts), hosts=hosts, together=vpc.together)
    with ExitStack() as stack:
        stack.enter_context(arm)
        cloud = Azure(arm, seed, vpc, azure_addresses.follow(vpc.router, arm, _interfaces(seed, vpc)))
        for node, host in zip(seed.nodes, vpc.nodes, strict=True):
            host.set_mac(node.mac)
            listener = host.namespace.listener(str(METADATA), 80)
            arm.metadata(node.machine_id, identities=node.metadata.identities, listener=listener)
        azure_routes.follow(vpc.router, arm, cloud.interfaces(), cloud.users())
        arm.journal.clear()
        yield cloud


def _interfaces(seed: Topology, vpc: Vpc) -> dict[InterfaceId, Host]:
    pairs = zip(seed.nodes, vpc.nodes, strict=True)
    return {InterfaceId(node.nic_id): host for node, host in pairs}
