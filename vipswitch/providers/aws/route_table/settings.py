"""The config keys of `aws-route-table`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NewType

from vipswitch.model import NodeId
from vipswitch.providers.aws.settings import Account, interfaces_of_all_nodes, url_of
from vipswitch.providers.parsers import like
from vipswitch.providers.tags import Tag, tag
from vipswitch.settings import key

TableId = NewType("TableId", str)

_table = like(r"rtb-[0-9a-f]{8,17}", "a route table id such as rtb-0a1b2c3d4e5f60718")
_fix_or_leave = like("fix|leave", "fix or leave")


def route_table(raw: object) -> TableId | Tag:
    """A route table's id as `aws ec2 describe-route-tables` prints it, or a tag of several."""
    return tag(raw) or TableId(_table(raw))


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteTableSettings(Account):
    """Which route tables, and what to do about the source/destination check."""

    route_tables: tuple[TableId | Tag, ...] = key(
        route_table,
        many=True,
        help="the route tables of all subnets that reach the VIP: ids, or tag:KEY=VALUE",
        metavar="RTB",
    )
    endpoint_url: str | None = url_of("EC2")
    nodes: tuple[NodeId, ...] = interfaces_of_all_nodes()
    source_dest_check: str = key(
        _fix_or_leave, section="aws", default="fix", help="fix: switch it off when it is on; or leave"
    )


def switching_off(interface: NodeId) -> str:
    """What a person types to switch the source/destination check off."""
    return (
        "aws ec2 modify-network-interface-attribute --no-source-dest-check"
        f" --network-interface-id {interface}"
    )
