"""Operations: what a write sets going, and when it ends.

Rules: a write takes effect when its operation ends, and not before; an operation ends after it was looked at
`gets` times while it ran (a GET of it or of what it is on), or `seconds` after it began, if that is given.
What goes wrong then is inside the operation, whose GET is answered with 200. Operations on one resource end
in their order. Stuck ones do not end. Source: "Handling API responses", Compute Engine; Operation in the
discovery document.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from . import errors
from .answers import Json
from .errors import GcpError


@dataclass(frozen=True, slots=True)
class Fate:
    """How an operation is to end, other than well; without a code it is stuck."""

    code: str | None = None
    message: str = ""
    status: int = 400


@dataclass(frozen=True, slots=True)
class Work:
    """What an operation is to do: `commit` is called once, and may raise GcpError; it gives the warnings.

    `scope` is where the operation is asked for, `claims` what nobody else may take while it runs.
    """

    kind: str
    scope: str
    target: str
    commit: Callable[[], list[Json]]
    target_id: str = ""
    collection: str = "operations"
    claims: frozenset[str] = frozenset()


@dataclass(slots=True, eq=False)
class Operation:
    """One operation."""

    id: str
    name: str
    work: Work
    user: str
    began: float
    inserted: str
    fate: Fate | None = None
    seen: int = 0
    ended: str = ""
    outcome: Json = field(default_factory=dict)

    @property
    def running(self) -> bool:
        return not self.ended

    @property
    def stuck(self) -> bool:
        return self.fate is not None and self.fate.code is None

    @property
    def path(self) -> str:
        return f"{self.work.scope}/{self.work.collection}/{self.name}"

    def shown(self) -> Json:
        """As it is told, with paths for links."""
        scope = self.work.scope.split("/")[-2]
        place = {} if scope not in ("zones", "regions") else {scope.rstrip("s"): self.work.scope}
        return {
            "kind": "compute#operation",
            "id": self.id,
            "name": self.name,
            **place,
            "operationType": self.work.kind,
            "targetLink": self.work.target,
            **({"targetId": self.work.target_id} if self.work.target_id else {}),
            "status": "RUNNING" if self.running else "DONE",
            "user": self.user,
            "progress": 0 if self.running else 100,
            "insertTime": self.inserted,
            "startTime": self.inserted,
            **({"endTime": self.ended} if self.ended else {}),
            **self.outcome,
            "selfLink": self.path,
        }

    def finish(self, at: str) -> None:
        """Ends as was meant for it."""
        self.ended = at
        if self.fate and self.fate.code:
            self.outcome = errors.failure(self.fate.code, self.fate.message, self.fate.status)
            return
        try:
            warnings = self.work.commit()
        except GcpError as refusal:
            self.outcome = refusal.inside()
        else:
            self.outcome = {"warnings": warnings} if warnings else {}


class Operations:
    """All operations of one cloud."""

    def __init__(
        self,
        now: Callable[[], float],
        stamp: Callable[[], str],
        ids: Callable[[str], str],
        *,
        gets: int,
        seconds: float | None,
    ) -> None:
        self.gets = gets
        self.seconds = seconds
        self._now = now
        self._stamp = stamp
        self._ids = ids
        self._all: dict[str, Operation] = {}
        self._asked: dict[tuple[str, str], Operation] = {}
        self._listeners: list[Callable[[str], object]] = []
        self._telling = False

    def subscribe(self, listener: Callable[[str], object]) -> Callable[[], None]:
        """Calls `listener` with the path of each resource whose operation has ended."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def begin(
        self, work: Work, user: str, fate: Fate | None, request_id: str | None, *, name: str | None = None
    ) -> Operation:
        """A new operation; the same request is the same operation."""
        id_ = self._ids(work.target)
        name = name or f"operation-{id_}"
        operation = Operation(id_, name, work, user, self._now(), self._stamp(), fate)
        self._all[operation.path] = operation
        if request_id:
            self._asked[user, request_id] = operation
        return operation

    def repeated(self, user: str, request_id: str | None) -> Operation | None:
        """The operation of an earlier request of the same id."""
        return self._asked.get((user, request_id)) if request_id else None

    def find(self, path: str) -> Operation | None:
        return self._all.get(path)

    def all(self) -> list[Operation]:
        """In the order in which they began."""
        return list(self._all.values())

    def running(self) -> list[Operation]:
        """In the order in which they began."""
        return [operation for operation in self._all.values() if operation.running]

    def on(self, target: str) -> list[Operation]:
        """Those that run on a resource."""
        return [operation for operation in self.running() if operation.work.target == target]

    def claimed(self, what: str) -> bool:
        """Whether an operation that runs is about to take it."""
        return any(what in operation.work.claims for operation in self.running())

    def settle(self) -> None:
        """Ends those whose time is over; not while a listener looks, so that each end is told by itself."""
        for operation in self.running() if not self._telling and self.seconds is not None else ():
            if self._now() >= operation.began + (self.seconds or 0.0):
                self.finish(operation)

    def look(self, operation: Operation) -> None:
        """Counts a look, which finds the operation running or at its end."""
        if not operation.running or self.seconds is not None:
            return
        operation.seen += 1
        if operation.seen > self.gets:
            self.finish(operation)

    def look_at(self, target: str) -> None:
        """Counts a look at a resource, or at all below a path."""
        for operation in self.running():
            if f"{operation.work.target}/".startswith(f"{target}/"):
                self.look(operation)

    def finish(self, operation: Operation) -> None:
        """Ends an operation as was meant for it, after those before it, unless one is stuck."""
        for one in self.on(operation.work.target):
            if one.stuck:
                return
            self._finish(one)
            if one is operation:
                return

    def _finish(self, operation: Operation) -> None:
        operation.finish(self._stamp())
        self.tell(operation.work.target)

    def tell(self, target: str) -> None:
        """Calls the listeners with what has changed."""
        self._telling = True
        try:
            for listener in tuple(self._listeners):
                listener(target)
        finally:
            self._telling = False
