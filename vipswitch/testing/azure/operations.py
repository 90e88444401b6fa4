"""Long-running operations: what a write sets going, and when it ends.

Rules: an operation ends after it has been looked at `gets` times while it ran (a GET of its URL or of its
resource), or `seconds` after it began, if that is given; what is due is found out at the next request. Stuck
ones do not end. Source: "Track asynchronous Azure operations"; the statuses are those of azure-cli's
recording test_multiple_ipconfigs_remove_by_shorthand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from . import errors
from .answers import Json

_VERSION = "2024-05-01"


@dataclass(frozen=True, slots=True)
class Fate:
    """How an operation is to end, other than well; without a code it is stuck."""

    status: str = "Failed"
    code: str | None = None
    message: str = ""
    details: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True, eq=False)
class Operation:
    """One operation on one resource; `end` is called once, with whether it ended well."""

    id: str
    name: str
    resource: str
    location: str
    began: float
    end: Callable[[Operation], None]
    fate: Fate | None = None
    seen: int = 0
    status: str = "InProgress"
    error: Json | None = field(default=None)

    @property
    def running(self) -> bool:
        return self.status == "InProgress"

    @property
    def stuck(self) -> bool:
        return self.fate is not None and self.fate.code is None

    def shown(self) -> Json:
        return {"status": self.status, **({"error": self.error} if self.error else {})}

    def finish(self) -> None:
        """Ends as was meant for it."""
        if self.fate and self.fate.code:
            self.error = errors.body(self.fate.code, self.fate.message, self.fate.details)
        self.status = self.fate.status if self.fate else "Succeeded"
        self.end(self)

    def supersede(self, other: Operation) -> None:
        """Ends because another write came; `end` is not called, the other one takes over."""
        text = (
            f"Operation {self.name} ({self.id}) was canceled and superseded by operation {other.name}"
            f" ({other.id})."
        )
        self.status = "Canceled"
        self.error = errors.body(
            "Canceled", "Operation was canceled.", [("CanceledAndSupersededDueToAnotherOperation", text)]
        )


def url(base: str, operation: Operation, kind: str = "operations") -> str:
    """Where an operation's status, or its result, is asked for; signed, as the real ones now are."""
    subscription = operation.resource.split("/")[2]
    place = f"/subscriptions/{subscription}/providers/Microsoft.Network/locations/{operation.location}"
    return f"{base}{place}/{kind}/{operation.id}?api-version={_VERSION}&s={operation.id}"


class Operations:
    """All operations of one cloud."""

    def __init__(self, now: Callable[[], float], *, gets: int, seconds: float | None) -> None:
        self.gets = gets
        self.seconds = seconds
        self._now = now
        self._all: dict[str, Operation] = {}
        self._listeners: list[Callable[[str], object]] = []
        self._telling = False

    def subscribe(self, listener: Callable[[str], object]) -> Callable[[], None]:
        """Calls `listener` with the id of each resource whose operation has ended; returns what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def begin(self, operation: Operation) -> None:
        self._all[operation.id.lower()] = operation

    def find(self, id_: str) -> Operation | None:
        return self._all.get(id_.lower())

    def running(self) -> Iterable[Operation]:
        return [operation for operation in self._all.values() if operation.running]

    def settle(self) -> None:
        """Ends those whose time is over; not while a listener looks, so that each end is told by itself."""
        for operation in self.running() if not self._telling else ():
            due = self.seconds is not None and self._now() >= operation.began + self.seconds
            if due:
                self.finish(operation)

    def look(self, operation: Operation | None) -> None:
        """Counts a GET, which finds the operation running or at its end."""
        if operation is None or not operation.running or self.seconds is not None:
            return
        operation.seen += 1
        if operation.seen > self.gets:
            self.finish(operation)

    def finish(self, operation: Operation) -> None:
        """Ends an operation as was meant for it, unless it is stuck."""
        if operation.stuck:
            return
        operation.finish()
        self._telling = True
        try:
            for listener in tuple(self._listeners):
                listener(operation.resource)
        finally:
            self._telling = False
