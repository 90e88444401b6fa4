"""Which addresses of this node its records name, where the config does not give them: as its cloud says.

Rules: the first private address of an interface lasts as long as the interface, so it is believed from the
cache. A public one can be taken away and another be given at any time: only the metadata service is believed.
IPv6 addresses can be changed, but seldom are: the cache will do when the service cannot be asked.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Generic, Protocol, TypeVar

from vipswitch.deadline import Deadline
from vipswitch.errors import ConfigError, Unavailable
from vipswitch.model import NodeId
from vipswitch.providers.published import together


class Addresses(Protocol):
    """What a cloud says of this node's interface; `private` begins with its primary address."""

    @property
    def private(self) -> tuple[str, ...]:
        """At least one."""
        ...

    @property
    def ipv6(self) -> tuple[str, ...]:
        """None, one, or several."""
        ...


Known = TypeVar("Known", bound=Addresses)
Told = TypeVar("Told", bound=Addresses, covariant=True)


class Home(Protocol[Told]):
    """Who asks the metadata service, and keeps what it said."""

    def identity(self, deadline: Deadline) -> Told:
        """From memory, from disk, or as it says now."""
        ...

    def refreshed(self, deadline: Deadline) -> Told:
        """As it says now. Raises Unavailable."""
        ...


@dataclass(frozen=True, slots=True)
class Words(Generic[Known]):
    """One cloud's: what it calls an interface, which public IPv4 addresses that has.

    `give_public` and `give_ipv6` are what people can do where there is none.
    """

    called: Callable[[Known], str]
    outside: Callable[[Known, Deadline], Sequence[str]]
    give_public: str
    give_ipv6: str


def published(
    home: Home[Known], words: Words[Known], types: Collection[str], deadline: Deadline, *, public: bool
) -> NodeId:
    """This node's addresses, one for each type. ConfigError where it has none; Unavailable."""
    found: list[str] = []
    if "A" in types:
        found.append(_public(home, words, deadline) if public else home.identity(deadline).private[0])
    if "AAAA" in types:
        found.append(_ipv6(home, words, deadline))
    return together([ip_address(address) for address in found])


def _public(home: Home[Known], words: Words[Known], deadline: Deadline) -> str:
    try:
        identity = home.refreshed(deadline)
        found = words.outside(identity, deadline)
    except Unavailable as exc:
        message = f"{exc.message}; without it nobody knows this node's public address of today"
        raise Unavailable(message, hint=exc.hint) from exc
    if not found:
        hint = f'{words.give_public}, or set publish = "private"'
        raise ConfigError(f"{words.called(identity)}: has no public IPv4 address", hint=hint)
    return found[0]


def _ipv6(home: Home[Known], words: Words[Known], deadline: Deadline) -> str:
    try:
        identity = home.refreshed(deadline)
    except Unavailable:
        identity = home.identity(deadline)
    if not identity.ipv6:
        hint = f"{words.give_ipv6}, or leave AAAA out of `types`"
        raise ConfigError(f"{words.called(identity)}: has no IPv6 address", hint=hint)
    return identity.ipv6[0]
