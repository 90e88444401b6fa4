"""Which virtual machine and interface this node is: asked once of the metadata service, then kept on disk.

Rules: a failover does not depend on the metadata service, so its answer is cached for good; a machine
cloned with its disk does not act for its parent, so what was cached on another machine, or for another
MAC, is not believed; a cache that cannot be read or written is as good as none. A machine and the first
private address of its interface stay together as long as the interface is attached; the other addresses come
and go, so who needs one that is not in the cache asks again. The metadata service does not tell the id of a
network interface; whoever finds it out elsewhere has it kept here.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from vipswitch.deadline import Deadline
from vipswitch.errors import VipswitchError
from vipswitch.provider import Machine
from vipswitch.providers import identity as kept
from vipswitch.providers.machine import MACHINE_FILES, digest


@dataclass(frozen=True, slots=True)
class Identity:
    """This node as Azure knows it; `private` begins with the interface's primary address.

    `machine` is the id of the virtual machine, `nic` that of the interface, empty until somebody knows it.
    """

    subscription: str
    group: str
    location: str
    machine: str
    mac: str
    private: tuple[str, ...]
    public: tuple[str, ...] = ()
    ipv6: tuple[str, ...] = ()
    nic: str = ""


class Home:
    """Where this process runs; thread-safe. `files` tell one machine from another."""

    def __init__(self, machine: Machine, files: Sequence[Path] = MACHINE_FILES) -> None:
        self._machine = machine
        self._files = files
        self._asking = threading.Lock()
        self._known: Identity | None = None

    @property
    def known(self) -> Identity | None:
        """The identity, if it has been asked for already."""
        return self._known

    def identity(self, deadline: Deadline) -> Identity:
        """The identity, from memory, disk or the metadata service.

        Raises Unavailable; ConfigError where the VIP's interface is none of this machine's; as `mac` does.
        """
        with self._asking:
            self._known = self._known or self._find(deadline)
            return self._known

    def refreshed(self, deadline: Deadline) -> Identity:
        """The identity as the metadata service tells it now. Raises as `identity` does."""
        with self._asking:
            nic = self._known.nic if self._known else ""
            self._known = self._keep(replace(_ask(self._machine.mac(), deadline), nic=nic))
            return self._known

    def remember(self, nic: str) -> None:
        """The id of this node's network interface, from now on."""
        with self._asking:
            if self._known is not None:
                self._known = self._keep(replace(self._known, nic=nic))

    def machine(self) -> str:
        """What tells this machine and its interface from all others; empty where nothing does."""
        try:
            return digest(self._files, self._machine.mac())
        except VipswitchError:
            return digest(self._files, "")

    def _find(self, deadline: Deadline) -> Identity:
        mac = self._machine.mac()
        known = kept.load(self._cache(mac), digest(self._files, mac), Identity)
        return known or self._keep(_ask(mac, deadline))

    def _keep(self, identity: Identity) -> Identity:
        kept.keep(self._cache(identity.mac), digest(self._files, identity.mac), identity)
        return identity

    def _cache(self, mac: str) -> Path:
        return self._machine.cache() / f"azure-identity-{mac.replace(':', '')}.json"


def _ask(mac: str, deadline: Deadline) -> Identity:
    from vipswitch.providers.azure.node.metadata import (
        document,  # http.client: 15 ms that a cached identity saves
    )

    found = document(deadline)
    own = found.interface(mac)
    return Identity(
        found.subscription,
        found.group,
        found.location,
        found.machine,
        mac,
        own.private,
        own.public,
        own.ipv6,
    )
