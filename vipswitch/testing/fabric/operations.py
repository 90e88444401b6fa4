"""Clouds in which a write is carried out by an operation, as the router sees them.

Rules: an interface has what the last operation on it has carried out, not what was last asked for: an address
comes when the operation that gives it ends, and goes when the one that takes it off ends. The local cloud is
asked in this process, past its API, so that it is neither in the journal nor hit by faults.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Any, Protocol

from vipswitch.testing.fabric.router import InterfaceId

Document = Mapping[str, Any]


class Cloud(Protocol):
    """What is asked of a local cloud."""

    def in_effect(self, name: str, /) -> Document | None:
        """What of a resource was last carried out."""

    def subscribe(self, listener: Callable[[str], object], /) -> Callable[[], None]:
        """Have `listener` called after each operation, before anybody can see its end."""


@dataclass(frozen=True, slots=True)
class Carried:
    """`Owners` of one cloud, whose interfaces are known by what it can be asked for.

    `addresses` reads the document of an interface; of one that is gone it is given None.
    """

    cloud: Cloud
    interfaces: Collection[InterfaceId]
    addresses: Callable[[Document | None], Iterable[IPv4Address]]

    def owners(self) -> Mapping[IPv4Address, InterfaceId]:
        found = {name: self.cloud.in_effect(name) for name in self.interfaces}
        return {address: name for name, document in found.items() for address in self.addresses(document)}


def follow(cloud: Cloud, working: AbstractContextManager[object], refresh: Callable[[], None]) -> None:
    """Call `refresh` now and at the end of every operation, each time while the cloud is at rest.

    `working` is what a call that is at work holds.
    """
    cloud.subscribe(lambda _: refresh())
    with working:
        refresh()
