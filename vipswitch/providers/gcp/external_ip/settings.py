"""The config keys of `gcp-external-ip`."""

from __future__ import annotations

from dataclasses import dataclass

from vipswitch.providers.gcp.ids import ADDRESSES, GLOBAL, Name, name_of, resource
from vipswitch.providers.gcp.peers import nodes_key
from vipswitch.providers.gcp.settings import Account
from vipswitch.providers.parsers import like
from vipswitch.providers.tags import Tag
from vipswitch.settings import key, text

_named = name_of(ADDRESSES, "an address such as vip-db: a name, region/name, or the URL of one")
_nic = like(r"nic[0-9]+(\.[0-9]+)?", "a network interface such as nic0")


def _regional(raw: object) -> Name:
    whole = resource(text(raw))
    if whole is not None and whole.kind == ADDRESSES and whole.scope == GLOBAL:
        raise ValueError(f"{text(raw)} is global: only an address of a region can be an instance's")
    return _named(raw)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalIpSettings(Account):
    """Which external addresses, and on which network interface of each node they belong."""

    external_ip: tuple[Name, ...] = key(
        _regional,
        many=True,
        help="the reserved external addresses that are the VIP: names, region/name, or URLs",
        metavar="ADDRESS",
    )
    network_interface: tuple[str, ...] = key(
        _nic,
        many=True,
        default=(),
        help="the interface of every node for each of them (nic0); default: the one of the VIP's interface",
        metavar="NIC",
    )
    nodes: tuple[Name | Tag, ...] = nodes_key()
