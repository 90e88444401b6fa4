"""What the bars of a row say, and where: inside, or to the right where nothing else is drawn. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from vipswitch.timeline.rows import Bar, Row, in_ms
from vipswitch.timeline.scale import Placed


@dataclass(frozen=True, slots=True)
class Lettering:
    """How much room text takes, in columns or pixels: each letter, and the margins around a label."""

    letter: float
    inside: float
    beside: float


@dataclass(frozen=True, slots=True)
class Labelled:
    """A bar with its label, empty where there is no room; a wait after it is drawn from `waits_from` on."""

    placed: Placed
    words: str
    inside: bool
    waits_from: int


def labelled(row: Row, placed: list[Placed], units: int, lettering: Lettering) -> list[Labelled]:
    """The labels of a row; bars of the total stand side by side and have nothing beside them."""
    found = []
    for bar, after in zip_longest(placed, placed[1:]):
        free = 0 if row.total else (after.left if after else units) - bar.right
        found.append(_labelled(bar, free, lettering))
    return found


def _labelled(placed: Placed, free: int, lettering: Lettering) -> Labelled:
    for words in _sayings(placed.bar):
        room = len(words) * lettering.letter
        if room + lettering.inside <= placed.width:
            return Labelled(placed, words, True, placed.right)
        if room + lettering.beside <= free:
            return Labelled(placed, words, False, placed.right + round(room + lettering.beside))
    return Labelled(placed, "", False, placed.right)


def _sayings(bar: Bar) -> Iterator[str]:
    """What a bar may say, the longest first; what many steps took together is not one figure."""
    failed = "" if bar.ok else "✗ "
    if bar.count == 1 or not bar.step:
        yield f"{failed}{bar.label} {in_ms(bar.seconds)}"
        yield f"{failed}{in_ms(bar.seconds)}"
    else:
        yield f"{failed}{bar.label} x{bar.count}"
