"""The local Azure as the router sees it: the private addresses of its network interfaces.

Rules: those of `operations`. Interfaces are known by their resource ids.
Source: "Add IP addresses to an Azure network interface"; "Track asynchronous Azure operations".
"""

from collections.abc import Callable, Iterator, Mapping
from ipaddress import IPv4Address

from vipswitch.testing.azure import AzureCloud
from vipswitch.testing.fabric import operations
from vipswitch.testing.fabric.addresses import PrivateAddresses
from vipswitch.testing.fabric.host import Host
from vipswitch.testing.fabric.operations import Carried, Document
from vipswitch.testing.fabric.router import InterfaceId, Router


def follow(router: Router, cloud: AzureCloud, interfaces: Mapping[InterfaceId, Host]) -> PrivateAddresses:
    """Lead to what these interfaces have, again after every operation, before anybody can see its end."""
    owners, addresses = Carried(cloud, interfaces, of), PrivateAddresses(router, interfaces)
    follow_operations(cloud, lambda: addresses.refresh(owners))
    return addresses


def follow_operations(cloud: AzureCloud, refresh: Callable[[], None]) -> None:
    """See `operations.follow`."""
    operations.follow(cloud, cloud.arm.working, refresh)


def of(nic: Document | None) -> Iterator[IPv4Address]:
    """The private IPv4 addresses of an interface's document; none of one that is gone."""
    for configuration in nic["properties"]["ipConfigurations"] if nic else ():
        properties = configuration["properties"]
        if properties["privateIPAddressVersion"] == "IPv4":
            yield IPv4Address(properties["privateIPAddress"])
