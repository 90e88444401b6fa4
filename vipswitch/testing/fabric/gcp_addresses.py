"""The local Google Cloud as the router sees it: the addresses of its instances, aliases included.

Rules: those of `operations`. An instance has one interface, which is known by the instance's path; an alias
range leads there as a whole. Source: "Alias IP ranges", VPC documentation.
"""

from collections.abc import Callable, Iterator, Mapping
from ipaddress import IPv4Address, IPv4Network

from vipswitch.testing.fabric import operations
from vipswitch.testing.fabric.addresses import PrivateAddresses
from vipswitch.testing.fabric.host import Host
from vipswitch.testing.fabric.operations import Carried, Document
from vipswitch.testing.fabric.router import InterfaceId, Router
from vipswitch.testing.gcp import GcpCloud


def follow(router: Router, cloud: GcpCloud, interfaces: Mapping[InterfaceId, Host]) -> PrivateAddresses:
    """Lead to what these interfaces have, again after every operation, before anybody can see its end."""
    owners, addresses = Carried(cloud, interfaces, of), PrivateAddresses(router, interfaces)
    follow_operations(cloud, lambda: addresses.refresh(owners))
    return addresses


def follow_operations(cloud: GcpCloud, refresh: Callable[[], None]) -> None:
    """See `operations.follow`."""
    operations.follow(cloud, cloud.api.working, refresh)


def of(instance: Document | None) -> Iterator[IPv4Address]:
    """The internal IPv4 addresses of an instance's document; none of one that is gone."""
    for nic in instance["networkInterfaces"] if instance else ():
        yield IPv4Address(nic["networkIP"])
        for alias in nic.get("aliasIpRanges", ()):
            yield from IPv4Network(alias["ipCidrRange"])
