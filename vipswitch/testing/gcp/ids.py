"""The numbers that the cloud gives out: of resources and of operations.

Rules: decimal, as the API has them, and the same in each cloud that is asked the same. Whoever needs numbers
that depend on nothing but what they are of puts another `Ids` in the store's place.
"""

from __future__ import annotations

import itertools


class Ids:
    """One sequence for all."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1_000_000_000_000_000_001)

    def next(self, of: str) -> str:
        """A new number for a resource, or for an operation on it, by its path."""
        return str(next(self._numbers))
