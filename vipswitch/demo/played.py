"""The demo in the place of an HA manager: one node is chosen, and when it dies the next.

Rules: choosing takes the 2.0 s that three of Pgpool-II's watchdogs need, and is said to be played.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

from vipswitch.demo.node import Node
from vipswitch.demo.vip import VIP

DETECTION_S = 2.0


class Played:
    """Calls the hooks itself."""

    def __init__(self, nodes: Sequence[Node], *, because: str) -> None:
        self.name = f"played by the demo, because {because}"
        self.detection = "detection and election (played)"
        self._nodes = nodes
        self._timers: list[threading.Timer] = []

    def begin(self) -> None:
        self._nodes[0].run(self._nodes[0].hook("up", str(VIP)))

    def replace(self, dead: Node) -> None:
        """The next node in the list is chosen after a while."""
        new = next(node for node in self._nodes if node is not dead)
        timer = threading.Timer(DETECTION_S, lambda: new.run(new.hook("up", str(VIP))))
        timer.daemon = True
        timer.start()
        self._timers.append(timer)

    def end(self) -> None:
        for timer in self._timers:
            timer.cancel()
