"""A table on stdout: as wide as the terminal; a pipe gets whole lines."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Sequence

_WHOLE_LINES = 240


def print_table(columns: Sequence[str], rows: Iterable[Sequence[tuple[str, str]]]) -> None:
    """Print rows of cells, each a text and its style; `COLUMN>` is aligned to the right."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(
            column.removesuffix(">"), justify="right" if column.endswith(">") else "left", overflow="fold"
        )
    for row in rows:
        table.add_row(*(Text(words, style=style) for words, style in row))
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else _WHOLE_LINES
    Console(width=width, highlight=False).print(table)
