"""The rows of a picture: bars in seconds, and the words beside them. Pure.

Whatever text comes from outside is made harmless here: control characters would draw on the reader's
terminal.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vipswitch.move import StepRecord
from vipswitch.phases import Phase, phase_of

_REASONS = 3


@dataclass(frozen=True, slots=True)
class Bar:
    """Something that took time; it stands for `count` steps. `detail` says what came of it.

    A `step` is something that was done; what is none is a stretch of time.
    """

    from_s: float
    to_s: float
    phase: Phase
    label: str
    ok: bool = True
    detail: str = ""
    count: int = 1
    step: bool = False
    heaviest: bool = False

    @property
    def seconds(self) -> float:
        return max(self.to_s - self.from_s, 0.0)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the picture. `note` is beside the bars, `reasons` below them: why something failed.

    Where it `waits`, what lies between two bars is time spent waiting. A row that is not `single` sums up
    others; the `total` sums up the whole move.
    """

    name: str
    bars: tuple[Bar, ...]
    note: str = ""
    reasons: tuple[str, ...] = ()
    waits: bool = False
    single: bool = True
    total: bool = False

    @property
    def heaviest(self) -> bool:
        return any(bar.heaviest for bar in self.bars)


WORDS = {
    Phase.CALLER: "before the hook",
    Phase.HOOK: "hook start",
    Phase.HOST: "this host",
    Phase.LOOK: "reads",
    Phase.WRITE: "writes",
    Phase.OPERATION: "the cloud's operations",
    Phase.VERIFY: "verification",
    Phase.PREPARE: "attach point",
    Phase.REST: "waits between tries",
    Phase.OWN: "vipswitch itself",
}
"""What each phase is called in a picture."""


def in_ms(seconds: float) -> str:
    """A duration as people read it: 0.5 ms, 61 ms, 1,250 ms, 72 s."""
    ms = max(seconds, 0.0) * 1000
    if ms >= 60_000:
        return f"{ms / 1000:,.0f} s"
    return f"{ms:,.0f} ms" if ms >= 9.95 or ms == 0 else f"{ms:.1f} ms"


def share_of(seconds: float, whole: float) -> str:
    """A percentage without decimals; what is too little for one is not nothing."""
    percent = 100 * seconds / whole
    return f"{percent:.0f} %" if percent >= 0.5 or seconds <= 0 else "< 1 %"


def clean(text: str) -> str:
    """Text that only shows itself."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def bar_of(step: StepRecord, steps: Iterable[StepRecord]) -> Bar:
    """One step as a bar; the place, which the row names, is not repeated in its label."""
    return Bar(
        step.from_s,
        max(step.to_s, step.from_s),
        phase_of(step, steps),
        step.kind.value,
        step.ok,
        clean(step.outcome.removeprefix("failed: ")),
        step=True,
    )


def reasons_of(bars: Iterable[Bar]) -> tuple[str, ...]:
    """Why bars failed, the same reason once."""
    said: dict[str, int] = {}
    for bar in bars:
        if not bar.ok:
            said[bar.detail] = said.get(bar.detail, 0) + bar.count
    return at_most(_REASONS, [f"{why} ({count} times)" if count > 1 else why for why, count in said.items()])


def at_most(count: int, lines: Sequence[str]) -> tuple[str, ...]:
    """The first lines, and how many more there are."""
    more = len(lines) - count
    return (*lines[:count], *([f"and {more} more"] if more > 0 else []))


def noted(name: str, bars: Sequence[Bar], whole: float, *, waits: bool = False) -> Row:
    """A row whose note says how long its bars took together, and which share of the `whole` that is."""
    took = busy(bars)
    return Row(name, tuple(bars), f"{in_ms(took)}, {share_of(took, whole)}", reasons_of(bars), waits=waits)


def busy(bars: Iterable[Bar]) -> float:
    """Seconds during which these bars, which do not overlap, were under way."""
    return sum(bar.seconds for bar in bars)
