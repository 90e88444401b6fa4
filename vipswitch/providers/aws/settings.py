"""The config keys of the AWS providers; what all of them share is how the API is reached, and as whom.

Whatever is not given follows boto3's own rules (environment, ~/.aws, the instance's role). Only
the region has one source more, the last: the metadata service of this instance.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NewType
from urllib.parse import urlsplit

from vipswitch.model import NodeId
from vipswitch.settings import key, text

TableId = NewType("TableId", str)

_ROLE = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):role/\S+")


def route_table_id(raw: object) -> TableId:
    """An id as `aws ec2 describe-route-tables` prints it."""
    return TableId(_like(r"rtb-[0-9a-f]{8,17}", "a route table id such as rtb-0a1b2c3d4e5f60718")(raw))


def _like(pattern: str, wanted: str) -> Callable[[object], str]:
    def parse(raw: object) -> str:
        given = text(raw)
        if not re.fullmatch(pattern, given):
            raise ValueError(f"{given} is not {wanted}")
        return given

    return parse


def _url(raw: object) -> str:
    given = text(raw)
    parts = urlsplit(given)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{given} is not a URL such as https://vpce-1.ec2.eu-west-1.vpce.amazonaws.com")
    return given


_region = _like(r"[a-z]{2,}(-[a-z0-9]+)+", "a region such as eu-west-1")
_role = _like(_ROLE.pattern, "a role's ARN such as arn:aws:iam::123456789012:role/vipswitch")


_external_id = _like(r"[\w+=,.@:/-]{2,1224}", "an external id: 2 or more of A-Z a-z 0-9 _+=,.@:/-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The account and region to work in, and the credentials to begin with."""

    region: str | None = key(_region, section="aws", default=None, help="region of the VPC")
    profile: str | None = key(text, section="aws", default=None, help="profile in ~/.aws/config")
    endpoint_url: str | None = key(_url, section="aws", default=None, help="URL of the EC2 API")
    assume_role: str | None = key(
        _role, section="aws", default=None, help="ARN of the role to change the tables as (another account)"
    )
    external_id: str | None = key(
        _external_id, section="aws", default=None, help="external id that the role's trust policy asks for"
    )


def _fix_or_leave(raw: object) -> str:
    if (given := text(raw)) not in ("fix", "leave"):
        raise ValueError(f"{given} is neither fix nor leave")
    return given


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteTableSettings(Account):
    """Which route tables, and what to do about the source/destination check."""

    route_tables: tuple[TableId, ...] = key(
        route_table_id, many=True, help="the route tables of all subnets that reach the VIP", metavar="RTB"
    )
    source_dest_check: str = key(
        _fix_or_leave, section="aws", default="fix", help="fix: switch it off when it is on; or leave"
    )


def account_of(role: str) -> str:
    """The account that a role belongs to."""
    found = _ROLE.fullmatch(role)
    return found[1] if found else "*"


def switching_off(interface: NodeId) -> str:
    """What a person types to switch the source/destination check off."""
    return (
        "aws ec2 modify-network-interface-attribute --no-source-dest-check"
        f" --network-interface-id {interface}"
    )
