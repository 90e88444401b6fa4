"""The picture of a move as an SVG file: text and rectangles, nothing to install, nothing to load.

It is readable on light and on dark (`prefers-color-scheme`). Every bar says in its tooltip what it was, when,
and what came of it; the longest of the phase that took most of the time has a frame. Whatever text comes
from outside is escaped. Source: SVG 2; WCAG 2.1, contrast of text 4.5 to 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from html import escape
from itertools import pairwise

from vipswitch.phases import Phase
from vipswitch.timeline.chart import Chart
from vipswitch.timeline.labels import Labelled, Lettering, labelled
from vipswitch.timeline.rows import WORDS, Bar, Row, in_ms, share_of
from vipswitch.timeline.scale import Placed, Scale, fit
from vipswitch.timeline.style import STYLE

WIDTH = 980
_EDGE, _NAMES, _NOTES = 24, 190, 130
_CHART = WIDTH - 2 * _EDGE - _NAMES - _NOTES
_LEFT = _EDGE + _NAMES
_ROW, _BAR, _LINE = 30, 20, 18
_TICKS_APART, _NARROWEST_BAR = 90, 4
_LETTERING = Lettering(letter=6.4, inside=8, beside=12)
"""About how wide a letter of the labels is, in pixels."""


def drawn(chart: Chart) -> str:
    """The picture as the text of an SVG file."""
    body, height = _body(chart)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" role="img">'
    )
    lines = [
        head,
        f"<title>{escape(chart.title)}</title>",
        f"<desc>{escape(chart.verdict)}</desc>",
        f"<style>\n{STYLE}\n</style>",
        f'<rect class="paper" x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="8"/>',
        *body,
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _body(chart: Chart) -> tuple[list[str], int]:
    """Everything on the paper, and how high the paper must be."""
    scale = Scale(chart.start_s, chart.end_s, _CHART, _NARROWEST_BAR)
    when = datetime.fromtimestamp(chart.began).astimezone()
    moment = f"{when:%Y-%m-%d %H:%M:%S}.{when.microsecond // 1000:03} {when:%z}"
    lines = [
        _text(_EDGE, 38, chart.title, "title good" if chart.ok else "title bad"),
        _text(_EDGE, 60, f"{moment} · {chart.subtitle}", "dim"),
        _text(_EDGE, 92, chart.verdict, "verdict"),
    ]
    rows, bottom = _rows(chart, scale, 158)
    lines += [*_grid(scale, 134, bottom), *rows]
    legend, bottom = _legend(chart, bottom + 28)
    lines += legend
    for remark in chart.remarks:
        bottom += _LINE
        lines.append(_text(_EDGE, bottom, _cropped(remark, WIDTH - 2 * _EDGE), "dim" if chart.ok else "bad"))
    return lines, bottom + _EDGE


def _grid(scale: Scale, top: int, bottom: int) -> Iterator[str]:
    ticks = scale.ticks(_TICKS_APART)
    in_s = max(map(abs, ticks), default=0.0) >= 20.0
    for tick in ticks:
        x = _LEFT + scale.at(tick)
        said = f"{tick if in_s else tick * 1000:,.10g} {'s' if in_s else 'ms'}"
        yield f'<path class="{"grid" if tick else "zero"}" d="M{x} {top + 8}V{bottom}"/>'
        yield _text(x, top, said, "dim", anchor="middle")
    if 0.0 in ticks and scale.start_s < 0:
        yield _text(_LEFT + scale.at(0.0), top - 15, "order taken", "dim", anchor="middle")


def _rows(chart: Chart, scale: Scale, y: int) -> tuple[list[str], int]:
    lines: list[str] = []
    for row in chart.rows:
        strong = "strong" if row.heaviest or row.total else ""
        lines.append(_text(_EDGE, y + 5, _cropped(row.name, _NAMES - 8), f"name {strong}"))
        lines += _bars(row, scale, y)
        note = f"{row.note} ◀" if row.heaviest and not row.total else row.note
        lines.append(_text(_LEFT + _CHART + 10, y + 5, note, strong or "dim"))
        for reason in row.reasons:
            y += _LINE
            lines.append(_text(_LEFT, y + 5, f"✗ {_cropped(reason, WIDTH - _EDGE - _LEFT)}", "bad"))
        y += _ROW
    return lines, y - _ROW + _BAR // 2 + 6


def _bars(row: Row, scale: Scale, y: int) -> Iterator[str]:
    bars = labelled(row, fit(row.bars, scale), scale.units, _LETTERING)
    if row.waits:
        for one, after in pairwise(bars):
            yield from _wait(one, after.placed, y)
    for one in bars:
        yield from _bar(one, y)


def _bar(labelled: Labelled, y: int) -> Iterator[str]:
    placed, bar = labelled.placed, labelled.placed.bar
    x, strong = _LEFT + placed.left, " strong" if bar.heaviest else ""
    box = f'x="{x}" y="{y - _BAR // 2}" width="{placed.width}" height="{_BAR}" rx="3"'
    yield f'<g><title>{escape(_told(bar))}</title><rect class="{bar.phase if bar.ok else "failed"}" {box}/>'
    if labelled.inside:
        light = bar.phase in (Phase.REST, Phase.OWN) and bar.ok
        look = strong if light else f"in{strong}"
        yield _text(x + placed.width / 2, y + 4, labelled.words, look, anchor="middle")
    elif labelled.words:
        yield _text(x + placed.width + 5, y + 4, labelled.words, strong or "dim")
    yield "</g>"
    if bar.heaviest:
        yield f'<rect class="frame" {box}/>'


def _told(bar: Bar) -> str:
    """The tooltip of a bar."""
    times = f" x{bar.count}" if bar.count > 1 and bar.step else ""
    when = f"{in_ms(bar.seconds)}, from {bar.from_s * 1000:,.1f} to {bar.to_s * 1000:,.1f} ms"
    return f"{bar.label}{times}: {when}{f': {bar.detail}' if bar.detail else ''}"


def _wait(before: Labelled, after: Placed, y: int) -> Iterator[str]:
    left, right = _LEFT + before.waits_from + 3, _LEFT + after.left - 2
    if right - left < 4:
        return
    yield f'<path class="wait" d="M{left} {y}H{right}"/>'
    said = f"waits {in_ms(after.bar.from_s - before.placed.bar.to_s)}"
    if len(said) * _LETTERING.letter <= right - left - 20:
        yield _text((left + right) / 2, y - 5, said, "dim", anchor="middle")


def _legend(chart: Chart, y: int) -> tuple[list[str], int]:
    """Each phase with its share, the largest first, on as many lines as they take."""
    lines: list[str] = []
    x = float(_EDGE)
    for phase, took, share in chart.shares:
        said = f"{WORDS[phase]} {in_ms(took)}, {share_of(share, 1.0)}"
        width = 18 + len(said) * _LETTERING.letter + 22
        if x + width > WIDTH - _EDGE + 22:
            x, y = float(_EDGE), y + 22
        lines.append(f'<rect class="{phase}" x="{x:.0f}" y="{y - 10}" width="12" height="12" rx="2"/>')
        lines.append(_text(x + 18, y, said))
        x += width
    return lines, y


def _cropped(words: str, room: float) -> str:
    """Words that fit; the end is kept, because names differ there."""
    most = int(room / 7.3)
    return words if len(words) <= most else f"{words[: most - 9]}…{words[-8:]}"


def _text(x: float, y: float, words: str, style: str = "", *, anchor: str = "") -> str:
    look = f' class="{style.strip()}"' if style.strip() else ""
    middle = f' text-anchor="{anchor}"' if anchor else ""
    return f'<text x="{x:g}" y="{y:g}"{look}{middle}>{escape(words)}</text>'
