"""The local AWS as the router sees it: the private addresses of its network interfaces.

Rules: reads moto's state while no call is at work, as `aws_routes` does.
"""

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address
from typing import Any

from vipswitch.testing.aws.server import ACCOUNT, REGION, AwsCloud
from vipswitch.testing.fabric.addresses import PrivateAddresses
from vipswitch.testing.fabric.host import Host
from vipswitch.testing.fabric.router import InterfaceId, Router


class AwsAddresses:
    """`Owners` of one cloud."""

    def __init__(self, cloud: AwsCloud) -> None:
        from moto.ec2.models import ec2_backends

        self._cloud = cloud
        self._ec2 = ec2_backends[ACCOUNT][REGION]

    def owners(self) -> Mapping[IPv4Address, InterfaceId]:
        with self._cloud.at_rest():
            enis = dict(self._ec2.enis)
            return {address: InterfaceId(name) for name, eni in enis.items() for address in of(eni)}


def follow(router: Router, cloud: AwsCloud, interfaces: Mapping[InterfaceId, Host]) -> PrivateAddresses:
    """Lead to what these interfaces have, again after every write to the cloud, before it is answered."""
    owners, addresses = AwsAddresses(cloud), PrivateAddresses(router, interfaces)
    addresses.refresh(owners)
    cloud.journal.subscribe(lambda _: addresses.refresh(owners))
    return addresses


def of(eni: Any) -> Iterator[IPv4Address]:
    """The private addresses of one of moto's network interfaces; none of one that is gone."""
    for address in eni.private_ip_addresses if eni else ():
        yield IPv4Address(address["PrivateIpAddress"])
