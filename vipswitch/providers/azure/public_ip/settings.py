"""The config keys of `azure-public-ip`."""

from __future__ import annotations

from dataclasses import dataclass

from vipswitch.providers.azure.ids import PUBLIC_ADDRESSES, Name, name_of
from vipswitch.providers.azure.peers import nodes_key
from vipswitch.providers.azure.settings import Account
from vipswitch.providers.parsers import like
from vipswitch.providers.tags import Tag
from vipswitch.settings import key

_configuration = like(r"[\w.-]{1,80}", "the name of an ip configuration such as ipconfig1")


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicIpSettings(Account):
    """Which public IPs, and on which ip configuration of each node's network interface they belong."""

    public_ip: tuple[Name, ...] = key(
        name_of(PUBLIC_ADDRESSES, "a public IP such as pip-db"),
        many=True,
        help="the public IPs that are the VIP: names, group/name, or ids",
        metavar="PIP",
    )
    ip_configuration: tuple[str, ...] = key(
        _configuration,
        many=True,
        default=(),
        help="the ip configuration of every node for each of them, by name; default: the primary one",
        metavar="NAME",
    )
    nodes: tuple[Name | Tag, ...] = nodes_key()
