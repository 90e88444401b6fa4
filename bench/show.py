"""The results on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from bench import tables
from bench.judging import Verdict
from bench.results import Results


def show(results: Results, judged: Sequence[Verdict], console: Console) -> None:
    """Print the tables, then the targets."""
    for table in tables.all_tables(results):
        console.print(_drawn(table))
    console.print("milliseconds: the median, and the least in brackets; CPU: hook + agent\n", style="dim")
    console.print(_targets(judged))


def _drawn(table: tables.Table) -> Table:
    drawn = Table(title=table.title, title_justify="left", box=SIMPLE_HEAD)
    for number, column in enumerate(table.columns):
        drawn.add_column(column, justify="right" if number else "left")
    for row in table.rows:
        drawn.add_row(*row)
    return drawn


def _targets(judged: Sequence[Verdict]) -> Table:
    drawn = Table("", "found", "", title="targets", title_justify="left", box=SIMPLE_HEAD)
    for verdict in judged:
        word = "[green]met[/]" if verdict.met else "[red]not met[/]"
        drawn.add_row(verdict.demand, verdict.found, word)
    return drawn
