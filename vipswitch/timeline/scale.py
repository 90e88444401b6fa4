"""From seconds to columns of a terminal or pixels of a picture. Pure.

Times are drawn to one scale, whatever they are: 0.5 ms beside 10 s is the truth of a move that waited. A bar
is never narrower than `least`; one that would be hidden behind its neighbour moves to the right a little,
and where there is no room for all of them they become one bar that says how many it stands for.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from vipswitch.timeline.rows import Bar

_SHIFTED_AT_MOST = 3


@dataclass(frozen=True, slots=True)
class Scale:
    """A stretch of time on so many units, columns or pixels, with room at its end for bars that moved."""

    start_s: float
    end_s: float
    units: int
    least: int = 1

    def at(self, seconds: float) -> int:
        """The unit at which a moment is."""
        return round((seconds - self.start_s) * self._per_second)

    def exact(self, from_s: float, to_s: float) -> float:
        """How many units a time takes, however few."""
        return (to_s - from_s) * self._per_second

    def ticks(self, apart: int) -> list[float]:
        """Round moments, in seconds, at least `apart` units from each other; 0 is one if it is shown."""
        rough = apart / self._per_second
        magnitude = 10 ** math.floor(math.log10(rough))
        every = next(m * magnitude for m in (1, 2, 5, 10) if m * magnitude >= rough * 0.999)
        first, last = math.ceil(self.start_s / every - 1e-9), math.floor(self.end_s / every + 1e-9)
        return [number * every for number in range(first, last + 1)]

    @property
    def _per_second(self) -> float:
        room = self.units - (_SHIFTED_AT_MOST + 1) * self.least
        return room / max(self.end_s - self.start_s, 1e-6)


@dataclass(frozen=True, slots=True)
class Placed:
    """A bar and the units that it takes: from `left` up to `right`, which is not its own any more."""

    bar: Bar
    left: int
    right: int

    @property
    def width(self) -> int:
        return self.right - self.left


def fit(bars: Iterable[Bar], scale: Scale) -> list[Placed]:
    """The bars of one row, from left to right, none hidden and none over another."""
    placed: list[Placed] = []
    for bar in sorted(bars, key=lambda bar: bar.from_s):
        left = scale.at(bar.from_s)
        free = max(left, placed[-1].right) if placed else left
        if placed and (free - left > _SHIFTED_AT_MOST * scale.least or _alike(placed[-1], bar, left)):
            placed[-1] = _with(placed[-1], bar, scale)
            if len(placed) > 1 and _alike(placed[-2], placed[-1].bar, placed[-1].left):
                placed[-2:] = [_with(placed[-2], placed[-1].bar, scale)]
            continue
        placed.append(Placed(bar, free, max(scale.at(bar.to_s), free + scale.least)))
    return placed


def _alike(before: Placed, bar: Bar, left: int) -> bool:
    """Whether nobody could tell the two apart: the same colour, and no gap to be seen."""
    one, other = ((b.phase if b.ok else None) for b in (before.bar, bar))
    return before.right >= left and one is other


def _with(before: Placed, bar: Bar, scale: Scale) -> Placed:
    """One bar for both; what failed in it stays visible."""
    longer = max(before.bar, bar, key=lambda one: one.seconds)
    both = replace(
        longer,
        label=longer.label
        if bar.label == before.bar.label or not (before.bar.step and bar.step)
        else "tries",
        from_s=before.bar.from_s,
        to_s=max(before.bar.to_s, bar.to_s),
        ok=before.bar.ok and bar.ok,
        count=before.bar.count + bar.count,
        detail=before.bar.detail if before.bar.ok < bar.ok else bar.detail,
    )
    return Placed(both, before.left, max(before.right, scale.at(both.to_s)))
