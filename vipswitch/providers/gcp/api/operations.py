"""The operations that this machine has begun at Compute Engine, each until it is known what became of it.

A write that is accepted is answered with an operation, which goes on by itself; that it failed, and why, is
told inside it when it is DONE. Until then its resource looks as before, and nothing there tells that it will
soon be otherwise: an `up` right after a `down` would find this node still holding what is being taken from
it. So an operation is kept on disk as well, for the next process of this machine.

Rules: nothing here waits (a request that Google holds for two minutes would outlive a signal and a newer
order); who wants to know looks again. An operation that cannot be looked at (forgotten by Google, or not ours
to read) is over: what it did is seen at its resource; not so one that nobody was let in to ask about. What is
not there any more has been deleted.
Source: Compute Engine API reference, "globalOperations", "zoneOperations"; docs, "Handling API responses".
"""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vipswitch.deadline import Deadline
from vipswitch.errors import (
    ConfigError,
    Conflict,
    OutcomeUnknown,
    PermissionDenied,
    Unavailable,
)
from vipswitch.providers import kept
from vipswitch.providers.asked import Asked
from vipswitch.providers.gcp.api import meanings as means
from vipswitch.providers.gcp.api.failures import TABLE, ended
from vipswitch.providers.meanings import Said, meant

Document = Mapping[str, Any]
Look = Callable[[str, Asked], Document]
"""Gets a path of the API, and gives the document there."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One write that was accepted: where it is told of, what was asked; until when, if this process did."""

    path: str
    action: str
    subject: str
    deadline: Deadline | None = None


class Operations:
    """The latest operation of each resource that was written; thread-safe. `look` asks Compute Engine.

    They are kept in `folder`, if there is one.
    """

    def __init__(self, look: Look, folder: Path | None = None) -> None:
        self._look = look
        self._folder = folder
        self._changing = threading.Lock()
        self._latest: dict[str, Operation] = {}

    def began(self, asked: Asked, within: str, document: Document) -> None:
        """A write of `asked.resource` was accepted with this operation, which is `within` a scope.

        One that is over already is not kept: raises what its error means; OutcomeUnknown for what is none.
        """
        if document.get("status") == "DONE":
            _raise(asked, document)
            return
        if not (name := document.get("name")):
            raise means.unanswered(asked, Said(("",), "what came back is no operation"))
        path = f"{within}/operations/{name}"
        with self._changing:
            self._latest[asked.resource] = Operation(path, asked.action, asked.subject, asked.deadline)
            self._store(asked.resource, {"path": path, "action": asked.action, "subject": asked.subject})

    def look(self, resource: str, deadline: Deadline) -> bool:
        """Whether our latest write of the resource is still being carried out.

        Raises, once, what became of it otherwise: Undone, Overtaken, or what its error means; Unavailable
        when the question was not answered. What kept the write of an earlier order from being carried out
        need not keep the next one: to whoever has another deadline it is Undone.
        """
        with self._changing:
            known = self._known(resource)
        if known is None:
            return False
        document = self._document(known, deadline)
        if document.get("status") != "DONE":
            return True
        self.forget(resource, known)
        asked = Asked(known.action, known.subject, deadline, resource, writes=True)
        _raise(asked, document, later=True, again=known.deadline is not deadline)
        return False

    def forget(self, resource: str, known: Operation | None = None) -> None:
        """Nobody wants to know any more what becomes of the resource's operation, or of this very one."""
        with self._changing:
            if known is None or self._known(resource) == known:
                self._latest.pop(resource, None)
                self._store(resource, {})

    def _document(self, known: Operation, deadline: Deadline) -> Document:
        scope = next((each for each in ("zone", "region") if f"/{each}s/" in known.path), "global")
        action = f"compute.{scope}Operations.get"
        try:
            return self._look(known.path, Asked(action, known.subject, deadline, known.path))
        except (means.NotFound, means.NotAllowed):
            return {"status": "DONE"}
        except (ConfigError, PermissionDenied) as wrong:
            raise Unavailable(wrong.message, hint=wrong.hint) from wrong

    def _known(self, resource: str) -> Operation | None:
        """The latest one: what is on disk was begun later than what is remembered, if it is another."""
        remembered = self._latest.get(resource)
        raw = kept.load(file) if (file := self._file(resource)) and file.exists() else {}
        if not raw or (remembered and remembered.path == raw.get("path")):
            return remembered
        return Operation(str(raw.get("path")), str(raw.get("action")), str(raw.get("subject")))

    def _store(self, resource: str, document: Document) -> None:
        if (file := self._file(resource)) and document:
            kept.store(file, document)
        elif file:
            with contextlib.suppress(OSError):
                file.unlink()

    def _file(self, resource: str) -> Path | None:
        name = f"gcp-operation-{hashlib.sha256(resource.encode()).hexdigest()[:16]}.json"
        return self._folder / name if self._folder else None


def _raise(asked: Asked, document: Document, *, later: bool = False, again: bool = False) -> None:
    """What the error of an operation means, if it has one; one that may pass and comes later is undone."""
    error = document.get("error")
    if not error:
        return
    said = ended(error, document)
    meaning = meant(TABLE, asked, said, means.refused)
    if isinstance(meaning, means.NotFound) and asked.action.endswith(".delete"):
        return
    if again or (later and isinstance(meaning, _MAY_PASS)):
        raise means.undone(asked, said)
    raise means.overtaken(asked, said) if later and isinstance(meaning, Conflict) else meaning


_MAY_PASS = (Unavailable, OutcomeUnknown)
