"""Results and reports on stdout: a table for people, JSON for scripts; errors go to stderr."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from vipswitch.edge import distinct, lines, to_stderr
from vipswitch.errors import VipswitchError
from vipswitch.model import Holding, NodeId, State
from vipswitch.provider import Finding, Level
from vipswitch.result import PlaceResult, Report, Result

if TYPE_CHECKING:
    from rich.table import Table

_COLOURS = {
    State.SELF: "green",
    State.OTHER: "cyan",
    State.NOBODY: "yellow",
    State.MIXED: "red",
    State.UNKNOWN: "red",
}
_LEVELS = {Level.OK: "green", Level.WARNING: "yellow", Level.ERROR: "red"}


def show_results(results: Sequence[Result], *, as_json: bool) -> None:
    """What came of orders: a line for each VIP, a line for each place, then the errors."""
    if as_json:
        print(json.dumps([_result_json(result) for result in results], indent=2))
        return
    for result in results:
        for line in _result_lines(result):
            print(line)
        for warning in result.warnings:
            to_stderr(f"warning: {warning}")
        for error in distinct(result.errors):
            for line in lines(error):
                to_stderr(line)


def show_reports(reports: Sequence[Report], *, as_json: bool) -> None:
    """What `status` found."""
    if as_json:
        print(json.dumps([_report_json(report) for report in reports], indent=2))
        return
    table = _table("VIP", "STATE", "WHERE", "HOLDER", "NOTE")
    for report in reports:
        _add_report(table, report)
    _print(table)
    for report in reports:
        for error in distinct((*_unread(report), *report.errors)):
            for line in lines(error):
                to_stderr(line)


def show_findings(findings: Iterable[Finding], *, as_json: bool) -> None:
    """What `check` found, the fix below each line that needs one."""
    if as_json:
        found = [
            {"level": f.level, "subject": f.subject, "message": f.message, "fix": f.fix or None}
            for f in findings
        ]
        print(json.dumps(found, indent=2))
        return
    table = _table("", "WHAT", "FOUND")
    for finding in findings:
        text = finding.message + (f"\n→ {finding.fix}" if finding.fix else "")
        table.add_row(f"[{_LEVELS[finding.level]}]{finding.level}[/]", _plain(finding.subject), _plain(text))
    _print(table)


def _result_lines(result: Result) -> Iterable[str]:
    names = dict.fromkeys([result.vip.name, *map(str, result.vip.addresses)])
    what = "repeated up, read only" if result.repeated else str(result.verb)
    ended = "done" if result.exit_code == 0 else "not done"
    yield f"{' '.join(names)}: {what} {ended} in {result.seconds * 1000:.0f} ms"
    yield from (f"  {place.place}: {_place_words(place)}" for place in result.places)
    yield from (f"  host: {a} {'present' if on else 'absent'}" for a, on in result.host.items())


def _place_words(place: PlaceResult) -> str:
    if place.seen is None:
        return str(place.outcome)
    return f"{place.outcome}, held by {place.seen.holder or 'nobody'}"


def _add_report(table: Table, report: Report) -> None:
    state = f"[{_COLOURS[report.state]}]{report.state}[/]"
    rows = [(str(p), *_answer_words(answer, report.node)) for p, answer in report.places.items()]
    rows += [("this host", f"has {a}" if on else f"does not have {a}", "") for a, on in report.host.items()]
    rows += [("last order here", report.order, "")] if report.order else []
    for number, (where, holder, note) in enumerate(rows):
        first = (report.vip.name, state) if number == 0 else ("", "")
        table.add_row(*first, _plain(where), _plain(holder), _plain(note))


def _answer_words(answer: Holding | VipswitchError, me: NodeId | None) -> tuple[str, str]:
    if isinstance(answer, VipswitchError):
        return "unknown", answer.message
    mine = " (this node)" if answer.holder is not None and answer.holder == me else ""
    return f"{answer.holder or 'nobody'}{mine}", answer.note


def _unread(report: Report) -> list[VipswitchError]:
    return [answer for answer in report.places.values() if isinstance(answer, VipswitchError)]


def _result_json(result: Result) -> dict[str, object]:
    return {
        "vip": result.vip.name,
        "addresses": [str(a) for a in result.vip.addresses],
        "order": result.verb,
        "repeated": result.repeated,
        "node": result.node,
        "exit_code": result.exit_code,
        "seconds": round(result.seconds, 4),
        "places": [
            {
                "place": str(p.place),
                "outcome": p.outcome,
                "holder": p.seen.holder if p.seen else None,
                "error": p.error.message if p.error else None,
            }
            for p in result.places
        ],
        "host": {str(a): on for a, on in result.host.items()},
        "warnings": list(result.warnings),
        "errors": [{"message": e.message, "hint": e.hint, "exit_code": e.exit_code} for e in result.errors],
    }


def _report_json(report: Report) -> dict[str, object]:
    return {
        "vip": report.vip.name,
        "addresses": [str(a) for a in report.vip.addresses],
        "state": report.state,
        "node": report.node,
        "places": [
            {
                "place": str(p),
                "holder": a.holder if isinstance(a, Holding) else None,
                "note": a.note if isinstance(a, Holding) else None,
                "error": None if isinstance(a, Holding) else a.message,
            }
            for p, a in report.places.items()
        ],
        "host": {str(a): on for a, on in report.host.items()},
        "order": report.order or None,
        "errors": [{"message": e.message, "hint": e.hint} for e in report.errors],
    }


def _table(*columns: str) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _plain(text: str) -> str:
    """Text that is not markup."""
    from rich.markup import escape

    return escape(text)


def _print(table: Table) -> None:
    """As wide as the terminal; a pipe gets whole lines."""
    from rich.console import Console

    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 240
    Console(width=width, highlight=False, soft_wrap=False).print(table)
