"""Which addresses a route to this node leads to, and how a node is written by them.

Rules: the config's, else what the metadata service says. The first private address of an interface lasts as
long as the interface is attached, so it is believed from the cache; IPv6 addresses can be changed, but seldom
are: the cache will do when the service cannot be asked.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from ipaddress import ip_address

from vipswitch.deadline import Deadline
from vipswitch.errors import ConfigError, Unavailable
from vipswitch.model import Address, NodeId
from vipswitch.providers.azure.node.identity import Home
from vipswitch.providers.published import given, parts, together, type_of

_ON = "a virtual machine of Azure"


def own(configured: NodeId | None, home: Home, of: Collection[Address], deadline: Deadline) -> NodeId:
    """This node by its addresses: one of each family that `of`, the addresses of the VIP, has.

    ConfigError where it has none; Unavailable.
    """
    types = {type_of(address) for address in of}
    if configured is not None:
        return given(configured, types, on=_ON)
    found = [home.identity(deadline).private[0]] if "A" in types else []
    found += [_ipv6(home, deadline)] if "AAAA" in types else []
    return together([ip_address(address) for address in found])


def hop_of(node: NodeId, address: Address) -> Address:
    """The address of the node at which it takes packets for `address`. ConfigError where it has none."""
    try:
        return parts(node)[type_of(address)]
    except (ValueError, KeyError) as exc:
        message = f"node {node}: has no IPv{address.version} address to route {address} to"
        raise ConfigError(message, hint='write node = "10.0.1.4"; in dual stack "10.0.1.4,fd00::4"') from exc


def _ipv6(home: Home, deadline: Deadline) -> str:
    identity = home.identity(deadline)
    if not identity.ipv6:
        with contextlib.suppress(Unavailable):
            identity = home.refreshed(deadline)
    if not identity.ipv6:
        raise ConfigError(
            f"interface {identity.mac}: has no IPv6 address",
            hint="give its network interface one, or leave the IPv6 address out of the VIP",
        )
    return identity.ipv6[0]
