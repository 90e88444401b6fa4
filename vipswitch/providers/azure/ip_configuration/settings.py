"""The config keys of `azure-ip-configuration`."""

from __future__ import annotations

from dataclasses import dataclass

from vipswitch.providers.azure.ids import PUBLIC_ADDRESSES, Name, name_of
from vipswitch.providers.azure.peers import nodes_key
from vipswitch.providers.azure.settings import Account
from vipswitch.providers.tags import Tag
from vipswitch.settings import key


@dataclass(frozen=True, slots=True, kw_only=True)
class IpConfigurationSettings(Account):
    """The network interfaces that the VIP moves between, and the public IPs that move along."""

    public_ip: tuple[Name, ...] = key(
        name_of(PUBLIC_ADDRESSES, "a public IP such as pip-db"),
        many=True,
        default=(),
        help="the public IP that moves along, one for each address: name, group/name or id; default: none",
        metavar="PIP",
    )
    nodes: tuple[Name | Tag, ...] = nodes_key()
