"""The config keys of `gcp-route`."""

from __future__ import annotations

from dataclasses import dataclass

from vipswitch.providers.gcp.ids import NETWORKS, Name, name_of
from vipswitch.providers.gcp.settings import Account
from vipswitch.settings import key


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteSettings(Account):
    """In which networks the VIP is reached."""

    networks: tuple[Name, ...] = key(
        name_of(NETWORKS, "a network such as prod or projects/host/global/networks/prod", placed=False),
        many=True,
        default=(),
        help="the VPC networks that reach the VIP: names, or URLs; default: that of this node's interface",
        metavar="NETWORK",
    )
