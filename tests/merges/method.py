"""A method whose merges are tried: what it moves on which local cloud, and what a request meets there."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from pathlib import Path
from typing import Any, ClassVar, Protocol

from vipswitch.model import NodeId, Vip
from vipswitch.testing.cloud import NODES
from vipswitch.testing.wire import Answer, Request


class Ends(Enum):
    """When an operation ends: by the answer to its write, at the first look at it, or at any turn."""

    AT_ONCE = auto()
    WHEN_LOOKED_AT = auto()
    AT_ANY_TURN = auto()


class Line(Protocol):
    """The way of an actor's requests to the cloud."""

    def handle(self, asked: Request) -> Answer:
        """The answer, as soon as there is one."""
        ...


class Method:
    """One method on a cloud of its own, in which `holder` holds the VIP.

    `ends` is when its operations do. `made` has the object of each of them by its name. `meddles`: what a
    node writes to may be somebody else's as well.
    `takes_back`: a write that was accepted may come to nothing, because another one had come first.
    `frees`: whoever lets go leaves nobody.
    """

    name: ClassVar[str]
    vip: ClassVar[Vip]
    provider: ClassVar[type[Any]]
    gap_s: ClassVar[float]
    meddles: ClassVar[bool] = True
    takes_back: ClassVar[bool] = False
    frees: ClassVar[bool] = False

    def __init__(self, holder: str | None, made: dict[str, str], ends: Ends) -> None:
        raise NotImplementedError

    def settings(self) -> Any:
        """The provider's."""
        raise NotImplementedError

    def clients(self, line: Line, folder: Path) -> object:
        """The clients of one process, which ask over that line, and remember things in that folder."""
        raise NotImplementedError

    def node_id(self, name: str) -> NodeId:
        """A node as a holder."""
        raise NotImplementedError

    def holders(self) -> tuple[str, ...]:
        """Who really holds the VIP."""
        return tuple(name for name in NODES if self.holds(name))

    def holds(self, name: str) -> bool:
        """Whether that node does."""
        raise NotImplementedError

    # somebody else

    def meddle(self, line: Line) -> bool:
        """Change what node a writes to, if that is still as it was read, keeping all else; whether that was
        done."""
        raise NotImplementedError

    def meddled(self, documents: Mapping[str, Any]) -> bool:
        """Whether that shows."""
        raise NotImplementedError

    # what a request meets

    def answer(self, what: Request | str) -> Answer:
        """What the cloud answers; or the operation on an object ends."""
        raise NotImplementedError

    def running(self) -> list[str]:
        """The objects whose operations can be ended."""
        raise NotImplementedError

    def unfinished(self) -> list[str]:
        """The objects whose operations run, whether anything but a look at them would end them or not."""
        return self.running()

    def short(self, asked: Request) -> str:
        """What is asked, as it is shown."""
        raise NotImplementedError

    def looked_at(self, what: Request | str, *, writes: bool) -> set[str]:
        """The objects that a request looks at."""
        raise NotImplementedError

    def objects(self) -> Mapping[str, object]:
        """All that requests can change, as it is now."""
        raise NotImplementedError

    def documents(self) -> Mapping[str, Any]:
        """All objects, as they are now, whatever their versions."""
        raise NotImplementedError

    def fingerprint(self) -> str:
        """All that later answers depend on."""
        raise NotImplementedError
