"""Addresses that network interfaces have in the cloud, the secondary ones included, as routes of the router.

Rules: an address leads to the interface that the cloud says has it, also if the host there does not know it:
a cloud asks nobody; what is sent to an address that no interface has is dropped by the router's blackhole for
the subnet. Changed in place, differences only. Source: Amazon EC2 user guide, "Secondary IP addresses".
"""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Protocol

from vipswitch.testing.fabric.host import Host
from vipswitch.testing.fabric.router import InterfaceId, Router


class Owners(Protocol):
    """What is read from the fake cloud, each time it has changed."""

    def owners(self) -> Mapping[IPv4Address, InterfaceId]:
        """Which interface has each private address."""


@dataclass(frozen=True, slots=True)
class AddressChange:
    """From `at` (time.monotonic) on, packets to `address` reach `holder`, or nobody."""

    at: float
    address: IPv4Address
    holder: InterfaceId | None


class PrivateAddresses:
    """The private addresses of these interfaces, as the router leads to them."""

    def __init__(self, router: Router, interfaces: Mapping[InterfaceId, Host]) -> None:
        self.history: list[AddressChange] = []
        self._router = router
        self._interfaces = interfaces
        self._owners: dict[IPv4Address, InterfaceId] = {}
        self._lock = threading.Lock()

    def refresh(self, owners: Owners) -> None:
        """Make the kernel's routes what `owners` says now; safe to call from several threads."""
        with self._lock:
            wanted = {to: owner for to, owner in owners.owners().items() if owner in self._interfaces}
            changed = dict(wanted.items() - self._owners.items())
            gone = self._owners.keys() - wanted.keys()
            self._router.namespace.batch(
                [self._route(to, owner) for to, owner in changed.items()] + [f"route del {to}" for to in gone]
            )
            at = time.monotonic()
            self.history += [AddressChange(at, to, owner) for to, owner in changed.items()]
            self.history += [AddressChange(at, to, None) for to in gone]
            self._owners = wanted

    def _route(self, to: IPv4Address, owner: InterfaceId) -> str:
        """To a secondary address by the primary one, which answers ARP whatever the host has besides."""
        host = self._interfaces[owner]
        via = "" if to == host.address else f"via {host.address} "
        return f"route replace {to} {via}dev {host.name}"
