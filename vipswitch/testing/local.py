"""The `local` provider's test "cloud": nothing but the neighbours of the hosts in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from vipswitch.deadline import Clock
from vipswitch.model import NodeId, Place
from vipswitch.provider import Provider
from vipswitch.providers.local import Local, LocalSettings
from vipswitch.testing.bed import VIP
from vipswitch.testing.clock import ManualClock
from vipswitch.testing.cloud import Named, Wire


class LocalCloud:
    """No places: who holds the VIP is whom the neighbours send to."""

    def __init__(self, folder: Path, make: Callable[..., Provider] = Local) -> None:
        manual = ManualClock()
        self.vip = VIP
        self.clock: Clock = manual
        self.faults = Wire(manual)
        self._folder = folder
        self._make = make

    def provider(self, node: str) -> Provider:
        """The provider as it runs on that node."""
        return self._make(LocalSettings(), VIP, Named(node, self._folder))

    def node_id(self, node: str) -> NodeId:
        """The node's own name."""
        return NodeId(node)

    def truth(self) -> Mapping[Place, NodeId | None]:
        """There are no places."""
        return {}

    def writes(self) -> Sequence[float]:
        """There is nothing to write."""
        return ()

    def empty(self, place: Place) -> None:
        """There are no places."""

    def close(self) -> None:
        """Nothing to close."""
