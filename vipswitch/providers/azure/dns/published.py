"""Which addresses of this node an address record names: those that the metadata service says it has.

Rules: as in every cloud. A public address of the Standard SKU is told by the service's load balancer document
only. Source: Azure docs, "Azure Instance Metadata Service for virtual machines", "Retrieve load balancer
information".
"""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import ip_address

from vipswitch.deadline import Deadline
from vipswitch.errors import Unavailable, VipswitchError
from vipswitch.model import Address, NodeId
from vipswitch.providers import own_addresses
from vipswitch.providers.azure.node.identity import Home, Identity
from vipswitch.providers.own_addresses import Words


def published(home: Home, types: Collection[str], deadline: Deadline, *, public: bool) -> NodeId:
    """This node's addresses, one for each type. ConfigError where it has none; Unavailable."""
    return own_addresses.published(home, _WORDS, types, deadline, public=public)


def belonging(
    identity: Identity, deadline: Deadline, *, public: bool
) -> tuple[Address, ...] | VipswitchError:
    """All addresses at which the virtual network, or the internet if that is asked, reaches this node.

    The error for which they are not all known.
    """
    try:
        outside = _outside(identity, deadline) if public else ()
    except Unavailable as wrong:
        return wrong
    return tuple(ip_address(address) for address in (*identity.private, *outside, *identity.ipv6))


def _outside(identity: Identity, deadline: Deadline) -> tuple[str, ...]:
    from vipswitch.providers.azure.node.metadata import frontends  # http.client: 15 ms

    if identity.public:
        return identity.public
    told = frontends(deadline)
    return tuple(told[private] for private in identity.private if private in told)


_WORDS: Words[Identity] = Words(
    called=lambda identity: f"interface {identity.mac}",
    outside=_outside,
    give_public="give its network interface a public IP",
    give_ipv6="give this network interface one",
)
