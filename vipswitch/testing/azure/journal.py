"""What was asked of Resource Manager: see `testing.journal`."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .. import journal
from . import request


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(journal.Noted):
    """One call: `resource` is the id of what was asked for, `client` whose token it was."""

    method: str
    path: str
    resource: str
    body: bytes
    client: str | None = None


class Journal(journal.Journal[Call]):
    """The calls of one cloud."""


def noted(call: request.Call, *, received: float) -> Call:
    """A call that has just arrived."""
    return Call(
        action=call.action,
        source=call.source,
        received=received,
        mutating=call.mutating,
        method=call.method,
        path=call.path,
        resource=call.resource,
        body=call.body,
    )


def known(entry: journal.Entry[Call], client: str) -> None:
    """Notes whose call it is."""
    entry.note(replace(entry.call, client=client))
