"""The picture of a move in a terminal: 80 to 160 columns, in colour, or with a texture for each phase.

Without colours the phases are told apart by what their bars are made of; without Unicode by letters that
every terminal has. A row says in its bar, or beside it, what was done and how long it took.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from textwrap import wrap

from rich.console import Console
from rich.text import Text

from vipswitch.phases import Phase
from vipswitch.timeline.chart import Chart
from vipswitch.timeline.labels import Labelled, Lettering, labelled
from vipswitch.timeline.rows import WORDS, Bar, Row, in_ms, share_of
from vipswitch.timeline.scale import Placed, Scale, fit

NARROWEST, WIDEST = 60, 160
_NAMES_AT_MOST = 30
_CHART_AT_LEAST = 20
_TICKS_APART = 11
_LETTERING = Lettering(letter=1, inside=4, beside=2)
_COLOURS = {
    Phase.CALLER: "bright_black",
    Phase.HOOK: "magenta",
    Phase.HOST: "yellow",
    Phase.LOOK: "cyan",
    Phase.WRITE: "blue",
    Phase.OPERATION: "bright_magenta",
    Phase.VERIFY: "green",
    Phase.PREPARE: "bright_blue",
    Phase.REST: "bright_black",
    Phase.OWN: "white",
}
_TEXTURES = {
    Phase.CALLER: "░",
    Phase.HOOK: "▚",
    Phase.HOST: "▞",
    Phase.LOOK: "▒",
    Phase.WRITE: "█",
    Phase.OPERATION: "▥",
    Phase.VERIFY: "▓",
    Phase.PREPARE: "▤",
    Phase.REST: "·",
    Phase.OWN: "-",
}
_FAILED, _FAILED_COLOUR = "x", "red"
_ASCII = str.maketrans("░▚▞▒█▥▓▤·✗◀┊┬─…└", ".%/=#o+:.x<:+-~`")


def show(chart: Chart, console: Console) -> None:
    """Print it, as wide as the console is."""
    for line in _lines(chart, _Pen(console)):
        console.print(line, soft_wrap=True, highlight=False)


class _Pen:
    """How wide it is drawn and with what."""

    def __init__(self, console: Console) -> None:
        self.width = min(max(console.width, NARROWEST), WIDEST)
        self.plain = console.color_system is None or console.no_color
        self._unicode = "utf" in console.encoding.lower()

    def text(self, words: str, style: str = "") -> Text:
        """Words in a style."""
        return Text(words if self._unicode else words.translate(_ASCII), style="" if self.plain else style)

    def fill(self, bar: Bar) -> Text:
        """One column of a bar."""
        if not self.plain:
            return self.text("·" if bar.phase is Phase.REST else "█", self.colour(bar))
        return self.text(_TEXTURES[bar.phase] if bar.ok else _FAILED)

    def colour(self, bar: Bar) -> str:
        """The colour of a bar."""
        return _COLOURS[bar.phase] if bar.ok else _FAILED_COLOUR


def _lines(chart: Chart, pen: _Pen) -> Iterator[Text]:
    names = min(max(len(row.name) for row in chart.rows), _NAMES_AT_MOST, pen.width // 3)
    notes = max(len(_note(row)) for row in chart.rows)
    scale = Scale(chart.start_s, chart.end_s, max(pen.width - names - notes - 2, _CHART_AT_LEAST))
    yield from _wrapped(chart.title, pen, "bold green" if chart.ok else "bold red")
    when = datetime.fromtimestamp(chart.began).astimezone()
    moment = f"{when:%Y-%m-%d %H:%M:%S}.{when.microsecond // 1000:03} {when:%z}"
    yield from _wrapped(f"{moment} · {chart.subtitle}", pen, "")
    yield pen.text("")
    yield from _axis(scale, names, pen)
    for row in chart.rows:
        yield from _row(row, scale, names, pen)
    yield pen.text("")
    yield from _wrapped(chart.verdict, pen, "bold")
    yield from _legend(chart, pen)
    for remark in chart.remarks:
        yield from _wrapped(remark, pen, "red" if not chart.ok else "yellow", indent=2)


def _axis(scale: Scale, names: int, pen: _Pen) -> Iterator[Text]:
    """Numbers above, marks below; the numbers' unit is in front."""
    ticks = scale.ticks(_TICKS_APART)
    in_s = max(map(abs, ticks), default=0.0) >= 20.0
    numbers, marks = [" "] * (scale.units + 12), ["─"] * scale.units
    for tick in ticks:
        column = scale.at(tick)
        said = f"{tick if in_s else tick * 1000:,.10g}"
        first = max(column - len(said) // 2, 0)
        numbers[first : first + len(said)] = said
        marks[min(column, scale.units - 1)] = "┬"
    yield pen.text(f"{'s' if in_s else 'ms':>{names}} {''.join(numbers).rstrip()}", "dim")
    yield pen.text(f"{'':{names}} {''.join(marks)}", "dim")


def _row(row: Row, scale: Scale, names: int, pen: _Pen) -> Iterator[Text]:
    strong = "bold" if row.heaviest or row.total else ""
    name = row.name if len(row.name) <= names else f"{row.name[: names - 9]}…{row.name[-8:]}"
    line = pen.text(f"{name:<{names}} ", strong)
    line.append_text(_cells(row, scale, pen))
    line.append_text(pen.text(f" {_note(row)}", strong))
    line.rstrip()
    yield line
    for reason in row.reasons:
        yield from _wrapped(reason, pen, _FAILED_COLOUR, first="└ ✗ ", indent=names + 1)


def _note(row: Row) -> str:
    return f"{row.note} ◀" if row.heaviest and not row.total else row.note


def _cells(row: Row, scale: Scale, pen: _Pen) -> Text:
    """The bars of a row, the waits between them, and the moment at which the order was taken."""
    cells = [pen.text(" ") for _ in range(scale.units)]
    if 0 < scale.at(0.0) < scale.units:
        cells[scale.at(0.0)] = pen.text("┊", "dim")
    bars = labelled(row, fit(row.bars, scale), scale.units, _LETTERING)
    for one in bars:
        _bar(cells, one, pen)
    for one, after in pairwise(bars):
        if row.waits:
            _wait(cells, one, after.placed, pen)
    return Text.assemble(*cells)


def _bar(cells: list[Text], labelled: Labelled, pen: _Pen) -> None:
    placed, bar = labelled.placed, labelled.placed.bar
    for column in range(placed.left, placed.right):
        cells[column] = pen.fill(bar)
    strong, colour = "bold " if bar.heaviest else "", pen.colour(bar)
    if labelled.inside:
        at = placed.left + (placed.width - len(labelled.words) - 2) // 2
        on = f"white on {colour}" if bar.phase is not Phase.REST else "default"
        _write(cells, at, f" {labelled.words} ", strong + on, pen)
    elif labelled.words:
        _write(cells, placed.right, f" {labelled.words} ", strong + colour, pen)


def _wait(cells: list[Text], before: Labelled, after: Placed, pen: _Pen) -> None:
    left, right = before.waits_from, after.left
    for column in range(left, right):
        cells[column] = pen.text("·", "bright_black")
    took = in_ms(after.bar.from_s - before.placed.bar.to_s)
    said = next((s for s in (f" waits {took} ", f" {took} ") if len(s) + 2 <= right - left), "")
    _write(cells, left + (right - left - len(said)) // 2, said, "bright_black", pen)


def _write(cells: list[Text], at: int, said: str, style: str, pen: _Pen) -> None:
    for offset, letter in enumerate(said):
        cells[at + offset] = pen.text(letter, style)


def _legend(chart: Chart, pen: _Pen) -> Iterator[Text]:
    """Each phase with its share, the largest first, on as many lines as they take."""
    line = pen.text("")
    for phase, took, share in chart.shares:
        said = f" {WORDS[phase]} {in_ms(took)}, {share_of(share, 1.0)}"
        if len(line) + 4 + len(said) > pen.width:
            yield line
            line = pen.text("")
        line.append_text(pen.text("   " if len(line) else ""))
        line.append_text(pen.fill(Bar(0, 0, phase, ""))).append_text(pen.text(said))
    yield line


def _wrapped(words: str, pen: _Pen, style: str, *, first: str = "", indent: int = 0) -> Iterator[Text]:
    room = max(pen.width - indent - len(first), 30)
    for number, line in enumerate(wrap(words, room) or [""]):
        yield pen.text(f"{'':{indent}}{first if number == 0 else ' ' * len(first)}{line}", style)
