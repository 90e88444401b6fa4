"""What a provider's test cloud must offer to the contract suite, and the `file` provider's own.

A cloud is shared by the nodes `a`, `b` and `c`, has two places, says the truth past the provider, and
can be made to fail in the ways that real ones do.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar, Protocol, TypeVar

from vipswitch.deadline import Clock, Deadline
from vipswitch.errors import (
    ConfigError,
    Conflict,
    OutcomeUnknown,
    PermissionDenied,
    TimeUp,
    Unavailable,
    VipswitchError,
)
from vipswitch.model import Address, Holding, NodeId, Place, Vip
from vipswitch.provider import Capabilities, Provider
from vipswitch.providers.file import File, FileSettings
from vipswitch.testing.clock import ManualClock

T = TypeVar("T")


NODES = ("a", "b", "c")


class Faults(Protocol):
    """How a test makes a cloud fail. Each call arms one fault; nothing is armed at the start."""

    def lose_answer(self, then: Callable[[], None]) -> None:
        """Carry out the next write, do `then`, and break the connection without an answer."""
        ...

    def unavailable(self, times: int) -> None:
        """Refuse the next `times` requests for now, without doing them."""
        ...

    def fails_inside(self, times: int) -> None:
        """Answer the next `times` writes with a failure of the cloud's own, without doing them."""
        ...

    def deny(self) -> None:
        """Refuse every request for want of permission."""
        ...

    def stale_reads(self, times: int) -> None:
        """After the next write, let `times` reads show the state before it."""
        ...

    def slow(self, seconds: float) -> None:
        """Let the next write take `seconds` and then be refused for now, without being done."""
        ...

    def missing(self, place: Place) -> None:
        """Let that place be gone."""
        ...


class Cloud(Protocol):
    """A test cloud with two places of one VIP and the nodes a, b and c."""

    vip: Vip
    clock: Clock
    faults: Faults

    def provider(self, node: str) -> Provider:
        """The provider as it runs on that node."""
        ...

    def node_id(self, node: str) -> NodeId:
        """The node as a holder."""
        ...

    def truth(self) -> Mapping[Place, NodeId | None]:
        """Who really holds each place."""
        ...

    def writes(self) -> Sequence[float]:
        """When each write was made (monotonic, on `clock`), also those that changed nothing."""
        ...

    def empty(self, place: Place) -> None:
        """Let nobody hold that place any more, past the provider."""
        ...

    def close(self) -> None:
        """The test is over."""
        ...


@dataclass
class Wire:
    """The faults of a `file` cloud and the journal of what got through. Shared by its nodes."""

    clock: ManualClock
    lose: list[Callable[[], None]] = field(default_factory=list)
    refusals: int = 0
    failures: int = 0
    denied: bool = False
    stale_armed: int = 0
    stale: list[dict[Place, Holding | VipswitchError]] = field(default_factory=list)
    slowness: float = 0.0
    gone: set[Place] = field(default_factory=set)
    journal: list[float] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def lose_answer(self, then: Callable[[], None]) -> None:
        """See Faults."""
        self.lose.append(then)

    def unavailable(self, times: int) -> None:
        """See Faults."""
        self.refusals = times

    def fails_inside(self, times: int) -> None:
        """See Faults."""
        self.failures = times

    def deny(self) -> None:
        """See Faults."""
        self.denied = True

    def stale_reads(self, times: int) -> None:
        """See Faults."""
        self.stale_armed = times

    def slow(self, seconds: float) -> None:
        """See Faults."""
        self.slowness = seconds

    def missing(self, place: Place) -> None:
        """See Faults."""
        self.gone.add(place)

    def request(self) -> None:
        """One request goes over the wire, or does not."""
        if self.denied:
            raise PermissionDenied("the file cloud: permission denied", hint="grant it")
        if self.refusals:
            self.refusals -= 1
            raise Unavailable("the file cloud: busy")

    def write(self, place: Place) -> None:
        """What stands between a write and its being done."""
        self.request()
        if place in self.gone:
            raise ConfigError(f"{place}: not found", hint="name one that exists")
        if self.failures:
            self.failures -= 1
            raise OutcomeUnknown("the file cloud: failed inside")
        if self.slowness:
            self.clock.wait(self.slowness)
            self.slowness = 0.0
            raise Unavailable("the file cloud: gave up waiting")

    def written(self) -> None:
        """What stands between the doing and the answer."""
        self.journal.append(self.clock.now().monotonic)
        if self.lose:
            self.lose.pop()()
            raise OutcomeUnknown("the file cloud: connection lost")


class WiredFile(File):
    """The `file` provider behind a wire that can fail."""

    wire: Wire

    def read(self, places: Sequence[Place], deadline: Deadline) -> Mapping[Place, Holding | VipswitchError]:
        """As File, over the wire."""
        self.wire.request()
        if self.wire.stale:
            return self.wire.stale.pop()
        return self._now(places, deadline)

    def _now(self, places: Sequence[Place], deadline: Deadline) -> dict[Place, Holding | VipswitchError]:
        answers = dict(super().read(places, deadline))
        for place in self.wire.gone & answers.keys():
            answers[place] = ConfigError(f"{place}: not found", hint="name one that exists")
        return answers

    def _write(self, place: Place, holder: NodeId | None, seen: Holding | None, deadline: Deadline) -> None:
        self.wire.write(place)
        with self.wire.lock:
            if self.wire.stale_armed:
                self.wire.stale = [self._now(self.places, deadline)] * self.wire.stale_armed
                self.wire.stale_armed = 0
            super()._write(place, holder, seen, deadline)
        self.wire.written()


class WriteFirstFile(WiredFile):
    """The same, declared as a cloud whose claim needs no read before it, and that wants the address."""

    capabilities: ClassVar[Capabilities] = Capabilities(write_first=True)


class MarkingFile(WriteFirstFile):
    """A cloud as a route table is: `claim` replaces whoever holds the place, `down` leaves the pointer.

    Whoever lets go notes it beside the pointer, in a file beside the first. It has no `release`.
    """

    release: None = None  # type: ignore[assignment]

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        """Write `node` as holder, over whoever it is; Conflict where nobody was seen and somebody came."""
        vacant = seen is not None and seen.holder is None
        self._write(place, node, seen if vacant else None, deadline)

    def restore(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        """See Restores."""
        with self.wire.lock:
            if seen.holder is not None and not seen.released:
                raise Conflict(f"{place}: held by {seen.holder}")
            if self._now([place], deadline)[place] != seen:
                raise Conflict(f"{place}: is no longer as it was seen")
            self._write(place, node, seen, deadline)

    def mark(self, place: Place, node: NodeId, generation: int, deadline: Deadline) -> None:
        """See Marks."""
        self._change_marks(place, lambda marks: {**marks, place.id: [node, generation]}, deadline)

    def unmark(self, place: Place, node: NodeId, deadline: Deadline) -> None:
        """See Marks."""
        self._change_marks(
            place, lambda marks: {p: m for p, m in marks.items() if (p, m[0]) != (place.id, node)}, deadline
        )

    def _change_marks(self, place: Place, change: Callable[[Marked], Marked], deadline: Deadline) -> None:
        self.wire.write(place)
        if deadline.passed():
            raise TimeUp(f"{place}: the deadline passed before the mark")
        with self.wire.lock:
            self._marks_path().write_text(json.dumps(change(self._marks())))
        self.wire.written()

    def _now(self, places: Sequence[Place], deadline: Deadline) -> dict[Place, Holding | VipswitchError]:
        marks = self._marks()
        return {p: _with_mark(a, marks.get(p.id)) for p, a in super()._now(places, deadline).items()}

    def _marks(self) -> Marked:
        path = self._marks_path()
        return json.loads(path.read_text()) if path.exists() else {}

    def _marks_path(self) -> Path:
        return self._path.with_suffix(".marks")


Marked = Mapping[str, Sequence[object]]
"""Place id to who has let go of it, and by its order of which generation."""


def _with_mark(answer: Holding | VipswitchError, mark: Sequence[object] | None) -> Holding | VipswitchError:
    """A mark is believed only while the place points at the node that it names."""
    if isinstance(answer, VipswitchError) or answer.holder is None or mark is None:
        return answer
    return replace(answer, released=mark[0] == answer.holder)


class Named:
    """A machine that is only a name."""

    def __init__(self, name: str, folder: Path, *, nodes: Sequence[NodeId] = ()) -> None:
        self._name = name
        self._folder = folder
        self._nodes = tuple(nodes)

    def mac(self) -> str:
        return "02:00:00:00:00:01"

    def shared(self, key: Hashable, make: Callable[[], T]) -> T:
        return make()

    def cache(self) -> Path:
        return self._folder

    def node(self) -> NodeId | None:
        return NodeId(self._name)

    def nodes(self) -> tuple[NodeId, ...]:
        return self._nodes


class FileCloud:
    """The `file` provider's test cloud, or that of any class derived from it."""

    def __init__(self, folder: Path, vip: tuple[Address, ...], make: type[WiredFile] = WiredFile) -> None:
        manual = ManualClock()
        self.clock: Clock = manual
        self.faults = Wire(manual)
        self._folder = folder
        self.vip = Vip("primary", vip)
        self._settings = FileSettings(folder / "cloud.json", ("one", "two"))
        self._make = make

    def provider(self, node: str) -> WiredFile:
        """The provider as it runs on that node."""
        provider = self._make(self._settings, self.vip, Named(node, self._folder))
        provider.wire = self.faults
        return provider

    def node_id(self, node: str) -> NodeId:
        """The node's own name."""
        return NodeId(node)

    def truth(self) -> Mapping[Place, NodeId | None]:
        """What the file says."""
        path = self._settings.path
        raw = json.loads(path.read_text()) if path.exists() else {}
        return {p: raw.get(p.id, {}).get("holder") for p in self.provider("a").places}

    def writes(self) -> Sequence[float]:
        """When the file was written."""
        return tuple(self.faults.journal)

    def empty(self, place: Place) -> None:
        """By a provider whose wire has no faults and no journal."""
        unheard = self._make(self._settings, self.vip, Named("a", self._folder))
        unheard.wire = Wire(ManualClock())
        unheard._write(place, None, None, Deadline(1.0, self.clock))

    def close(self) -> None:
        """Nothing to close."""
