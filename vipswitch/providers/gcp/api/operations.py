"""The operations that this process has begun at Compute Engine, each until it is known what became of it.

A write that is accepted is answered with an operation, which goes on by itself; that it failed, and why, is
told inside it when it is DONE. Rules: nothing here waits (a request that Google holds for two minutes would
outlive a signal and a newer order); who wants to know looks again. An operation that cannot be looked at
(forgotten by Google, or not ours to read) is over: what it did is seen at its resource.
Source: Compute Engine API reference, "globalOperations", "zoneOperations"; docs, "Handling API responses".
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from vipswitch.deadline import Deadline
from vipswitch.errors import (
    ConfigError,
    Conflict,
    OutcomeUnknown,
    PermissionDenied,
    Unavailable,
)
from vipswitch.providers.asked import Asked
from vipswitch.providers.gcp.api import meanings as means
from vipswitch.providers.gcp.api.failures import ended, meant

Document = Mapping[str, Any]
Look = Callable[[str, Asked], Document]
"""Gets a path of the API, and gives the document there."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One write that was accepted: where it is told of, and what was asked."""

    path: str
    asked: Asked


class Operations:
    """The latest operation of each resource that was written; thread-safe. `look` asks Compute Engine."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._changing = threading.Lock()
        self._latest: dict[str, Operation] = {}

    def began(self, asked: Asked, within: str, document: Document) -> None:
        """A write of `asked.resource` was accepted with this operation, which is `within` a scope.

        One that is over already is not kept: raises what its error means.
        """
        if document.get("status") == "DONE":
            _raise(asked, document, again=False)
            return
        with self._changing:
            self._latest[asked.resource] = Operation(f"{within}/operations/{document['name']}", asked)

    def look(self, resource: str, deadline: Deadline) -> bool:
        """Whether our latest write of the resource is still being carried out.

        Raises, once, what became of it otherwise: Undone, or what its error means; Unavailable when the
        question was not answered. What kept the write of an earlier order from being carried out need not
        keep the next one: to whoever has another deadline it is Undone.
        """
        with self._changing:
            known = self._latest.get(resource)
        if known is None:
            return False
        document = self._document(known, deadline)
        if document.get("status") != "DONE":
            return True
        with self._changing:
            if self._latest.get(resource) is known:
                del self._latest[resource]
        _raise(known.asked, document, again=known.asked.deadline is not deadline, later=True)
        return False

    def _document(self, known: Operation, deadline: Deadline) -> Document:
        scope = "global" if "/global/" in known.path else "zone" if "/zones/" in known.path else "region"
        action = f"compute.{scope}Operations.get"
        try:
            return self._look(known.path, Asked(action, known.asked.subject, deadline, known.path))
        except (ConfigError, PermissionDenied):
            return {"status": "DONE"}


def _raise(asked: Asked, document: Document, *, again: bool, later: bool = False) -> None:
    """What the error of an operation means, if it has one; one that may pass and comes later is undone."""
    error = document.get("error")
    if not error:
        return
    said = ended(error, document)
    meaning = meant(asked, said, means.refused)
    raise means.undone(asked, said) if again or (later and isinstance(meaning, _MAY_PASS)) else meaning


_MAY_PASS = (Unavailable, OutcomeUnknown, Conflict)
