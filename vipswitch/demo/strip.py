"""The client's line: one character for every 100 ms, the number of the node that answered, or a dot."""

from __future__ import annotations

from collections.abc import Iterable

from vipswitch.demo.probes import Probe

CELL_S = 0.1
SILENCE = "·"
PER_SECOND = round(1 / CELL_S)


def strip(probes: Iterable[Probe], *, start: float, end: float) -> str:
    """The probes sent in [start, end); a cell in which none was sent is a space."""
    cells = [" "] * max(round((end - start) / CELL_S), 0)
    for probe in probes:
        number = int((probe.sent - start) // CELL_S)
        if 0 <= number < len(cells) and (probe.node or cells[number] == " "):
            cells[number] = probe.node[-1] if probe.node else SILENCE
    return "".join(cells)


def by_seconds(line: str, *, seconds: int) -> list[str]:
    """The same in rows of so many seconds, with a gap after each second."""
    groups = [line[at : at + PER_SECOND] for at in range(0, len(line), PER_SECOND)]
    return [" ".join(groups[at : at + seconds]) for at in range(0, len(groups), seconds)]
