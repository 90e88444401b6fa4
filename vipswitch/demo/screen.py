"""All of it for people: on a terminal with a moving picture below the text, elsewhere as plain lines.

Rules: nothing is told by colour alone; on a pipe every line is whole, however long.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from vipswitch.demo.events import Event
from vipswitch.demo.strip import SILENCE, by_seconds

_COLOURS = {
    "n1": "green",
    "n2": "bright_blue",
    "n3": "magenta",
    "AWS": "yellow",
    "file": "yellow",
    "network": "yellow",
    "client": "bold",
}
_CELLS = {"1": "green", "2": "bright_blue", "3": "magenta", SILENCE: "red"}
_LEGEND = f"the client's line: each character 100 ms, a digit the node that answers, {SILENCE} silence"
_ROW_S = 6


@dataclass(frozen=True, slots=True)
class Picture:
    """This moment: who holds the VIP, which nodes live, what the client heard."""

    holder: str | None
    nodes: Mapping[str, bool]
    strip: str
    silence_s: float


class Screen:
    """Where the demo is shown."""

    def __init__(self, console: Console, vip: str) -> None:
        self._console = console
        self._vip = vip
        self._zero = 0.0
        self._chapters = 0
        self._live: Live | None = None

    @contextmanager
    def live(self) -> Iterator[None]:
        """On a terminal, the picture moves below the text meanwhile."""
        if not self._console.is_terminal:
            yield
            return
        with Live(console=self._console, auto_refresh=False, transient=True) as self._live:
            try:
                yield
            finally:
                self._live.update("", refresh=True)
                self._live = None

    @contextmanager
    def working(self, what: str) -> Iterator[None]:
        """Something takes a few seconds."""
        if self._console.is_terminal:
            with self._console.status(what):
                yield
        else:
            self.line(f"{what} …")
            yield

    def line(self, text: str | Text = "", *, style: str = "") -> None:
        """One line."""
        self._console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)

    def about(self, facts: Mapping[str, str]) -> None:
        """Names and what they stand for."""
        for name, text in facts.items():
            self.line(Text.assemble((f"{name:<9}", _COLOURS.get(name, "bold")), text))

    def chapter(self, title: str, *, zero: float) -> None:
        """A heading; the events below it are timed from `zero`."""
        self._zero = zero
        self._chapters += 1
        self.line()
        self.line(f"{self._chapters}. {title}", style="bold reverse" if self._console.is_terminal else "")

    def events(self, events: Sequence[Event]) -> None:
        """One line each."""
        for event in events:
            ms = _thousands((event.at - self._zero) * 1000)
            colour = _COLOURS.get(event.who, "")
            self.line(Text.assemble((f"{ms:>8} ms  ", "dim"), (f"{event.who:<8}", colour), event.text))

    def strip(self, line: str) -> None:
        """The client's line."""
        self.line(
            f"   the client's line: a character is 100 ms, a digit the node that answers, {SILENCE} silence"
        )
        for row in by_seconds(line, seconds=_ROW_S):
            self.line(Text("   ").append_text(_coloured(row)))

    def output(self, command: str, text: str) -> None:
        """A command and what it printed."""
        self.line(command, style="bold")
        for line in text.rstrip().splitlines():
            self.line(f"  {line.rstrip()}")

    def parts(self, total: str, parts: Mapping[str, float]) -> None:
        """A sum and its parts, in seconds, with bars."""
        self.line(total, style="bold")
        whole = sum(parts.values()) or 1.0
        for name, seconds in parts.items():
            bar = "█" * max(round(seconds / whole * 30), 1)
            self.line(f"{_thousands(seconds * 1000):>8} ms  {name:<44} {bar}")

    def show(self, picture: Picture) -> None:
        """Draw this moment; on a terminal only."""
        if self._live is not None:
            self._live.update(_panel(self._vip, picture, self._console.width), refresh=True)


def _panel(vip: str, picture: Picture, width: int) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    table.add_row("VIP", Text(f"{vip} → ").append(picture.holder or "nobody", _style(picture.holder)))
    nodes = [
        Text(f"{name} {'up' if up else 'DEAD'}", _style(name) if up else "red")
        for name, up in picture.nodes.items()
    ]
    table.add_row("nodes", Text("   ").join(nodes))
    table.add_row("client", _coloured(picture.strip[-(width - 14) :] or " "))
    silent = picture.silence_s > 0.25
    heard = f"no answer for {_thousands(picture.silence_s * 1000)} ms" if silent else ""
    table.add_row("", Text(heard, "bold red"))
    return Panel(table, width=width)


def _node(name: str, up: bool) -> Text:
    return Text(f"{name} up", _style(name)) if up else Text(f"{name} DEAD", "bold red")


def _style(node: str | None) -> str:
    return f"bold {_COLOURS.get(node or '', 'red')}"


def _coloured(cells: str) -> Text:
    text = Text()
    for cell in cells:
        colour = _CELLS.get(cell)
        text.append(cell, f"{colour} reverse" if colour and cell != SILENCE else colour or "")
    return text


def _thousands(number: float) -> str:
    return f"{number:,.0f}".replace(",", " ")
