"""An armed fault: which calls it acts on, how often, and what it does to them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from ..wire import Answer
from .protocol import ApiRequest


class Drop(Exception):
    """The connection is to be closed without an answer."""


Effect = Callable[[ApiRequest], Answer | None]
Where = Callable[[ApiRequest], bool]


@dataclass(slots=True, eq=False)
class Rule:
    """Acts on one action from one client address (None: all); `times` counts down, None never ends.

    `where` says of each such call whether it is meant, None: all are.
    """

    effect: Effect
    action: str | None = None
    source: str | None = None
    times: int | None = None
    where: Where | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def disarm(self) -> None:
        """Ends the rule; a call that it already holds stays held."""
        with self._lock:
            self.times = 0

    def takes(self, api: ApiRequest) -> bool:
        """Whether the rule acts on this call; asking counts as acting."""
        if self.action not in (None, api.action) or self.source not in (None, api.source):
            return False
        if self.where is not None and not self.where(api):
            return False
        with self._lock:
            armed = self.times != 0
            self.times = self.times - 1 if self.times else self.times
            return armed


class Gate:
    """Where a held call waits with all of its work still to do; `arrived` is set by the first one."""

    def __init__(self) -> None:
        self.arrived = threading.Event()
        self._open = threading.Event()

    def release(self) -> None:
        """Lets the held calls go on, and those that still come."""
        self._open.set()

    def pass_through(self) -> None:
        """Waits until the gate is open."""
        self.arrived.set()
        self._open.wait()
