"""What is demanded of the figures on AWS."""

from __future__ import annotations

from bench.agenda import MANY, SLOW_MS
from bench.aws.methods import ROUTE53, ROUTE_TABLE
from bench.contenders import AGENT, FLOOR, HOOK, SAMPLE, Contender
from bench.judging import LEAVES_S, READ_EVERY_S, Figures, Judge, cpu_at_most, memory_below, reads_seldom
from bench.results import Cell


def _leaves(figures: Figures) -> tuple[str, bool]:
    """The worst of the latencies: the first write does not wait for any answer."""
    most_s = max(figures(AGENT, "write_s", cell) for cell in figures.cells(ROUTE_TABLE))
    return f"{most_s * 1000:.1f} ms", most_s <= LEAVES_S


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
    "agent at rest: below 90 MB": memory_below(90, ROUTE_TABLE),
    "agent at rest: at most 0.5 % of a core": cpu_at_most(0.5, ROUTE_TABLE),
    f"agent at rest: reads every {READ_EVERY_S:.0f} s at most": reads_seldom(ROUTE_TABLE),
}
