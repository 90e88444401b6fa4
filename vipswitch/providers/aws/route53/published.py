"""Which addresses of this node a DNS record names.

Rules: what the config does not give is what EC2 says. A primary private address lasts as long as its
interface, so it is believed from the cache. A public one goes when an instance is stopped and another comes
when it is started: only the metadata service is believed. IPv6 addresses can be changed, but seldom are: the
cache will do when the service cannot be asked. Source: EC2 User Guide, "EC2 instance IP addressing".
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from ipaddress import ip_address

from vipswitch.deadline import Deadline
from vipswitch.errors import ConfigError, Unavailable
from vipswitch.model import Address, NodeId
from vipswitch.providers.aws.node.identity import Home, Identity
from vipswitch.providers.published import together


def published(home: Home, types: Collection[str], deadline: Deadline, *, public: bool) -> NodeId:
    """This node's addresses, one for each type. ConfigError where it has none; Unavailable."""
    found: list[str] = []
    if "A" in types:
        found.append(_public(home, deadline) if public else home.identity(deadline).private[0])
    if "AAAA" in types:
        found.append(_ipv6(home, deadline))
    return together([ip_address(address) for address in found])


def belonging(identity: Identity) -> Iterator[Address]:
    """All addresses at which the VPC or the internet reaches this node."""
    for address in (*identity.private, *identity.public, *identity.ipv6):
        yield ip_address(address)


def _public(home: Home, deadline: Deadline) -> str:
    try:
        identity = home.refreshed(deadline)
    except Unavailable as exc:
        message = f"{exc.message}; without it nobody knows this node's public address of today"
        raise Unavailable(message, hint=exc.hint) from exc
    if not identity.public:
        hint = 'give it a public or an Elastic IP, or set publish = "private"'
        raise ConfigError(f"{identity.interface}: has no public IPv4 address", hint=hint)
    return identity.public[0]


def _ipv6(home: Home, deadline: Deadline) -> str:
    try:
        identity = home.refreshed(deadline)
    except Unavailable:
        identity = home.identity(deadline)
    if not identity.ipv6:
        hint = "assign one to this network interface, or leave AAAA out of `types`"
        raise ConfigError(f"{identity.interface}: has no IPv6 address", hint=hint)
    return identity.ipv6[0]
