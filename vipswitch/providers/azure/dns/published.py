"""Which addresses of this node an address record names.

Rules: what the config does not give is what the metadata service says. The first private address of an
interface lasts as long as the interface, so it is believed from the cache. A public one can be taken away and
another be given at any time: only the metadata service is believed. IPv6 addresses can be changed, but seldom
are: the cache will do when the service cannot be asked. A public address of the Standard SKU is told by the
service's load balancer document only. Source: Azure docs, "Azure Instance Metadata Service for virtual
machines", "Retrieve load balancer information".
"""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import ip_address

from vipswitch.deadline import Deadline
from vipswitch.errors import ConfigError, Unavailable, VipswitchError
from vipswitch.model import Address, NodeId
from vipswitch.providers.azure.node.identity import Home, Identity
from vipswitch.providers.published import together


def published(home: Home, types: Collection[str], deadline: Deadline, *, public: bool) -> NodeId:
    """This node's addresses, one for each type. ConfigError where it has none; Unavailable."""
    found: list[str] = []
    if "A" in types:
        found.append(_public(home, deadline) if public else home.identity(deadline).private[0])
    if "AAAA" in types:
        found.append(_ipv6(home, deadline))
    return together([ip_address(address) for address in found])


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


def _public(home: Home, deadline: Deadline) -> str:
    try:
        identity = home.refreshed(deadline)
        found = _outside(identity, deadline)
    except Unavailable as exc:
        message = f"{exc.message}; without it nobody knows this node's public address of today"
        raise Unavailable(message, hint=exc.hint) from exc
    if not found:
        hint = 'give its network interface a public IP, or set publish = "private"'
        raise ConfigError(f"interface {identity.mac}: has no public IPv4 address", hint=hint)
    return found[0]


def _outside(identity: Identity, deadline: Deadline) -> tuple[str, ...]:
    from vipswitch.providers.azure.node.metadata import frontends  # http.client: 15 ms

    if identity.public:
        return identity.public
    told = frontends(deadline)
    return tuple(told[private] for private in identity.private if private in told)


def _ipv6(home: Home, deadline: Deadline) -> str:
    try:
        identity = home.refreshed(deadline)
    except Unavailable:
        identity = home.identity(deadline)
    if not identity.ipv6:
        hint = "give this network interface one, or leave AAAA out of `types`"
        raise ConfigError(f"interface {identity.mac}: has no IPv6 address", hint=hint)
    return identity.ipv6[0]
