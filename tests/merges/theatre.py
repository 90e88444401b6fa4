"""Where the same play is begun again and again, each time on a cloud of its own."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.merges.method import Ends, Method
from tests.merges.remembered import Remembered
from tests.merges.scene import UP_S, Death, Scene
from vipswitch.testing.hosts import MemoryHost
from vipswitch.testing.merges import Memory, Stage
from vipswitch.testing.wire import Answer, Request


class Theatre:
    """Begins the same play again and again; what its actors do is remembered for all of them."""

    def __init__(
        self,
        folder: Path,
        method: type[Method],
        *cast: Callable[[Scene], object],
        make: type[Any] | None = None,
        holder: str | None = "c",
        ends: Ends = Ends.WHEN_LOOKED_AT,
        patience_s: float = UP_S,
        host: type[MemoryHost] = MemoryHost,
    ) -> None:
        self._host = host
        self._patience_s = patience_s
        self._folder = folder
        made: dict[str, str] = {}
        self._cloud = Remembered(lambda: method(holder, made, ends))
        self._cast = cast
        self._make = hasty(make or method.provider, patience_s)
        self._memory: Memory = {}
        self._plays = itertools.count()

    def begin(self, death: Death | None = None) -> Callable[[], AbstractContextManager[Scene]]:
        """What begins a play, in which an actor dies."""
        return lambda: self._begin(death)

    @contextmanager
    def _begin(self, death: Death | None) -> Iterator[Scene]:
        folder = self._folder / str(next(self._plays))
        stage: Stage[Request, Answer]
        self._cloud.begin()
        with Stage() as stage:
            scene = Scene(
                self._cloud,
                stage,
                folder,
                memory=self._memory,
                make=self._make,
                death=death,
                patience_s=self._patience_s,
                host=self._host,
            )
            for enter in self._cast:
                enter(scene)
            yield scene
        shutil.rmtree(folder, ignore_errors=True)


def hasty(make: type[Any], life_s: float) -> type[Any]:
    """The same provider, for which the agent looks at what does not change no longer than an order does."""
    return type(make.__name__, (make,), {"capabilities": replace(make.capabilities, life_s=life_s)})
