"""Which addresses of this node a DNS record names: those that EC2 says it has.

Rules: as in every cloud; a public address goes when an instance is stopped, and another comes when it is
started. Source: EC2 User Guide, "EC2 instance IP addressing".
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from ipaddress import ip_address

from vipswitch.deadline import Deadline
from vipswitch.model import Address, NodeId
from vipswitch.providers import own_addresses
from vipswitch.providers.aws.node.identity import Home, Identity
from vipswitch.providers.own_addresses import Words

_WORDS: Words[Identity] = Words(
    called=lambda identity: identity.interface,
    outside=lambda identity, _: identity.public,
    give_public="give it a public or an Elastic IP",
    give_ipv6="assign one to this network interface",
)


def published(home: Home, types: Collection[str], deadline: Deadline, *, public: bool) -> NodeId:
    """This node's addresses, one for each type. ConfigError where it has none; Unavailable."""
    return own_addresses.published(home, _WORDS, types, deadline, public=public)


def belonging(identity: Identity) -> Iterator[Address]:
    """All addresses at which the VPC or the internet reaches this node."""
    for address in (*identity.private, *identity.public, *identity.ipv6):
        yield ip_address(address)
