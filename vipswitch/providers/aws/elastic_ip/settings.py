"""The config keys of `aws-elastic-ip`."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import NewType

from vipswitch.model import NodeId
from vipswitch.providers.aws.settings import Account, interfaces_of_all_nodes, url_of
from vipswitch.providers.parsers import like
from vipswitch.providers.tags import Tag, tag
from vipswitch.settings import key, text

AllocationId = NewType("AllocationId", str)

_allocation = like(r"eipalloc-[0-9a-f]{8,17}", "an allocation id such as eipalloc-0a1b2c3d4e5f60718")


def allocation(raw: object) -> AllocationId | Tag:
    """An Elastic IP's allocation id as `aws ec2 describe-addresses` prints it, or a tag of several."""
    return tag(raw) or AllocationId(_allocation(raw))


def ipv4(raw: object) -> IPv4Address:
    """An IPv4 address."""
    try:
        return IPv4Address(text(raw))
    except ValueError as wrong:
        raise ValueError(f"{raw!r} is not an IPv4 address") from wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class ElasticIpSettings(Account):
    """Which Elastic IPs (here, or by the VIP's `address`), and the private addresses that they map to."""

    allocations: tuple[AllocationId | Tag, ...] = key(
        allocation,
        many=True,
        default=(),
        help="the Elastic IPs: allocation ids, or tag:KEY=VALUE; not needed with `address`",
        metavar="EIPALLOC",
    )
    private_address: tuple[IPv4Address, ...] = key(
        ipv4,
        many=True,
        default=(),
        help="what they map to: of these, those of the node's interface; default: its primary address",
        metavar="IP",
    )
    endpoint_url: str | None = url_of("EC2")
    nodes: tuple[NodeId, ...] = interfaces_of_all_nodes()
