"""Which network interface this node is, where it is and how it is addressed: asked once, then kept on disk.

Rules: a failover does not depend on the metadata service, so its answer is cached for good; a machine
cloned with its disk does not act for its parent, so what was cached on another machine, or for another
MAC, is not believed; a cache that cannot be read or written is as good as none. An interface keeps its
id, its subnet and its first private address as long as it lives; the other addresses come and go, so who
needs one that is not in the cache asks again.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vipswitch.deadline import Deadline
from vipswitch.errors import VipswitchError
from vipswitch.model import NodeId
from vipswitch.provider import Machine
from vipswitch.providers import identity as kept
from vipswitch.providers.machine import MACHINE_FILES, digest


@dataclass(frozen=True, slots=True)
class Identity:
    """This node as AWS knows it; `private` begins with the interface's primary address."""

    interface: NodeId
    region: str
    account: str
    instance: str
    vpc: str
    subnet: str
    private: tuple[str, ...]
    public: tuple[str, ...] = ()
    ipv6: tuple[str, ...] = ()


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
        """The identity, from memory, disk or the metadata service. Raises as `Metadata` and `mac` do."""
        with self._asking:
            self._known = self._known or self._find(deadline)
            return self._known

    def refreshed(self, deadline: Deadline) -> Identity:
        """The identity as the metadata service tells it now. Raises as `identity` does."""
        with self._asking:
            self._known = _ask(*self._sources(), deadline)
            return self._known

    def _find(self, deadline: Deadline) -> Identity:
        mac, cache, machine = self._sources()
        return kept.load(cache, machine, Identity) or _ask(mac, cache, machine, deadline)

    def machine(self) -> str:
        """What tells this machine and its interface from all others; empty where nothing does."""
        try:
            return digest(self._files, self._machine.mac())
        except VipswitchError:
            return digest(self._files, "")

    def _sources(self) -> tuple[str, Path, str]:
        mac = self._machine.mac()
        cache = self._machine.cache() / f"aws-identity-{mac.replace(':', '')}.json"
        return mac, cache, digest(self._files, mac)


def _ask(mac: str, cache: Path, machine: str, deadline: Deadline) -> Identity:
    from vipswitch.providers.aws.node.metadata import (
        Metadata,  # http.client: 15 ms that a cached identity saves
    )

    service = Metadata(deadline)
    found, interface = service.document(), service.interface(mac)
    identity = Identity(
        interface.id,
        found.region,
        found.account,
        found.instance,
        interface.vpc,
        interface.subnet,
        interface.private,
        interface.public,
        interface.ipv6,
    )
    kept.keep(cache, machine, identity)
    return identity
