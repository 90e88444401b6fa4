"""What was asked of the cloud: see `testing.journal`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .. import journal
from .protocol import ApiRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(journal.Noted):
    """One call; `committed` is set for writes that took effect."""

    service: str
    params: Mapping[str, str]


class Journal(journal.Journal[Call]):
    """The calls of one cloud."""


def noted(api: ApiRequest, *, received: float) -> Call:
    """A call that has just arrived."""
    return Call(
        action=api.action,
        source=api.source,
        received=received,
        mutating=api.mutating,
        service=api.service,
        params=api.params,
    )
