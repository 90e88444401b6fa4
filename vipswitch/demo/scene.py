"""What a story needs of its scene, whether packets or a file say who has the VIP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from vipswitch.demo.events import Event
from vipswitch.demo.node import Node
from vipswitch.demo.probes import Probes


@dataclass(frozen=True, slots=True)
class Route:
    """From `at` on, `place` leads to `holder`, or to nobody."""

    at: float
    place: str
    holder: str | None


@dataclass(frozen=True, slots=True)
class Request:
    """One request that reached the cloud's API."""

    node: str
    action: str
    writes: bool
    received: float


class Caller(Protocol):
    """Who chooses the node that is to have the VIP, and calls its hook."""

    name: str
    detection: str

    def begin(self) -> None:
        """Start choosing."""

    def replace(self, dead: Node) -> None:
        """That node has just died."""

    def end(self) -> None:
        """Choose no more."""


class Scene(Protocol):
    """Nodes, a client, and something that says who has the VIP (the `pointer`); all of it running."""

    nodes: Sequence[Node]
    caller: Caller
    probes: Probes
    events: list[Event]
    pointer: str

    def about(self) -> Mapping[str, str]:
        """Who is who, for people."""

    def observe(self) -> None:
        """Note what has happened and does not tell by itself."""

    def routes(self) -> Sequence[Route]:
        """Every change of every place, up to now."""

    def requests(self) -> Sequence[Request]:
        """Every request to the cloud, up to now."""


def holders(routes: Sequence[Route]) -> Mapping[str, str | None]:
    """Who holds each place after these changes."""
    return {route.place: route.holder for route in routes}
