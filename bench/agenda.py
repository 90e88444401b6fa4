"""What is measured, how often. Pure.

The sample starts a program or two for every table, one after the other, half a second each: with many tables
it runs less often, at 50 once. Its spread is small beside what it takes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bench.aws.methods import ROUTE53, ROUTE_TABLE, SECONDARY_IP
from bench.azure import methods as azure
from bench.contenders import AGENT, ALL, FLOOR, HOOK, HOOKS, SAMPLE, Contender
from bench.results import Cell

RUNS = 15
QUICK_RUNS = 3
MANY = 50
SLOW_MS = 100
RESTS = (ROUTE_TABLE, azure.ROUTE_TABLE)
"""With one place of these, an agent is watched at rest."""

_WITH_FLOOR = (AGENT, HOOK, FLOOR)


@dataclass(frozen=True, slots=True)
class Turn:
    """A cell, and how often each contender, by its key, runs in it."""

    cell: Cell
    counts: Mapping[str, int]


def whole(runs: int) -> list[Turn]:
    """Everything that docs/performance.md shows."""
    return [
        *(_of_routes(1, latency_ms, runs, ALL) for latency_ms in (0, 20, SLOW_MS)),
        *(
            _of_routes(tables, latency_ms, runs, (AGENT, HOOK, SAMPLE))
            for tables in (3, 10)
            for latency_ms in (0, 20, SLOW_MS)
        ),
        *(_of_routes(MANY, latency_ms, runs, (AGENT, HOOK)) for latency_ms in (0, 20)),
        _of_routes(MANY, SLOW_MS, runs, (AGENT, HOOK, SAMPLE)),
        *_others((ROUTE53, SECONDARY_IP), (0, SLOW_MS), runs, HOOKS),
        *_others(azure.MEASURED, (0, SLOW_MS), runs, _WITH_FLOOR),
    ]


def quick(runs: int) -> list[Turn]:
    """The figures that have a target, and no more."""
    return [
        *(_of_routes(1, latency_ms, runs, ALL) for latency_ms in (0, SLOW_MS)),
        _of_routes(MANY, SLOW_MS, runs, (AGENT, HOOK)),
        *_others((ROUTE53,), (0,), runs, HOOKS),
        *_others(azure.MEASURED, (0, SLOW_MS), runs, _WITH_FLOOR),
    ]


def without(contender: Contender, turns: list[Turn]) -> list[Turn]:
    """The same without one contender."""
    return [
        Turn(turn.cell, {key: count for key, count in turn.counts.items() if key != contender.key})
        for turn in turns
    ]


def _of_routes(tables: int, latency_ms: int, runs: int, who: tuple[Contender, ...]) -> Turn:
    fewer = {SAMPLE: max(runs // tables, 1), FLOOR: runs if tables == 1 else 0}
    return Turn(Cell(ROUTE_TABLE, tables, latency_ms), {each.key: fewer.get(each, runs) for each in who})


def _others(
    methods: tuple[str, ...], latencies_ms: tuple[int, ...], runs: int, who: tuple[Contender, ...]
) -> Iterator[Turn]:
    for method in methods:
        for latency_ms in latencies_ms:
            yield Turn(Cell(method, 1, latency_ms), {each.key: runs for each in who})
