"""What was asked of the cloud: see `testing.journal`."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .. import journal
from . import request


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(journal.Noted):
    """One call: `action` is the method's id in the discovery document, `client` whose token it was.

    `committed` is set for writes that were accepted; their effect comes when their operation ends.
    """

    method: str
    path: str
    resource: str
    query: str
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
        method=call.verb,
        path=call.path,
        resource=call.resource,
        query="&".join(f"{name}={value}" for name, value in call.query.items()),
        body=call.body,
    )


def known(entry: journal.Entry[Call], client: str) -> None:
    """Notes whose call it is."""
    entry.note(replace(entry.call, client=client))
