"""The local Google Cloud as the router sees it: the static routes of its networks, and what may forward.

Rules: a network is one table, for all that are in it. A route is in force from the end of the operation that
inserts it until the end of the one that deletes it; of those for one destination the best priority counts
whose instance runs, and none leads nowhere. Where several share the packets, all go to the first. Without IP
forwarding an instance neither takes nor sends packets of addresses that it does not have. Asked as
`operations` does. Source: "Routes" and "Static routes", VPC documentation.
"""

from collections.abc import Collection, Iterable, Mapping
from ipaddress import ip_network

from vipswitch.testing.fabric import gcp_addresses
from vipswitch.testing.fabric.host import Host
from vipswitch.testing.fabric.router import InterfaceId, Network, Router, TableId
from vipswitch.testing.fabric.source_check import Allowed
from vipswitch.testing.gcp import GcpCloud


class GcpRoutes:
    """`Routes` of one cloud; networks and instances are known by their paths."""

    def __init__(self, cloud: GcpCloud, networks: Collection[TableId]) -> None:
        self._cloud = cloud
        self._networks = networks

    def tables(self) -> Mapping[TableId, Mapping[Network, InterfaceId | None]]:
        return {name: self._entries(name) for name in self._networks}

    def sources(self, interface: InterfaceId) -> Allowed:
        instance = self._cloud.in_effect(interface)
        forwards = instance is not None and instance["canIpForward"]
        return None if forwards else frozenset(gcp_addresses.of(instance))

    def _entries(self, network: TableId) -> dict[Network, InterfaceId | None]:
        destinations = {route["destRange"] for route in self._cloud.routes(network)}
        hops = {to: self._cloud.next_hops(to, network) for to in destinations}
        return {ip_network(to): InterfaceId(found[0]) if found else None for to, found in hops.items()}


def follow(
    router: Router,
    cloud: GcpCloud,
    interfaces: Mapping[InterfaceId, Host],
    networks: Mapping[TableId, Iterable[Host]],
) -> None:
    """`Router.follow`, and again after every operation, before anybody can see its end."""
    routes = GcpRoutes(cloud, networks)
    router.follow(routes, interfaces, networks)
    gcp_addresses.follow_operations(cloud, lambda: router.refresh(routes))
