"""Which addresses of this node a DNS record names: those that the metadata service says it has.

Rules: as in every cloud; an ephemeral external address goes when an instance is stopped, and another comes
when it is started. Source: Compute Engine docs, "IP addresses".
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from ipaddress import ip_address

from vipswitch.deadline import Deadline
from vipswitch.model import Address, NodeId
from vipswitch.providers import own_addresses
from vipswitch.providers.gcp.node.identity import Home, Identity
from vipswitch.providers.own_addresses import Words

_WORDS: Words[Identity] = Words(
    called=lambda identity: f"{identity.nic} of {identity.instance}",
    outside=lambda identity, _: identity.public,
    give_public="give it an external IPv4 address",
    give_ipv6="give it one, which takes a subnet with IPv6",
)


def published(home: Home, types: Collection[str], deadline: Deadline, *, public: bool) -> NodeId:
    """This node's addresses, one for each type. ConfigError where it has none; Unavailable."""
    return own_addresses.published(home, _WORDS, types, deadline, public=public)


def belonging(identity: Identity) -> Iterator[Address]:
    """All addresses at which the network or the internet reaches this node."""
    for address in (*identity.private, *identity.public, *identity.ipv6):
        yield ip_address(address)
