"""What is demanded of the figures, and whether these results meet it. Pure; every verdict is computed.

A target that the results say nothing of counts as not met. Medians throughout. A "round trip" is what the
cloud itself took for a call in these very runs, added latency included.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench.agenda import MANY, SLOW_MS
from bench.contenders import AGENT, FLOOR, HOOK, SAMPLE, Contender
from bench.figures import middle
from bench.methods import ROUTE53
from bench.results import Cell, Rest, Results

LEAVES_S = 0.025
READ_EVERY_S = 5.0
_PLAIN = Cell()
"""One route table, no latency added."""


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
        runs = self.results.runs(contender, cell)
        if not runs:
            raise NotMeasured
        return middle(runs, figure)

    @property
    def rest(self) -> Rest:
        """The agent at rest."""
        if self.results.rest is None:
            raise NotMeasured
        return self.results.rest


def verdicts(results: Results) -> list[Verdict]:
    """Every target, judged."""
    return list(_judged(Figures(results)))


def _judged(figures: Figures) -> Iterator[Verdict]:
    for demand, judge in TARGETS.items():
        try:
            yield Verdict(demand, *judge(figures))
        except NotMeasured:
            yield Verdict(demand, "not measured", False)


def _leaves(figures: Figures) -> tuple[str, bool]:
    """The worst of the latencies: the first write does not wait for any answer."""
    cells = [cell for cell in figures.results.cells() if cell == Cell(latency_ms=cell.latency_ms)]
    found = [figures(AGENT, "write_s", cell) for cell in cells]
    if not found:
        raise NotMeasured
    return f"{max(found) * 1000:.1f} ms", max(found) <= LEAVES_S


def _gets_there(figures: Figures) -> tuple[str, bool]:
    times = figures(SAMPLE, "write_s") / figures(AGENT, "write_s")
    return f"{times:.1f} times", times >= 35


def _whole_hook(figures: Figures) -> tuple[str, bool]:
    times = figures(SAMPLE, "whole_s") / figures(AGENT, "whole_s")
    return f"{times:.1f} times", times >= 25


def _round_trips(figures: Figures) -> tuple[str, bool]:
    cell = Cell(latency_ms=SLOW_MS)
    trips = figures(AGENT, "whole_s", cell) / figures(AGENT, "call_s", cell)
    return f"{trips:.2f} round trips", trips <= 2.3


def _reads_first(figures: Figures) -> tuple[str, bool]:
    cell = Cell(ROUTE53)
    beside_the_read_s = figures(AGENT, "write_s", cell) - figures(AGENT, "read_s", cell)
    return f"{beside_the_read_s * 1000:.1f} ms and one read", beside_the_read_s <= LEAVES_S


def _without_agent(figures: Figures) -> tuple[str, bool]:
    times = figures(SAMPLE, "whole_s") / figures(HOOK, "whole_s")
    return f"{times:.2f} times", times >= 2.5


def _beside_the_floor(figures: Figures) -> tuple[str, bool]:
    times = (figures(HOOK, "whole_s") - figures(HOOK, "read_s")) / figures(FLOOR, "whole_s")
    return f"{times:.2f} times", times <= 1.3


def _many(contender: Contender) -> Judge:
    def judge(figures: Figures) -> tuple[str, bool]:
        many, one = (figures(contender, "whole_s", Cell(tables=n, latency_ms=SLOW_MS)) for n in (MANY, 1))
        return f"{many / one:.2f} times", many / one <= 3

    return judge


def _memory(figures: Figures) -> tuple[str, bool]:
    return f"{figures.rest.resident_mb:.0f} MB", figures.rest.resident_mb < 90


def _cpu(figures: Figures) -> tuple[str, bool]:
    share = 100 * figures.rest.cpu_s / figures.rest.seconds
    return f"{share:.2f} %", share <= 0.5


def _reads(figures: Figures) -> tuple[str, bool]:
    """One read more than the intervals that fit, because the first may come at once."""
    most = figures.rest.seconds / READ_EVERY_S + 1
    return f"{figures.rest.reads} in {figures.rest.seconds:.0f} s", figures.rest.reads <= most


TARGETS: dict[str, Judge] = {
    "hook with agent: its write reaches the API within 25 ms of the hook's start": _leaves,
    "hook with agent: that is at least 35 times sooner than the sample's": _gets_there,
    "hook with agent: as a whole at least 25 times faster than the sample": _whole_hook,
    f"hook with agent: as a whole at most 2.3 round trips of {SLOW_MS} ms": _round_trips,
    "hook with agent, Route 53: its write reaches the API within 25 ms and one read": _reads_first,
    "hook without agent: as a whole at least 2.5 times faster than the sample": _without_agent,
    "hook without agent: at most 1.3 times the boto3 floor, its read-back not counted": _beside_the_floor,
    f"hook with agent: {MANY} tables at {SLOW_MS} ms take at most 3 times one table": _many(AGENT),
    f"hook without agent: {MANY} tables at {SLOW_MS} ms take at most 3 times one table": _many(HOOK),
    "agent at rest: below 90 MB": _memory,
    "agent at rest: at most 0.5 % of a core": _cpu,
    f"agent at rest: reads every {READ_EVERY_S:.0f} s at most": _reads,
}
