"""The config keys of `gcp-alias-ip`."""

from __future__ import annotations

from dataclasses import dataclass

from vipswitch.providers.gcp.ids import Name
from vipswitch.providers.gcp.peers import nodes_key
from vipswitch.providers.gcp.settings import Account
from vipswitch.providers.parsers import like
from vipswitch.providers.tags import Tag
from vipswitch.settings import key

_range = like(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?", "the name of a secondary range such as services")


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasIpSettings(Account):
    """The instances that the VIP moves between, and which range of their subnetwork it is of."""

    range: str | None = key(
        _range,
        default=None,
        help="the secondary range of the subnetwork that the address is in; default: the primary one",
        metavar="RANGE",
    )
    nodes: tuple[Name | Tag, ...] = nodes_key()
