"""What happened: who did what, at which monotonic moment, in words for people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Event:
    """`who` is a node, `AWS`, `network` or `client`; `at` is a moment on time.monotonic()."""

    at: float
    who: str
    text: str


Tell = Callable[[Event], None]
