"""docs/performance.svg: the figures of docs/performance.md as a picture.

Rules: bars begin at zero, lines that lie far apart have logarithmic axes; everything carries its name and its
value; text stays text; a reader in the dark gets the same picture in other colours, by a style sheet inside
the file.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.agenda import SLOW_MS
from bench.aws.methods import ROUTE_TABLE
from bench.azure import methods as azure
from bench.contenders import AGENT, ALL, FLOOR, HOOK, SAMPLE, Contender
from bench.figures import middle
from bench.results import Cell, Results
from bench.tables import milliseconds

_INK, _PAPER, _LINE = "#1f2328", "#ffffff", "#d8dee4"
_COLOURS = {AGENT.key: "#0a7d4f", HOOK.key: "#5fb58c", SAMPLE.key: "#c2571a", FLOOR.key: "#9aa4ae"}
_IN_THE_DARK = {_INK: "#e6edf3", _PAPER: "#0d1117", _LINE: "#30363d"}
_SETTINGS = {
    "svg.fonttype": "none",
    "svg.hashsalt": "vipswitch",
    "font.family": "sans-serif",
    "font.size": 9,
    "text.color": _INK,
    "axes.labelcolor": _INK,
    "axes.edgecolor": _LINE,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
}


def draw(results: Results, path: Path) -> None:
    """Write the picture."""
    with mpl.rc_context(_SETTINGS):
        figure = Figure(figsize=(9.2, 10.8), layout="constrained", facecolor=_PAPER)
        axes = figure.subplot_mosaic([["write", "whole"], ["many", "many"]], height_ratios=[2.2, 1])
        _bars(axes["write"], results, "write_s", "until the write reaches the API")
        _bars(axes["whole"], results, "whole_s", "whole process", names=False)
        _lines(axes["many"], results)
        figure.get_layout_engine().set(hspace=0.08, w_pad=0.08, h_pad=0.08)
        drawn = io.StringIO()
        figure.savefig(drawn, format="svg", metadata={"Date": None})
    path.write_text(_for_light_and_dark(drawn.getvalue()))


def _bars(axes: Axes, results: Results, figure: str, title: str, *, names: bool = True) -> None:
    """One bar for each contender, in a group for each setting, the first one on top."""
    position, ticks, labels = 0.0, [], []
    for cell in filter(_in_bars, results.cells()):
        axes.text(1.02, position - 0.75, _setting(cell), va="center", style="italic")
        for contender in (each for each in ALL if results.runs(each, cell)):
            _bar(axes, position, contender, results, cell, figure)
            ticks.append(position)
            labels.append(contender.label if names else "")
            position += 1
        position += 1.1
    axes.set(title=f"{title}, ms", xlim=(0, 1.17 * axes.dataLim.xmax), ylim=(position - 1.2, -1.3))
    axes.set_yticks(ticks, labels)
    _plain(axes)


def _in_bars(cell: Cell) -> bool:
    """A route table of AWS at each latency; Azure only where the requests count."""
    of_azure = cell.method in azure.MEASURED and cell.latency_ms == SLOW_MS
    return cell.tables == 1 and (cell.method == ROUTE_TABLE or of_azure)


def _setting(cell: Cell) -> str:
    return f"{cell.method}, {cell.latency_ms} ms added to each request"


def _bar(
    axes: Axes, position: float, contender: Contender, results: Results, cell: Cell, figure: str
) -> None:
    value = middle(results.runs(contender, cell), figure)
    axes.barh(position, value * 1000, height=0.8, color=_COLOURS[contender.key])
    axes.annotate(
        milliseconds(value), (value * 1000, position), (4, 0), textcoords="offset points", va="center"
    )


def _lines(axes: Axes, results: Results) -> None:
    """Until the last of several tables has moved, with the slow API."""
    counts = sorted(
        {cell.tables for cell in results.cells() if cell == Cell(tables=cell.tables, latency_ms=SLOW_MS)}
    )
    for contender in (SAMPLE, HOOK, AGENT):
        runs = {count: results.runs(contender, Cell(tables=count, latency_ms=SLOW_MS)) for count in counts}
        points = [(count, middle(found, "moved_s")) for count, found in runs.items() if found]
        if points:
            _line(axes, points, contender)
    axes.set(
        title=f"{ROUTE_TABLE}, until the last of several has moved, ms; {SLOW_MS} ms added to each request",
        xscale="log",
        yscale="log",
        xlim=(0.9, 150),
        ylim=(70, 200_000),
        xlabel="route tables",
    )
    axes.set_xticks(counts, [str(count) for count in counts])
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    _plain(axes)


def _line(axes: Axes, points: Sequence[tuple[int, float]], contender: Contender) -> None:
    colour = _COLOURS[contender.key]
    axes.plot([x for x, _ in points], [y * 1000 for _, y in points], marker="o", color=colour, linewidth=2)
    for x, y in points:
        axes.annotate(
            milliseconds(y), (x, y * 1000), (0, 7), textcoords="offset points", ha="center", fontsize=8
        )
    x, y = points[-1]
    axes.annotate(contender.label, (x, y * 1000), (20, -3), textcoords="offset points", weight="bold")


def _plain(axes: Axes) -> None:
    axes.set_facecolor(_PAPER)
    axes.minorticks_off()
    axes.tick_params(length=0)
    axes.grid(visible=True, axis="x" if axes.get_yscale() == "linear" else "both", color=_LINE, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")


def _for_light_and_dark(svg: str) -> str:
    """With the colours for the dark, which win over those that stand at each element."""
    rules = "".join(
        f'[style*="{kind}: {light}"]{{{kind}:{dark}!important}}'
        for light, dark in _IN_THE_DARK.items()
        for kind in ("fill", "stroke")
    )
    style = f"<style>@media (prefers-color-scheme: dark){{{rules}}}</style>"
    head, defs, rest = svg.partition("<defs>")
    return f"{head}{style}{defs}{rest}"
