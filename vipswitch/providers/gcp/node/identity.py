"""Which instance and interface this node is: asked once of the metadata service, then kept on disk.

Rules: a failover does not depend on the metadata service, so its answer is cached for good, for this machine
and this MAC alone. The zone, the network and the first private address of an interface stay together as long
as the instance lives; an instance that is stopped may be given another name, so the agent asks again when it
starts. The other addresses come and go, so who needs one that is not in the cache asks again.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from vipswitch.deadline import Deadline
from vipswitch.errors import VipswitchError
from vipswitch.model import Address
from vipswitch.provider import Machine
from vipswitch.providers import identity as kept
from vipswitch.providers.gcp.ids import INSTANCES, NETWORKS, Resource, last
from vipswitch.providers.machine import MACHINE_FILES, digest

if TYPE_CHECKING:
    from vipswitch.providers.gcp.node.metadata import Attached


@dataclass(frozen=True, slots=True)
class Identity:
    """This node as Google Cloud knows it; `private` begins with the interface's primary address.

    `number` is the other name of its project, `nic` the interface (`nic0`). `network_project` is the number
    of the project that its network is in: another one with a Shared VPC. `addresses` are those of all
    interfaces, this one's first, as `NUMBER/NETWORK/ADDRESS`.
    """

    project: str
    number: str
    zone: str
    instance: str
    mac: str
    nic: str
    network_project: str
    network: str
    addresses: tuple[str, ...]
    private: tuple[str, ...]
    public: tuple[str, ...] = ()
    ipv6: tuple[str, ...] = ()

    @property
    def resource(self) -> Resource:
        """This instance."""
        return Resource(self.project, f"zones/{self.zone}", INSTANCES, self.instance)

    @property
    def of_network(self) -> Resource:
        """The network of the interface; by its project's number where that is another project."""
        own = self.network_project == self.number
        return Resource(self.project if own else self.network_project, "global", NETWORKS, self.network)

    def addresses_in(self, network: Resource) -> tuple[Address, ...]:
        """Its own in a network. The number of another project is not known: its id may be that of any."""
        told = [each.split("/") for each in self.addresses]
        return tuple(
            ip_address(address)
            for number, name, address in told
            if name == network.name and self._may_be(number, network.project)
        )

    def _may_be(self, number: str, project: str) -> bool:
        if project.isdigit():
            return number == project
        return (number == self.number) == (project == self.project)


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

        Raises Unavailable; ConfigError where the VIP's interface is none of this instance's; as `mac` does.
        """
        with self._asking:
            self._known = self._known or self._find(deadline)
            return self._known

    def refreshed(self, deadline: Deadline) -> Identity:
        """The identity as the metadata service tells it now. Raises as `identity` does."""
        with self._asking:
            self._known = self._keep(_ask(self._machine.mac(), deadline))
            return self._known

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
        return self._machine.cache() / f"gcp-identity-{mac.replace(':', '')}.json"


def _ask(mac: str, deadline: Deadline) -> Identity:
    from vipswitch.providers.gcp.node.metadata import (
        document,  # http.client: 15 ms that a cached identity saves
    )

    found = document(deadline)
    own = found.interface(mac)
    others = [each for each in found.interfaces if each is not own]
    return Identity(
        found.project,
        found.number,
        found.zone,
        found.instance,
        mac,
        own.nic,
        own.network.split("/")[1],
        last(own.network),
        tuple(each for attached in (own, *others) for each in _addresses(attached)),
        own.private,
        own.public,
        own.ipv6,
    )


def _addresses(attached: Attached) -> Iterator[str]:
    _, number, _, network = attached.network.split("/")
    yield from (f"{number}/{network}/{address}" for address in (*attached.private, *attached.ipv6))
