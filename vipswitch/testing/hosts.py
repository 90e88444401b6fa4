"""Hosts in memory: which addresses they have, and what their neighbours believe."""

from __future__ import annotations

from dataclasses import dataclass, field

from vipswitch.errors import VipswitchError
from vipswitch.model import Address


@dataclass
class Segment:
    """One layer-2 network: for each address the host that its neighbours would send to."""

    neighbours: dict[Address, str] = field(default_factory=dict)


class MemoryHost:
    """A host whose addresses are a set. Arm `broken` to have every change fail with that error."""

    def __init__(self, name: str, segment: Segment) -> None:
        self.name = name
        self.addresses: set[Address] = set()
        self.broken: VipswitchError | None = None
        self.changes: list[str] = []
        self._segment = segment

    def has(self, address: Address) -> bool:
        """Whether the address is here."""
        return address in self.addresses

    def add(self, address: Address, timeout_s: float) -> None:
        """Have it here from now on."""
        self._change(f"add {address}")
        self.addresses.add(address)
        self._segment.neighbours.setdefault(address, self.name)

    def remove(self, address: Address, timeout_s: float) -> None:
        """Have it here no longer."""
        self._change(f"remove {address}")
        self.addresses.discard(address)

    def announce(self, address: Address) -> None:
        """Have the neighbours believe that it is here."""
        self._change(f"announce {address}")
        self._segment.neighbours[address] = self.name

    def _change(self, what: str) -> None:
        if self.broken is not None:
            raise self.broken
        self.changes.append(what)
