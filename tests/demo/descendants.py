"""The processes below one process, wherever they go; Linux only."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Process:
    """A pid comes back; a pid with its start does not."""

    pid: int
    started: int


def below(pid: int) -> set[Process]:
    """All descendants of a process."""
    children: dict[int, list[Process]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        if found := _stat(int(folder.name)):
            parent, process = found
            children.setdefault(parent, []).append(process)
    return _closure(pid, children)


def alive(process: Process) -> bool:
    """Whether it still runs; a zombie does not."""
    found = _stat(process.pid)
    return found is not None and found[1] == process


def _closure(pid: int, children: dict[int, list[Process]]) -> set[Process]:
    found = set(children.get(pid, []))
    return found.union(*(_closure(child.pid, children) for child in found))


def _stat(pid: int) -> tuple[int, Process] | None:
    """Parent and process; the name before them may contain anything. Source: proc(5)."""
    try:
        state, parent, *rest = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if state == "Z" else (int(parent), Process(pid, int(rest[17])))
