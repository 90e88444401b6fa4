"""`local`: no cloud. The address itself on a real layer 2, announced to the neighbours.

There is no place to point anywhere: who holds the VIP is who has the address and announced it last.
Nothing can be compared and set, so quorum is wholly the caller's business.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from vipswitch.deadline import Deadline
from vipswitch.errors import Refused, VipswitchError
from vipswitch.model import Holding, NodeId, Place, Vip
from vipswitch.provider import Call, Capabilities, Finding, Level, Machine


@dataclass(frozen=True, slots=True)
class LocalSettings:
    """Nothing to set: address and interface say it all."""


class Local:
    """A VIP that is just an address on this host."""

    Settings = LocalSettings
    capabilities: ClassVar[Capabilities] = Capabilities(write_first=True, announces=True)

    def __init__(self, settings: LocalSettings, vip: Vip, machine: Machine) -> None:
        self._machine = machine

    @property
    def places(self) -> tuple[Place, ...]:
        """None: the host is all there is."""
        return ()

    def node(self, deadline: Deadline) -> NodeId:
        """The MAC of the VIP's interface, as the neighbours will see it."""
        return self._machine.node() or NodeId(self._machine.mac())

    def read(self, places: Sequence[Place], deadline: Deadline) -> Mapping[Place, Holding | VipswitchError]:
        """Nothing to read."""
        return {}

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        """Never called: there is no place."""
        raise Refused(f"{place}: the local provider has no places")

    def contention_key(self, place: Place) -> str:
        """Never needed: there is no place."""
        return place.id

    def calls(self, call: Call, places: Sequence[Place], node: NodeId) -> list[str]:
        """No request is ever made."""
        return []

    def check(self, deadline: Deadline) -> Iterable[Finding]:
        """The interface is there; the rest is the host's own part of the preflight."""
        yield Finding(Level.OK, "interface", f"found, MAC {self._machine.mac()}")
