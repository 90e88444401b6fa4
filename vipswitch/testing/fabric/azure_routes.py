"""The local Azure as the router sees it: the route tables of its subnets, and its interfaces' IP forwarding.

Rules: a route is in force when the operation that writes it has ended, until that of the next one has; one to
a virtual appliance leads to the interface that has that private address, or nowhere; one of type None drops;
all others (Internet, VnetLocal, VirtualNetworkGateway) are left to the router. IP forwarding is the
source/destination check of Azure: without it an interface neither takes nor sends packets of addresses that
it does not have. Asked as `operations` does.
Source: "Virtual network traffic routing"; "Enable or disable IP forwarding for a network interface".
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from ipaddress import IPv4Address, ip_address, ip_network

from vipswitch.testing.azure import AzureCloud
from vipswitch.testing.fabric import azure_addresses
from vipswitch.testing.fabric.host import Host
from vipswitch.testing.fabric.operations import Carried, Document
from vipswitch.testing.fabric.router import InterfaceId, Network, Router, TableId
from vipswitch.testing.fabric.source_check import Allowed

_FOLLOWED = ("VirtualAppliance", "None")

Entries = Mapping[Network, InterfaceId | None]


class AzureRoutes:
    """`Routes` of one cloud; interfaces and tables are known by their resource ids."""

    def __init__(
        self, cloud: AzureCloud, interfaces: Collection[InterfaceId], tables: Collection[TableId]
    ) -> None:
        self._cloud = cloud
        self._tables = tables
        self._owners = Carried(cloud, interfaces, azure_addresses.of)

    def tables(self) -> Mapping[TableId, Entries]:
        owners = self._owners.owners()
        return {name: dict(_entries(self._cloud.in_effect(name), owners)) for name in self._tables}

    def sources(self, interface: InterfaceId) -> Allowed:
        nic = self._cloud.in_effect(interface)
        forwards = nic is not None and nic["properties"]["enableIPForwarding"]
        return None if forwards else frozenset(azure_addresses.of(nic))


def follow(
    router: Router,
    cloud: AzureCloud,
    interfaces: Mapping[InterfaceId, Host],
    tables: Mapping[TableId, Iterable[Host]],
) -> None:
    """`Router.follow`, and again after every operation, before anybody can see its end."""
    routes = AzureRoutes(cloud, interfaces, tables)
    router.follow(routes, interfaces, tables)
    azure_addresses.follow_operations(cloud, lambda: router.refresh(routes))


def _entries(
    table: Document | None, owners: Mapping[IPv4Address, InterfaceId]
) -> Iterator[tuple[Network, InterfaceId | None]]:
    for route in table["properties"]["routes"] if table else ():
        properties = route["properties"]
        if properties["nextHopType"] in _FOLLOWED:
            yield ip_network(properties["addressPrefix"]), _holder(properties, owners)


def _holder(route: Document, owners: Mapping[IPv4Address, InterfaceId]) -> InterfaceId | None:
    """The interface whose address is the next hop; owners have IPv4 addresses only."""
    hop = ip_address(route["nextHopIpAddress"]) if route["nextHopType"] == "VirtualAppliance" else None
    return owners.get(hop) if isinstance(hop, IPv4Address) else None
