"""The local Google Cloud of a lab, over HTTPS with its own authority.

Rules: an operation goes on for much less long than outside; instances may forward, which on Google Cloud is
chosen when they are made. The nodes are known by their instances, which have one interface each.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from tests.e2e.cloud import Gate
from tests.e2e.evidence import Request
from vipswitch.testing.fabric import gcp_addresses, gcp_routes
from vipswitch.testing.fabric.addresses import PrivateAddresses
from vipswitch.testing.fabric.host import Host
from vipswitch.testing.fabric.router import InterfaceId, TableId
from vipswitch.testing.fabric.vpc import METADATA, Vpc
from vipswitch.testing.gcp import GcpCloud, Topology, build
from vipswitch.testing.gcp.journal import Call
from vipswitch.testing.gcp.request import Call as Asked

INSERT = "compute.routes.insert"
NIC_WRITE = "compute.instances.updateNetworkInterface"
_OPERATION_S = 0.6
_HTTPS = 443


@dataclass(frozen=True, slots=True)
class Gcp:
    """A `Cloud`."""

    gcp: GcpCloud
    seed: Topology
    vpc: Vpc
    addresses: PrivateAddresses

    def interfaces(self) -> dict[InterfaceId, Host]:
        return _interfaces(self.seed, self.vpc)

    def users(self) -> dict[TableId, Sequence[Host]]:
        """Who is in the network."""
        return {TableId(self.seed.network): [self.vpc.client, *self.vpc.nodes]}

    def environment(self) -> Mapping[str, str]:
        """For the counter-examples; vipswitch reads as much in its config."""
        return {
            "GCP_ENDPOINT": self.gcp.url,
            "GCP_CA_FILE": str(self.gcp.ca_file),
            "GCP_PROJECT": self.gcp.project,
        }

    def requests(self) -> list[Request]:
        """Whose instance or route was written stands in the node's name, what else by its own."""
        names = {str(host.address): host.name for host in self.vpc.nodes}
        return [
            Request(
                names.get(call.source, call.source),
                call.action,
                call.received,
                call.mutating,
                call.committed,
                call.error,
                self._whose(call) or call.resource.rpartition("/")[2],
            )
            for call in self.gcp.journal.calls()
        ]

    def hold(self, host: Host) -> Gate:
        return self.gcp.faults.hold(None, source=str(host.address), times=1000)

    def hold_writes(self, host: Host) -> Gate:
        """Hold the writes of this host from now on; what it reads is answered."""
        source = str(host.address)
        return self.gcp.faults.hold(None, source=source, times=1000, where=lambda call: call.mutating)

    def hold_own_write(self) -> Gate:
        """The next write of a node to its own interface is held, and comes to nothing when it is released."""
        nodes = {str(host.address): instance for instance, host in self.interfaces().items()}

        def own(call: Asked) -> bool:
            return nodes.get(call.source) == call.resource

        gate = self.gcp.faults.hold(NIC_WRITE, where=own)
        self.gcp.faults.drop_before(1, NIC_WRITE, where=own)
        return gate

    def _whose(self, call: Call) -> str | None:
        """The node that an instance is, or that a route leads to at the moment of the call."""
        instances = {str(instance): host.name for instance, host in self.interfaces().items()}
        routes = [
            instances.get(_path(json.loads(insert.body).get("nextHopInstance", "")))
            for insert in self.gcp.journal.writes()
            if insert.action == INSERT and insert.resource == call.resource and _before(insert, call)
        ]
        return instances.get(call.resource) or (routes[-1] if routes else None)


@contextmanager
def serve(vpc: Vpc, *, operation_s: float = _OPERATION_S) -> Iterator[Gcp]:
    """The cloud of this network; its journal begins after the set-up."""
    address = str(vpc.api.address)
    listener = vpc.api.namespace.listener(address, _HTTPS)
    gcp = GcpCloud(listener=listener, hosts=[address], operation_s=operation_s)
    hosts = [host.number for host in vpc.nodes]
    seed = build(gcp, nodes=len(hosts), hosts=hosts, together=vpc.together)
    with ExitStack() as stack:
        stack.enter_context(gcp)
        cloud = Gcp(gcp, seed, vpc, gcp_addresses.follow(vpc.router, gcp, _interfaces(seed, vpc)))
        for node, host in zip(seed.nodes, vpc.nodes, strict=True):
            host.set_mac(node.mac)
            listener = host.namespace.listener(str(METADATA), 80)
            gcp.metadata(node.instance, account=node.account, listener=listener)
        gcp_routes.follow(vpc.router, gcp, cloud.interfaces(), cloud.users())
        gcp.journal.clear()
        yield cloud


def _interfaces(seed: Topology, vpc: Vpc) -> dict[InterfaceId, Host]:
    pairs = zip(seed.nodes, vpc.nodes, strict=True)
    return {InterfaceId(node.path): host for node, host in pairs}


def _before(insert: Call, call: Call) -> bool:
    return (insert.committed or math.inf) <= (call.committed or math.inf)


def _path(link: str) -> str:
    """A resource's name in full, without the host."""
    return "".join(link.partition("projects/")[1:])
