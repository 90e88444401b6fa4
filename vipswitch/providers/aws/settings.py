"""The config keys that all AWS methods share: how the API is reached, and as whom.

Whatever is not given follows boto3's own rules (environment, ~/.aws, the instance's role). Only
the region has one source more, the last: the metadata service of this instance.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from vipswitch.model import NodeId
from vipswitch.providers.parsers import like
from vipswitch.settings import key, text

_ROLE = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):role/\S+")


_interface = like(r"eni-[0-9a-f]{8,17}", "the id of a network interface such as eni-0a1b2c3d4e5f60718")


def interface_id(raw: object) -> NodeId:
    """A network interface's id as `aws ec2 describe-network-interfaces` prints it."""
    return NodeId(_interface(raw))


def yes_or_no(raw: object) -> bool:
    """A TOML boolean, or the word for one in a flag."""
    if raw is True or raw == "true":
        return True
    if raw is False or raw == "false":
        return False
    raise ValueError(f"expected true or false, found {raw!r}")


def _url(raw: object) -> str:
    given = text(raw)
    parts = urlsplit(given)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{given} is not a URL such as https://vpce-1.ec2.eu-west-1.vpce.amazonaws.com")
    return given


def _session_tag(raw: object) -> tuple[str, str]:
    found = re.fullmatch(r"([\w .:/=+@-]{1,128}?)=([\w .:/=+@-]{0,256})", text(raw))
    if not found:
        raise ValueError(f"{raw!r} is not a session tag such as team=database")
    return found[1], found[2]


_region = like(r"[a-z]{2,}(-[a-z0-9]+)+", "a region such as eu-west-1")
_role = like(_ROLE.pattern, "a role's ARN such as arn:aws:iam::123456789012:role/vipswitch")
_external_id = like(r"[\w+=,.@:/-]{2,1224}", "an external id: 2 or more of A-Z a-z 0-9 _+=,.@:/-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The account and region to work in, and the credentials to begin with."""

    region: str | None = key(_region, section="aws", default=None, help="region of the VPC")
    profile: str | None = key(text, section="aws", default=None, help="profile in ~/.aws/config")
    fips: bool = key(yes_or_no, section="aws", default=False, help="true: use the FIPS endpoints of AWS")
    assume_role: str | None = key(
        _role, section="aws", default=None, help="ARN of the role to move the VIP as (another account)"
    )
    external_id: str | None = key(
        _external_id, section="aws", default=None, help="external id that the role's trust policy asks for"
    )
    session_tags: tuple[tuple[str, str], ...] = key(
        _session_tag,
        many=True,
        section="aws",
        default=(),
        help="tags of the role's session, such as team=database",
    )

    @property
    def identity(self) -> tuple[object, ...]:
        """What tells whose requests these are, and where to: equal for VIPs that can share their clients."""
        who = (self.assume_role, self.external_id, self.session_tags)
        return (self.region, self.profile, self.fips, *who)


def url_of(api: str) -> Any:
    """The key for another endpoint of an API."""
    return key(_url, section="aws", default=None, help=f"URL of the {api} API")


def interfaces_of_all_nodes() -> Any:
    """The key `nodes` of the methods that move something between network interfaces."""
    about = "the network interfaces of all nodes: narrows what `vipswitch iam` prints"
    return key(interface_id, many=True, section="aws", default=(), help=about)


def account_of(role: str) -> str:
    """The account that a role belongs to."""
    found = _ROLE.fullmatch(role)
    return found[1] if found else "*"
