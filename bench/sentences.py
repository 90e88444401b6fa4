"""What the results say, in sentences; every figure in them is computed. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bench.agenda import MANY, SLOW_MS
from bench.aws.methods import ROUTE_TABLE
from bench.azure import methods as azure
from bench.contenders import AGENT, FLOOR, HOOK, SAMPLE, Contender
from bench.judging import Figures, NotMeasured
from bench.results import Cell, Rest, Results
from bench.tables import milliseconds as ms


def sentences(results: Results) -> Iterator[str]:
    """What can be said; a sentence whose figures were not measured is left out."""
    figures = Figures(results)
    for say in (_write, _whole, _slow, _alone, _beside_the_floor, _several, _at_rest, *_ON_AZURE):
        try:
            yield say(figures)
        except NotMeasured:
            continue


def _write(figures: Figures) -> str:
    sample, agent = figures(SAMPLE, "write_s"), figures(AGENT, "write_s")
    return (
        f"With the agent, the write is at the API {ms(agent)} ms after the hook was started. "
        f"The sample's is there after {ms(sample)} ms: **{sample / agent:.0f} times** as long."
    )


def _whole(figures: Figures) -> str:
    sample, agent = figures(SAMPLE, "whole_s"), figures(AGENT, "whole_s")
    return (
        f"The whole hook, read-back included, takes {ms(agent)} ms, the sample {ms(sample)} ms: "
        f"**{sample / agent:.0f} times** as long."
    )


def _slow(figures: Figures) -> str:
    cell = Cell(latency_ms=SLOW_MS)
    agent, trip = figures(AGENT, "whole_s", cell), figures(AGENT, "call_s", cell)
    return (
        f"With {SLOW_MS} ms added to each request the whole hook takes **{agent / trip:.2f} round trips** "
        f"of {ms(trip)} ms: one to write, one to read back."
    )


def _alone(figures: Figures) -> str:
    sample, hook = figures(SAMPLE, "whole_s"), figures(HOOK, "whole_s")
    return (
        f"Without an agent the hook takes {ms(hook)} ms, most of it to load the SDK. The sample loads one "
        f"for each call and takes **{sample / hook:.1f} times** as long."
    )


def _beside_the_floor(figures: Figures) -> str:
    hook, read, floor = figures(HOOK, "whole_s"), figures(HOOK, "read_s"), figures(FLOOR, "whole_s")
    return (
        f"That is **{(hook - read) / floor:.2f} times** the boto3 floor of {ms(floor)} ms, which reads "
        f"nothing back. Only the {ms(read)} ms for which the cloud had a read are taken off before "
        "comparing; what the hook does to ask and to understand counts."
    )


def _several(figures: Figures) -> str:
    return (
        f"With {SLOW_MS} ms added, {MANY} route tables take {_ratio(figures, AGENT)} as long as one with the "
        f"agent, {_ratio(figures, HOOK)} without: they move side by side."
    )


def _at_rest(figures: Figures) -> str:
    return f"On AWS, {_resting(figures.rest(ROUTE_TABLE))}"


def _azure_write(figures: Figures) -> str:
    cell = Cell(azure.ROUTE_TABLE)
    floor, agent = figures(FLOOR, "write_s", cell), figures(AGENT, "write_s", cell)
    return (
        f"On Azure, with the agent, a route's write is at the API {ms(agent)} ms after the hook was started, "
        f"with a read before it. That of the SDK floor, which reads too, is there after {ms(floor)} ms: "
        f"**{floor / agent:.0f} times** as long."
    )


def _azure_slow(figures: Figures) -> str:
    route, address = (
        figures(AGENT, "whole_s", Cell(method, latency_ms=SLOW_MS)) for method in azure.MEASURED
    )
    return (
        f"With {SLOW_MS} ms added to each request the whole hook takes {ms(route)} ms for a route, and "
        f"{ms(address)} ms for a private address, which takes two writes; Azure's own work is not in it."
    )


def _azure_at_rest(figures: Figures) -> str:
    return f"On Azure, {_resting(figures.rest(azure.ROUTE_TABLE))}"


def _resting(rest: Rest) -> str:
    return (
        f"an agent at rest, with one route table and `up` as its last order, has {rest.resident_mb:.0f} MB "
        f"in memory. Over {rest.seconds:.0f} s it used {100 * rest.cpu_s / rest.seconds:.2f} % of a core and "
        f"read {60 * rest.reads / rest.seconds:.0f} times a minute."
    )


def _ratio(figures: Figures, contender: Contender) -> str:
    many, one = (figures(contender, "whole_s", Cell(tables=n, latency_ms=SLOW_MS)) for n in (MANY, 1))
    return f"**{many / one:.1f} times**"


_ON_AZURE: tuple[Callable[[Figures], str], ...] = (_azure_write, _azure_slow, _azure_at_rest)
