"""What the figures are asked for when they are judged. Pure.

Medians throughout. A "round trip" is what the cloud itself took for a call in these very runs, added latency
included.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bench.contenders import Contender
from bench.figures import middle
from bench.results import Cell, Rest, Results

LEAVES_S = 0.025
READ_EVERY_S = 5.0
_PLAIN = Cell()


class NotMeasured(Exception):
    """The results do not tell."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One target: what is demanded, what was found, and whether that is enough."""

    demand: str
    found: str
    met: bool


Judge = Callable[["Figures"], tuple[str, bool]]


class Figures:
    """Medians out of the results. Raises NotMeasured for what is not in them."""

    def __init__(self, results: Results) -> None:
        self.results = results

    def __call__(self, contender: Contender, figure: str, cell: Cell = _PLAIN) -> float:
        """Of one route table of AWS, no latency added, unless told otherwise."""
        runs = self.results.runs(contender, cell)
        if not runs:
            raise NotMeasured
        return middle(runs, figure)

    def cells(self, method: str) -> list[Cell]:
        """The cells with one place of a method, whatever the latency."""
        found = [cell for cell in self.results.cells() if (cell.method, cell.tables) == (method, 1)]
        if not found:
            raise NotMeasured
        return found

    def rest(self, method: str) -> Rest:
        """The agent at rest with a VIP of that method."""
        found = next((rest for rest in self.results.rests if rest.method == method), None)
        if found is None:
            raise NotMeasured
        return found


def memory_below(mb: int, method: str) -> Judge:
    """An agent at rest has less in memory."""

    def judge(figures: Figures) -> tuple[str, bool]:
        resident_mb = figures.rest(method).resident_mb
        return f"{resident_mb:.0f} MB", resident_mb < mb

    return judge


def cpu_at_most(percent: float, method: str) -> Judge:
    """An agent at rest uses no more of a core."""

    def judge(figures: Figures) -> tuple[str, bool]:
        rest = figures.rest(method)
        share = 100 * rest.cpu_s / rest.seconds
        return f"{share:.2f} %", share <= percent

    return judge


def reads_seldom(method: str) -> Judge:
    """One read more than the intervals that fit, because the first may come at once."""

    def judge(figures: Figures) -> tuple[str, bool]:
        rest = figures.rest(method)
        return f"{rest.reads} in {rest.seconds:.0f} s", rest.reads <= rest.seconds / READ_EVERY_S + 1

    return judge
