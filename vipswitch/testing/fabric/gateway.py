"""The internet gateway: each public address is one private address, both ways.

Rules: stateless, so that a move holds for the open connections too; what comes for a public address that
belongs to nobody, or leaves from a private one that has none, is dropped without a word. Inside the cloud
network a public address leads nowhere, and whether a subnet's table has a route to the gateway is not asked.
Source: Amazon VPC user guide, "Internet gateways", on network address translation.
"""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Protocol

from vipswitch.testing.fabric import nat
from vipswitch.testing.fabric.addresses import AddressChange
from vipswitch.testing.fabric.namespaces import Namespace
from vipswitch.testing.fabric.router import InterfaceId


@dataclass(frozen=True, slots=True)
class Association:
    """Where a public address leads: a private address that `interface` has."""

    private: IPv4Address
    interface: InterfaceId


class Associations(Protocol):
    """What is read from the fake cloud, each time it has changed."""

    def associations(self) -> Mapping[IPv4Address, Association]:
        """The associated public addresses."""


class InternetGateway:
    """Between the router and the internet, at the router's port to it; until told otherwise it is shut."""

    def __init__(self, router: Namespace, port: str) -> None:
        self.history: list[AddressChange] = []
        self._router = router
        self._port = port
        self._associations: dict[IPv4Address, Association] = {}
        self._lock = threading.Lock()
        nat.translate(router, port, {})

    def refresh(self, associations: Associations) -> None:
        """Translate as `associations` says now; safe to call from several threads."""
        with self._lock:
            wanted = dict(associations.associations())
            changed = dict(wanted.items() - self._associations.items())
            gone = self._associations.keys() - wanted.keys()
            if changed or gone:
                nat.translate(self._router, self._port, {to: each.private for to, each in wanted.items()})
            at = time.monotonic()
            self.history += [AddressChange(at, to, each.interface) for to, each in changed.items()]
            self.history += [AddressChange(at, to, None) for to in gone]
            self._associations = wanted
