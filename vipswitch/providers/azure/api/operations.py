"""The operations that this process has begun at Azure, each until it is known what became of it.

A write that ARM has accepted goes on by itself; its `Azure-AsyncOperation` URL tells how far it is, and why
it failed. Rules: nothing here waits; who wants to know looks again. The URL is asked only at the host of the
endpoint, because the token goes with it. An operation that cannot be looked at (forgotten by Azure, or not
ours to read) is over: what it did is seen at its resource.
Source: Azure Resource Manager docs, "Track asynchronous Azure operations".
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
    VipswitchError,
)
from vipswitch.providers.asked import Asked
from vipswitch.providers.azure.api import meanings as means
from vipswitch.providers.azure.api.failures import TABLE, names_of
from vipswitch.providers.meanings import Said, meant

Look = Callable[[str, Asked], Mapping[str, Any]]
"""Gets a URL, and gives the document there."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One write that was accepted: where it is told of, and what was asked."""

    url: str
    asked: Asked


class Operations:
    """The latest operation of each resource that was written; thread-safe. `look` asks Azure."""

    def __init__(self, look: Look, host: str) -> None:
        self._look = look
        self._host = host
        self._changing = threading.Lock()
        self._latest: dict[str, Operation] = {}

    def began(self, asked: Asked, url: str) -> None:
        """A write of `asked.resource` was accepted, and `url` tells how it goes on."""
        if host_of(url) == self._host:
            with self._changing:
                self._latest[asked.resource.lower()] = Operation(url, asked)

    def look(self, resource: str, deadline: Deadline) -> bool:
        """Whether our latest write of the resource is still being carried out.

        Raises, once, what became of it otherwise: Undone, or what its error means; Unavailable when the
        question was not answered. What kept the write of an earlier order from being carried out need not
        keep the next one: to whoever has another deadline it is Undone.
        """
        key = resource.lower()
        with self._changing:
            known = self._latest.get(key)
        if known is None:
            return False
        document = self._document(known, deadline)
        status = document.get("status")
        if status not in _ENDS:
            return True
        with self._changing:
            if self._latest.get(key) is known:
                del self._latest[key]
        if status != "Succeeded":
            raise _failure(known.asked, document, again=known.asked.deadline is not deadline)
        return False

    def _document(self, known: Operation, deadline: Deadline) -> Mapping[str, Any]:
        asked = Asked("the operation's status", known.asked.subject, deadline, known.url)
        try:
            return self._look(known.url, asked)
        except (ConfigError, PermissionDenied):
            return {"status": "Succeeded"}


_ENDS = ("Succeeded", "Failed", "Canceled")


def host_of(url: str) -> str:
    """Scheme, host and port of a URL: where a token would go."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}".lower()


def _failure(asked: Asked, document: Mapping[str, Any], *, again: bool) -> VipswitchError:
    """What the end of an operation means; one that failed for a reason that may pass is undone."""
    error = document.get("error") or {}
    message = " ".join(str(error.get("message") or "").split())
    said = Said((*names_of(error), document["status"]), message)
    meaning = meant(TABLE, asked, said, means.refused)
    return means.undone(asked, said) if again or isinstance(meaning, _MAY_PASS) else meaning


_MAY_PASS = (Unavailable, OutcomeUnknown, Conflict)
