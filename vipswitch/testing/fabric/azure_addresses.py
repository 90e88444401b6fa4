"""The local Azure as the router sees it: the private addresses of its network interfaces.

Rules: an interface has what the last operation on it has carried out, not what was last asked for: an address
comes when the operation that gives it ends, and goes when the one that takes it off ends. Asked of the fake
in this process, past its API, so that it is neither in the journal nor hit by faults.
Source: "Add IP addresses to an Azure network interface"; "Track asynchronous Azure operations".
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from ipaddress import IPv4Address
from typing import Any

from vipswitch.testing.azure import AzureCloud
from vipswitch.testing.fabric.addresses import PrivateAddresses
from vipswitch.testing.fabric.host import Host
from vipswitch.testing.fabric.router import InterfaceId, Router


class AzureAddresses:
    """`Owners` of one cloud; its interfaces are known by their resource ids."""

    def __init__(self, cloud: AzureCloud, interfaces: Collection[InterfaceId]) -> None:
        self._cloud = cloud
        self._interfaces = interfaces

    def owners(self) -> Mapping[IPv4Address, InterfaceId]:
        nics = {name: self._cloud.in_effect(name) for name in self._interfaces}
        return {address: name for name, nic in nics.items() for address in of(nic)}


def follow(router: Router, cloud: AzureCloud, interfaces: Mapping[InterfaceId, Host]) -> PrivateAddresses:
    """Lead to what these interfaces have, again after every operation, before anybody can see its end."""
    owners, addresses = AzureAddresses(cloud, interfaces), PrivateAddresses(router, interfaces)
    follow_operations(cloud, lambda: addresses.refresh(owners))
    return addresses


def follow_operations(cloud: AzureCloud, refresh: Callable[[], None]) -> None:
    """Call `refresh` now and at the end of every operation, each time while the cloud is at rest."""
    cloud.subscribe(lambda _: refresh())
    with cloud.arm.working:
        refresh()


def of(nic: Mapping[str, Any] | None) -> Iterator[IPv4Address]:
    """The private IPv4 addresses of an interface's document; none of one that is gone."""
    for configuration in nic["properties"]["ipConfigurations"] if nic else ():
        properties = configuration["properties"]
        if properties["privateIPAddressVersion"] == "IPv4":
            yield IPv4Address(properties["privateIPAddress"])
