"""Reads that do not see the last write yet.

Rules: old is only what the write changed; it is shown whole as it was, with the etag of then, so that a write
made from it is refused. Writes are never affected.
"""

from __future__ import annotations

from .store import Resource


class StaleReads:
    """What was before a write, and for how many reads it is still shown."""

    def __init__(self) -> None:
        self._old: dict[str, tuple[Resource | None, int]] = {}

    def keep(self, id_: str, before: Resource | None, times: int) -> None:
        if times:
            self._old[id_.lower()] = (before, times)

    def shown(self, id_: str, present: Resource | None) -> Resource | None:
        """What a read of a resource sees; asking counts as reading."""
        before, left = self._old.get(id_.lower(), (present, 0))
        if left:
            self._old[id_.lower()] = (before, left - 1)
        return before if left else present
