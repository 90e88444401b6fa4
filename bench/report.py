"""docs/performance.md: `page.md` with the results put in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from string import Template

from bench.contenders import SAMPLE
from bench.judging import Verdict
from bench.methods import METHODS
from bench.results import Results
from bench.sentences import sentences
from bench.tables import Table, all_tables

_PAGE = Path(__file__).with_name("page.md")


def page(results: Results, judged: Sequence[Verdict]) -> str:
    """The whole page."""
    machine = results.machine
    return Template(_PAGE.read_text()).substitute(
        short="\n".join(f"- {sentence}" for sentence in sentences(results)),
        targets=_markdown(_targets(judged)).rstrip(),
        tables="\n".join(f"### {_heading(table)}\n\n{_markdown(table)}" for table in all_tables(results)),
        runs=max(len(measured.runs) for measured in results.measured),
        sample_runs=_sample_runs(results),
        cores=machine.cores,
        python=machine.python,
        preferred=" with precedence over everything else (`chrt`)" if machine.preferred else "",
        versions=", ".join(f"{name} {number}" for name, number in machine.versions.items()),
    )


def _targets(judged: Sequence[Verdict]) -> Table:
    rows = [(each.demand, each.found, "yes" if each.met else "**no**") for each in judged]
    return Table("targets", ("", "found", "met"), rows)


def _heading(table: Table) -> str:
    if table.title in METHODS:
        return f"`{table.title}`"
    return table.title[:1].upper() + table.title[1:]


def _markdown(table: Table) -> str:
    rows = [table.columns, ["---", *("---:" for _ in table.columns[1:])], *table.rows]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _sample_runs(results: Results) -> str:
    """How often the sample ran, by number of tables."""
    counts = {
        measured.cell.tables: len(measured.runs)
        for measured in results.measured
        if measured.contender == SAMPLE.key and measured.cell.tables > 1
    }
    return ", ".join(f"{count} with {tables}" for tables, count in counts.items()) or "never"
