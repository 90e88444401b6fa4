"""A virtual private cloud on one machine: nodes, a client and the cloud's API, each behind the router.

    10.0.N.10 nodes 1, 2, ...    10.0.101.10 client    10.0.200.10 api    198.51.100.10 internet
    10.0.1.11, .12, ... nodes in one subnet, where they are built together
    10.0.2.11, .12, ... and 10.0.3.11, .12, ... the nodes' further NICs, where they have some

Rules: what one host sends another always crosses the router, at the first address of each subnet, also
between nodes of one subnet; `build` leaves nothing behind, and first sweeps what crashed runs left; several
may exist on one machine, one per process. IPv4 only.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from vipswitch.testing.fabric.gateway import InternetGateway
from vipswitch.testing.fabric.host import Host
from vipswitch.testing.fabric.namespaces import Namespace, sweep, veth
from vipswitch.testing.fabric.router import Router

METADATA = IPv4Address("169.254.169.254")
_SHARED = IPv4Network("10.0.1.0/24")
_INTERNET = IPv4Network("198.51.100.0/24")
_CLIENT = 101
_API = 200


@dataclass(frozen=True, slots=True)
class Internet:
    """A host outside the cloud network, and what lies between."""

    host: Host
    gateway: InternetGateway


class Vpc:
    """The hosts and their router, as long as `stack` is open; more hosts may be attached at any time."""

    def __init__(self, stack: ExitStack, nodes: int, *, together: bool = False, lans: int = 0) -> None:
        self.together = together
        self._stack = stack
        self.router = Router(self._namespace("router"))
        self.nodes = tuple(self._node(number) for number in range(1, nodes + 1))
        self.lans = tuple(tuple(self._plug(node, k) for node in self.nodes) for k in range(1, lans + 1))
        self.client = self.attach("client", _CLIENT)
        self.api = self.attach("api", _API)

    def attach(self, name: str, number: int) -> Host:
        """A new host 10.0.`number`.10, reached by way of the router."""
        return self._attach(Host(name, IPv4Network(f"10.0.{number}.0/24"), self._namespace(name)))

    def internet(self) -> Internet:
        """A new host in the internet, to be called once; it reaches public addresses and nothing else."""
        host = self._attach(Host("internet", _INTERNET, self._namespace("internet")))
        return Internet(host, InternetGateway(self.router.namespace, host.name))

    def _node(self, number: int) -> Host:
        name = f"n{number}"
        if self.together:
            node = self._attach(Host(name, _SHARED, self._namespace(name), 10 + number))
        else:
            node = self.attach(name, number)
        node.namespace.ip("address", "add", f"{METADATA}/32", "dev", "lo")
        return node

    def _plug(self, node: Host, number: int) -> Host:
        """One more NIC of a node that is in one subnet with the others; the router's port is `n1-eth1`."""
        network = IPv4Network(f"10.0.{1 + number}.0/24")
        nic = f"eth{number}"
        return self._attach(Host(f"{node.name}-{nic}", network, node.namespace, node.number, nic))

    def _attach(self, host: Host) -> Host:
        veth(host.namespace, host.nic, self.router.namespace, host.name)
        self.router.attach(host)
        host.configure()
        return host

    def _namespace(self, label: str) -> Namespace:
        namespace = Namespace.create(label)
        self._stack.callback(namespace.delete)
        return namespace


@contextmanager
def build(*, nodes: int = 3, together: bool = False, lans: int = 0) -> Iterator[Vpc]:
    """A running cloud network without routes to any VIP; gone, with every process inside, at the end.

    `together` puts the nodes into one subnet, within which a secondary private address can move; then each
    may have one NIC more in each of so many `lans`.
    """
    sweep()
    with ExitStack() as stack:
        yield Vpc(stack, nodes, together=together, lans=lans)
