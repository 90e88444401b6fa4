"""What the cloud holds: documents by their paths, as they are in effect.

Rules: a document has paths for links and only what is kept; what follows from others (a route's warnings, an
address's users) is put in when it is shown. What a read is to be old about is kept beside it. `hidden` is
what the API does not tell of a resource: a MAC address, who else uses an address. `projects` are the numbers
of the projects by their ids.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from . import links
from .answers import Json, copied
from .errors import not_found
from .ids import Ids
from .operations import Operations
from .rules import Rules

_PACIFIC = timezone(timedelta(hours=-7))


class Store:
    """Everything that one cloud knows."""

    def __init__(
        self,
        rules: Rules,
        now: Callable[[], float],
        wall: Callable[[], float],
        *,
        gets: int,
        seconds: float | None,
    ) -> None:
        self.rules = rules
        self.now = now
        self.wall = wall
        self.operations = Operations(now, self.stamp, self.id, gets=gets, seconds=seconds)
        self.ids = Ids()
        self.projects: dict[str, str] = {}
        self.hidden: dict[str, Json] = {}
        self.freed: dict[str, float] = {}
        self._documents: dict[str, Json] = {}
        self._old: dict[str, tuple[Json | None, int]] = {}

    def id(self, of: str) -> str:
        """A new number for a resource, or for an operation on it."""
        return self.ids.next(of)

    def stamp(self) -> str:
        """The time, as Compute Engine writes it: Pacific."""
        at = datetime.fromtimestamp(self.wall(), UTC).astimezone(_PACIFIC)
        return at.isoformat(timespec="milliseconds")

    def find(self, path: str) -> Json | None:
        """What is in effect; not to be changed."""
        return self._documents.get(path)

    def get(self, path: str) -> Json:
        """What is in effect. Raises GcpError if there is nothing."""
        if (found := self._documents.get(path)) is None:
            raise not_found(path)
        return found

    def put(self, path: str, document: Json) -> None:
        self._documents[path] = document

    def change(self, path: str, **values: Any) -> None:
        """Gives a document these values; one that a reader has stays as it was."""
        self._documents[path] = {**copied(self._documents[path]), **values}

    def remove(self, path: str) -> None:
        self._documents.pop(path, None)

    def below(self, prefix: str) -> list[tuple[str, Json]]:
        """All that is in effect below a path, in the order in which it came."""
        return [(path, one) for path, one in self._documents.items() if path.startswith(f"{prefix}/")]

    def of_kind(self, kind: str) -> Iterator[tuple[str, Json]]:
        """All of a kind (`instances`), in all projects."""
        for path, one in list(self._documents.items()):
            if path.rsplit("/", 2)[-2] == kind:
                yield path, one

    def keep_old(self, path: str, before: Json | None, times: int) -> None:
        """Lets the next reads of it see what was before."""
        if times:
            self._old[path] = (copied(before) if before else None, times)

    def read(self, path: str) -> Json | None:
        """What a read sees, which may be old; asking counts as reading."""
        before, left = self._old.get(path, (None, 0))
        if not left:
            return self._documents.get(path)
        self._old[path] = (before, left - 1)
        return before

    def read_below(self, prefix: str, depth: int = 1) -> list[tuple[str, Json]]:
        """The same for all that are so many names below a path."""
        paths = dict.fromkeys([*self._documents, *(path for path, (_, n) in self._old.items() if n)])
        found = [p for p in paths if p.startswith(f"{prefix}/") and p.count("/") == prefix.count("/") + depth]
        return [(path, one) for path in found if (one := self.read(path)) is not None]

    def shown(self, document: Json) -> Json:
        """A copy for an answer, with whole links."""
        return links.shown(document, self.rules, self.projects)

    def path(self, name: str, project: str) -> str:
        """The path that a name in a request means."""
        return links.path(name, project, self.projects)
