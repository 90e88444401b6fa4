"""What `vipswitch check` says in every cloud of a VIP that is a name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from ipaddress import ip_address

from vipswitch.deadline import Deadline
from vipswitch.errors import VipswitchError
from vipswitch.model import Address, NodeId
from vipswitch.provider import Finding, Level

_LONG_TTL_S = 60


def published(
    node: Callable[[Deadline], NodeId],
    own: Collection[Address] | VipswitchError,
    deadline: Deadline,
    *,
    of: str,
) -> Finding:
    """Whether this node publishes addresses of its own; `of` is what they belong to.

    An address that cannot be found out now could not be found out in a failover either: an error.
    """
    subject = "published addresses"
    try:
        told = node(deadline)
    except VipswitchError as wrong:
        return Finding(Level.ERROR, subject, wrong.message, wrong.hint)
    if isinstance(own, VipswitchError):
        message = f"{told}, not compared with this node's own: {own.message}"
        return Finding(Level.WARNING, subject, message, f"see that clients reach this node at {told}")
    foreign = {ip_address(address) for address in told.split(",")} - set(own)
    if foreign:
        message = f"{', '.join(sorted(map(str, foreign)))}: not an address of {of}"
        return Finding(Level.ERROR, subject, message, "see to `node` in this node's config")
    return Finding(Level.OK, subject, told)


def own_ttl(seconds: int) -> Iterator[Finding]:
    """What is to be published from now on."""
    yield from _long_lived("ttl", seconds, "set ttl = 10")


def ttl_there(about: str, seconds: int) -> Iterator[Finding]:
    """What resolvers have already keeps its old TTL, also through the next failover."""
    yield from _long_lived(about, seconds, "lower it by hand, and wait as long as it was")


def audience(subject: str, *, private: bool, public: bool, network: str) -> Iterator[Finding]:
    """Whether those who see a zone can use the addresses; `public` says which ones it is told."""
    if private and public:
        message = "is private, and is told the nodes' public addresses: clients go by way of the internet"
        yield Finding(Level.WARNING, subject, message, 'set publish = "private"')
    if not private and not public:
        message = "is public, and is told the nodes' private addresses: the internet cannot reach them"
        fix = f'set publish = "public", unless all clients have a way into the {network}'
        yield Finding(Level.WARNING, subject, message, fix)


def stays(about: str, type_: str, says: str) -> Finding:
    """An address record that does not move leads some clients elsewhere for good."""
    message = f"stays as it is, {says}: some clients go there"
    return Finding(Level.WARNING, about, message, f"delete it, or add {type_} to `types`")


def _long_lived(subject: str, seconds: int, fix: str) -> Iterator[Finding]:
    if seconds > _LONG_TTL_S:
        message = f"{seconds} s: for so long after a failover clients may still go to the old node"
        yield Finding(Level.WARNING, subject, message, fix)
