"""The config keys of `aws-secondary-ip`."""

from __future__ import annotations

from dataclasses import dataclass

from vipswitch.model import NodeId
from vipswitch.providers.aws.settings import Account, interfaces_of_all_nodes, url_of
from vipswitch.providers.parsers import like
from vipswitch.settings import key

_subnet = like(r"subnet-[0-9a-f]{8,17}", "a subnet id such as subnet-0a1b2c3d4e5f60718")


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondaryIpSettings(Account):
    """The subnet that the VIP's addresses are of; they are in `address`."""

    subnet: str | None = key(
        _subnet,
        default=None,
        help="the subnet that the address is of; default: that of the node's network interface",
        metavar="SUBNET",
    )
    endpoint_url: str | None = url_of("EC2")
    nodes: tuple[NodeId, ...] = interfaces_of_all_nodes()
