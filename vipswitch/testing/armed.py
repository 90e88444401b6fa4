"""An armed fault: which calls it acts on, how often, and what it does to them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Generic, Protocol, TypeVar

from .wire import Answer


class Drop(Exception):
    """The connection is to be closed without an answer."""


class Asked(Protocol):
    """A call, as far as faults choose by it."""

    @property
    def action(self) -> str:
        """What is asked for, in the cloud's own word."""
        ...

    @property
    def resource(self) -> str:
        """The id of what it is about."""
        ...

    @property
    def source(self) -> str:
        """The client's address."""
        ...


C = TypeVar("C", bound=Asked)


@dataclass(frozen=True, slots=True)
class Match(Generic[C]):
    """The calls that are meant: None stands for all.

    An action may have `*` in it (`*/write`); `on` is the last name of the resource; `where` is asked of each
    such call.
    """

    action: str | None = None
    on: str | None = None
    source: str | None = None
    where: Callable[[C], bool] | None = None

    def __call__(self, call: C) -> bool:
        return (
            (self.action is None or fnmatchcase(call.action.lower(), self.action.lower()))
            and (self.on is None or f"/{call.resource}".lower().endswith(f"/{self.on.lower()}"))
            and self.source in (None, call.source)
            and (self.where is None or self.where(call))
        )


@dataclass(slots=True, eq=False)
class Rule(Generic[C]):
    """Acts on the calls that match; `times` counts down, None never ends."""

    effect: Callable[[C], Answer | None]
    match: Match[C]
    times: int | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def disarm(self) -> None:
        """Ends the rule; a call that it already holds stays held."""
        with self._lock:
            self.times = 0

    def takes(self, call: C) -> bool:
        """Whether the rule acts on this call; asking counts as acting."""
        if not self.match(call):
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
