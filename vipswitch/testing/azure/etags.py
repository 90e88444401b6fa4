"""Etags: how they are made, compared and asked for.

Rules: the network service gives `W/"guid"`, DNS a bare guid. Resource Manager's services have been seen to
take them back with and without quotes; `exact` takes them only as they were given. Source: "If-Match" in the
Azure REST API guidelines; recordings of test_PatchRecordSet_IfMatchFailure_ExpectError (bare, unquoted).
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterator, Mapping

_SPACE = uuid.UUID("6f1d1b5e-8f0c-4b59-9a53-0d2b7c3f5a10")


class Guids:
    """Guids that look like any others and are the same ones in each run."""

    def __init__(self) -> None:
        self._numbers: Iterator[int] = itertools.count(1)

    def next(self) -> str:
        return str(uuid.uuid5(_SPACE, str(next(self._numbers))))

    def etag(self) -> str:
        """An etag of the network service."""
        return f'W/"{self.next()}"'


def matches(sent: str, present: str, *, exact: bool) -> bool:
    """Whether an etag that was sent is the present one; `*` is any."""
    return sent == "*" or (sent == present if exact else bare(sent) == bare(present))


def bare(etag: str) -> str:
    return etag.strip().removeprefix("W/").strip('"')


def wanted_absent(headers: Mapping[str, str]) -> bool:
    """Whether the write is to be done only if there is nothing yet."""
    return headers.get("if-none-match", "").strip() == "*"
