"""The results as tables of texts, for a terminal and for a page. Pure.

A duration is in milliseconds: the median, with the least in brackets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bench.aws.methods import ROUTE_TABLE
from bench.contenders import ALL, BY_KEY
from bench.figures import Run, least, middle
from bench.results import Cell, Results

_COLUMNS = ("write at API", "whole process", "CPU", "calls", "in series")


@dataclass(frozen=True, slots=True)
class Table:
    """Texts; the first of each row is the row's name."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


def all_tables(results: Results) -> list[Table]:
    """Every table that has a row."""
    found = [
        *(one_table(results, cell.latency_ms) for cell in results.cells() if _is_one_table(cell)),
        many_tables(results, "moved_s", "until the last of several tables has moved"),
        many_tables(results, "whole_s", "whole process with several tables"),
        *(other_method(results, method) for method in dict.fromkeys(cell.method for cell in results.cells())),
    ]
    return [table for table in found if table.rows]


def one_table(results: Results, latency_ms: int) -> Table:
    """A takeover of one route table of AWS, by contender."""
    cell = Cell(latency_ms=latency_ms)
    rows = [(each.label, *_row(runs)) for each in ALL if (runs := results.runs(each, cell))]
    return Table(f"one route table, {_added(latency_ms)}", ("", *_COLUMNS), rows)


def many_tables(results: Results, figure: str, title: str) -> Table:
    """One figure, by latency and number of route tables. Without a second number there are no rows."""
    cells = [cell for cell in results.cells() if cell.method == ROUTE_TABLE]
    counts = sorted({cell.tables for cell in cells})
    columns = [f"{count} tables" if count > 1 else "1 table" for count in counts]
    rows = [
        (f"{BY_KEY[key].label}, {_added(latency_ms)}", *_by_count(results, key, latency_ms, counts, figure))
        for latency_ms in sorted({cell.latency_ms for cell in cells if cell.tables > 1})
        for key in ("agent", "hook", "sample")
    ]
    return Table(title, ("", *columns), [row for row in rows if any(row[1:])])


def other_method(results: Results, method: str) -> Table:
    """A takeover by a method that has one place, whatever the latency; no rows for AWS's tables."""
    rows = [
        (f"{each.label}, {_added(cell.latency_ms)}", *_row(runs))
        for cell in results.cells()
        if cell.method == method != ROUTE_TABLE
        for each in ALL
        if (runs := results.runs(each, cell))
    ]
    return Table(method, ("", *_COLUMNS), rows)


def duration(runs: Sequence[Run], figure: str) -> str:
    """The median, and the least of several; nothing without a run."""
    if not runs:
        return ""
    text = milliseconds(middle(runs, figure))
    return f"{text} ({milliseconds(least(runs, figure))})" if len(runs) > 1 else text


def milliseconds(seconds: float) -> str:
    """Whole milliseconds with commas between the thousands; one decimal below 100."""
    ms = seconds * 1000
    return f"{ms:.1f}" if ms < 100 else f"{ms:,.0f}"


def _row(runs: Sequence[Run]) -> tuple[str, ...]:
    hook_ms, agent_ms = (middle(runs, figure) * 1000 for figure in ("cpu_s", "agent_cpu_s"))
    return (
        duration(runs, "write_s"),
        duration(runs, "whole_s"),
        f"{hook_ms:.0f} + {agent_ms:.0f}" if agent_ms else f"{hook_ms:,.0f}",
        f"{middle(runs, 'calls'):.0f}",
        f"{middle(runs, 'in_series'):.0f}",
    )


def _by_count(results: Results, key: str, latency_ms: int, counts: Sequence[int], figure: str) -> list[str]:
    cells = [Cell(ROUTE_TABLE, count, latency_ms) for count in counts]
    return [duration(results.runs(BY_KEY[key], cell), figure) for cell in cells]


def _added(latency_ms: int) -> str:
    return f"{latency_ms} ms added"


def _is_one_table(cell: Cell) -> bool:
    return (cell.method, cell.tables) == (ROUTE_TABLE, 1)
