"""A virtual private cloud on one machine: nodes, a client and the cloud's API, each in its own subnet.

    10.0.N.10 nodes 1, 2, ...    10.0.101.10 client    10.0.200.10 api    each behind router 10.0.x.1

Rules: what one host sends another always crosses the router; `build` leaves nothing behind, and first sweeps
what crashed runs left; several may exist on one machine, one per process.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from ipaddress import IPv4Address, IPv4Network

from vipswitch.testing.fabric.host import Host
from vipswitch.testing.fabric.namespaces import Namespace, sweep, veth
from vipswitch.testing.fabric.router import Router

METADATA = IPv4Address("169.254.169.254")
_CLIENT = 101
_API = 200


class Vpc:
    """The hosts and their router, as long as `stack` is open; more hosts may be attached at any time."""

    def __init__(self, stack: ExitStack, nodes: int) -> None:
        self._stack = stack
        self.router = Router(self._namespace("router"))
        self.nodes = tuple(self._node(number) for number in range(1, nodes + 1))
        self.client = self.attach("client", _CLIENT)
        self.api = self.attach("api", _API)

    def attach(self, name: str, number: int) -> Host:
        """A new host 10.0.`number`.10, reached by way of the router."""
        host = Host(name, IPv4Network(f"10.0.{number}.0/24"), self._namespace(name))
        veth(host.namespace, "eth0", self.router.namespace, name)
        self.router.attach(host)
        host.configure()
        return host

    def _node(self, number: int) -> Host:
        node = self.attach(f"n{number}", number)
        node.namespace.ip("address", "add", f"{METADATA}/32", "dev", "lo")
        return node

    def _namespace(self, label: str) -> Namespace:
        namespace = Namespace.create(label)
        self._stack.callback(namespace.delete)
        return namespace


@contextmanager
def build(*, nodes: int = 3) -> Iterator[Vpc]:
    """A running cloud network without routes to any VIP; gone, with every process inside, at the end."""
    sweep()
    with ExitStack() as stack:
        yield Vpc(stack, nodes)
