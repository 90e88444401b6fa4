"""One JSON object from outside, read strictly: what is missing or of another type is a ValueError.

What is there and not asked for is left alone, so that an older vipswitch reads what a newer one wrote.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_NO_CLOCK_S = 1e11
"""The year 5138; later dates are more than some parts of a calendar can take."""


class Fields:
    """The fields of one object; every reader raises ValueError and nothing else."""

    def __init__(self, raw: object) -> None:
        if not isinstance(raw, dict):
            raise ValueError("expected an object")
        self._raw = raw

    def value(self, name: str) -> object:
        """The field, whatever it is; it must be there."""
        if name not in self._raw:
            raise ValueError(f"{name}: missing")
        found: object = self._raw[name]
        return found

    def has(self, name: str) -> bool:
        """Whether the field is there."""
        return name in self._raw

    def text(self, name: str) -> str:
        """A string."""
        found = self.value(name)
        if not isinstance(found, str):
            raise ValueError(f"{name}: expected text")
        return found

    def seconds(self, name: str) -> float:
        """A time that a clock can show. Python's JSON also knows NaN and Infinity, and takes true for 1."""
        found = self.value(name)
        if not isinstance(found, int | float) or isinstance(found, bool) or not abs(found) < _NO_CLOCK_S:
            raise ValueError(f"{name}: expected a number of seconds")
        return float(found)

    def whole(self, name: str) -> int:
        """An integer."""
        found = self.value(name)
        if not isinstance(found, int) or isinstance(found, bool):
            raise ValueError(f"{name}: expected a whole number")
        return found

    def yes(self, name: str) -> bool:
        """True or false."""
        found = self.value(name)
        if not isinstance(found, bool):
            raise ValueError(f"{name}: expected true or false")
        return found

    def each(self, name: str, read: Callable[[object], T]) -> tuple[T, ...]:
        """A list, each entry read by `read`."""
        found = self.value(name)
        if not isinstance(found, list):
            raise ValueError(f"{name}: expected a list")
        return tuple(read(entry) for entry in found)

    def maybe(self, name: str, read: Callable[[str], T]) -> T | None:
        """What `read`, one of the readers here, makes of the field; None where it is null."""
        return None if self.value(name) is None else read(name)


def text(raw: object) -> str:
    """An entry of a list that must be a string. Raises ValueError."""
    if not isinstance(raw, str):
        raise ValueError("expected text")
    return raw
