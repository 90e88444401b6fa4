"""Which places have a row of their own in the picture, and what stands for the others. Pure.

Up to eight places are all shown. Of more, the five that matter: those that failed, then the slowest. One row
stands for the rest, with the time during which any of them had a request under way.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from vipswitch.move import Move, StepRecord
from vipswitch.phases import partition
from vipswitch.timeline.rows import WORDS, Bar, Row, bar_of, busy, clean, in_ms, noted, reasons_of

ALL_UP_TO = 8
SHOWN = 5


def place_rows(move: Move, whole: float) -> list[Row]:
    """A row for each place, or for the slowest and one for the others; `whole` is the move in seconds."""
    steps: dict[str, list[StepRecord]] = {}
    for step in move.steps:
        for place in step.places:
            steps.setdefault(place, []).append(step)
    names = _short(list(steps))
    bars = {place: [bar_of(step, own) for step in own] for place, own in steps.items()}
    if len(steps) <= ALL_UP_TO:
        return [noted(names[place], own, whole, waits=True) for place, own in bars.items()]
    ranked = sorted(bars, key=lambda place: (all(bar.ok for bar in bars[place]), -busy(bars[place])))
    shown, others = ranked[:SHOWN], ranked[SHOWN:]
    rows = [noted(names[place], bars[place], whole, waits=True) for place in shown]
    together = list({id(step): step for place in others for step in steps[place]}.values())
    return [*rows, _summary([bars[place] for place in others], together)]


def _summary(bars: Sequence[Sequence[Bar]], steps: Sequence[StepRecord]) -> Row:
    """One row for many places: when any of them was at it, and how long they took."""
    times = [busy(own) for own in bars]
    failed = [bar for own in bars for bar in own if not bar.ok]
    spans = tuple(Bar(s.from_s, s.to_s, s.phase, f"any {WORDS[s.phase]}") for s in partition(steps))
    note = f"{in_ms(min(times))} to {in_ms(max(times))}"
    name = f"{len(bars)} more, median {in_ms(median(times))}"
    return Row(name, spans, note, reasons_of(failed), single=False)


def _short(places: Sequence[str]) -> dict[str, str]:
    """Without the address, where it is the same for all."""
    last = {place.rpartition(" ")[2] for place in places if " " in place}
    same = len(last) == 1 and all(" " in place for place in places)
    return {place: clean(place.rpartition(" ")[0] if same else place) for place in places}
