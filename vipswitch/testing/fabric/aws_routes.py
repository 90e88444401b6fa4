"""The local AWS as the router sees it: its route tables and source/destination checks.

Rules: reads moto's state in this process, not its API, so that reading is neither in the journal nor hit by
faults; reads while no call is at work, because moto empties a route before it fills it.
"""

from collections.abc import Iterable, Mapping
from ipaddress import ip_network
from typing import Any

from vipswitch.testing.aws.server import ACCOUNT, REGION, AwsCloud
from vipswitch.testing.fabric import aws_addresses
from vipswitch.testing.fabric.host import Host
from vipswitch.testing.fabric.router import InterfaceId, Network, Router, TableId
from vipswitch.testing.fabric.source_check import Allowed


class AwsRoutes:
    """`Routes` of one cloud."""

    def __init__(self, cloud: AwsCloud) -> None:
        from moto.ec2.models import ec2_backends

        self._cloud = cloud
        self._ec2 = ec2_backends[ACCOUNT][REGION]

    def tables(self) -> Mapping[TableId, Mapping[Network, InterfaceId | None]]:
        with self._cloud.at_rest():
            return {TableId(name): _routes(table) for name, table in self._ec2.route_tables.items()}

    def sources(self, interface: InterfaceId) -> Allowed:
        with self._cloud.at_rest():
            eni = self._ec2.enis.get(interface)
            return frozenset(aws_addresses.of(eni)) if eni is None or eni.source_dest_check else None


def follow(
    router: Router,
    cloud: AwsCloud,
    interfaces: Mapping[InterfaceId, Host],
    tables: Mapping[TableId, Iterable[Host]],
) -> None:
    """`Router.follow`, and again after every write to the cloud, before it is answered."""
    routes = AwsRoutes(cloud)
    router.follow(routes, interfaces, tables)
    cloud.journal.subscribe(lambda _: router.refresh(routes))


def _routes(table: Any) -> dict[Network, InterfaceId | None]:
    """The routes to network interfaces; a blackhole keeps its destination."""
    return {
        ip_network(route.destination_cidr_block or route.destination_ipv6_cidr_block): _target(route)
        for route in table.routes
        if route.interface or route.instance
    }


def _target(route: Any) -> InterfaceId | None:
    return InterfaceId(route.network_interface_id) if route.state == "active" else None
