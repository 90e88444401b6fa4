"""`vipswitch timeline`: one move as a picture, in the terminal or as an SVG file."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from vipswitch.cli.moves import as_json, one
from vipswitch.errors import ConfigError
from vipswitch.options import Options
from vipswitch.timeline.chart import Chart, chart_of


def timeline(options: Options) -> int:
    """Draw the last move, or the one that is named; for scripts, print what it is drawn from."""
    move = one(options)
    if options.json:
        print(json.dumps(as_json(move), indent=2))
        return 0
    chart = chart_of(move)
    if options.svg is not None:
        _write(options.svg, chart)
        print(f"{options.svg}: drawn")
        return 0
    from rich.console import Console

    from vipswitch.timeline.terminal import show

    show(chart, Console(width=shutil.get_terminal_size((100, 24)).columns, highlight=False))
    return 0


def _write(path: Path, chart: Chart) -> None:
    from vipswitch.timeline.svg import drawn

    try:
        path.write_text(drawn(chart), encoding="utf-8")
    except OSError as wrong:
        raise ConfigError(f"{path}: {wrong.strerror}", hint="name a file that can be written") from wrong
