"""One attribute of one of moto's classes, replaced for a while."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Correction:
    """`make` gets the class's present attribute (None if it has none) and returns the corrected one."""

    owner: type
    name: str
    make: Callable[[Any], Any]


@contextmanager
def installed(correction: Correction) -> Iterator[None]:
    """Puts the correction in place and the class's own attribute back."""
    owner, name = correction.owner, correction.name
    own = vars(owner).get(name)
    setattr(owner, name, correction.make(getattr(owner, name, None)))
    try:
        yield
    finally:
        if own is None:
            delattr(owner, name)
        else:
            setattr(owner, name, own)
