"""What the hooks of one node, and the Pgpool-II around them, say while they say it.

Rules: every line gets its monotonic time when it is read; what is not for people is kept for the case
that something goes wrong. When a hook begins and ends is said by a wrapper of three lines, because
Pgpool-II logs neither.
"""

from __future__ import annotations

import os
import re
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path

from vipswitch.demo.events import Event, Tell

_WRAPPER = """\
#!/bin/sh
verb=$1; shift
echo "demo: $verb begins: $*" >&2
"$@"
code=$?
echo "demo: $verb ended $code" >&2
exit $code
"""
_BEGINS = re.compile(r"demo: (\w+) begins: (.*)")
_ENDED = re.compile(r"demo: (\w+) ended (\d+)")
_STEP = re.compile(r"vipswitch: vip=\S+ step=(.*) ms=(\d+)")
_READ = re.compile(r"read .*place=(.*) holder=(.*)")
_AS_READ = r"read \1: held by \2"
_OTHER = re.compile(r"vipswitch: (.*)")
_PGPOOL = (
    (re.compile(r'remote node "([\d.]+):.*" is lost'), "Pgpool-II: node {} is lost"),
    (re.compile(r"to \[STANDING FOR LEADER\]"), "Pgpool-II: stands for leader"),
    (re.compile(r"I am the cluster leader node$"), "Pgpool-II: is leader"),
    (re.compile(r"quorum found"), "Pgpool-II: has a quorum, escalates"),
)


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a hook; without an end while it runs, and if it was killed."""

    node: str
    verb: str
    begun: float
    ended: float | None = None
    code: int | None = None


class Ear:
    """Listens to one node and tells what is worth telling."""

    def __init__(self, node: str, tell: Tell) -> None:
        self.runs: list[Run] = []
        self.lines: list[str] = []
        self._node = node
        self._said = ""
        self._tell = tell

    def mouth(self) -> int:
        """A new descriptor to speak to this ear, to be closed once it is handed on."""
        theirs, ours = os.pipe()
        threading.Thread(target=self._listen, args=(theirs,), daemon=True).start()
        return ours

    def hear(self, line: str, *, at: float) -> None:
        """Take in one line."""
        self.lines.append(line)
        said = self._words(line, at)
        if said and said != self._said:
            self._tell(Event(at, self._node, said))
            self._said = said

    def _listen(self, source: int) -> None:
        with open(source, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                self.hear(line.rstrip("\n"), at=time.monotonic())

    def _words(self, line: str, at: float) -> str | None:
        if begins := _BEGINS.fullmatch(line):
            self.runs.append(Run(self._node, begins[1], at))
            return f"runs {_shown(begins[2])}"
        if ended := _ENDED.fullmatch(line):
            run = self._end(ended[1], at, int(ended[2]))
            return f"{run.verb} ended with exit code {run.code} after {(at - run.begun) * 1000:.0f} ms"
        return _of_hook(line) or _of_pgpool(line)

    def _end(self, verb: str, at: float, code: int) -> Run:
        number = next(n for n, run in enumerate(self.runs) if run.verb == verb and run.ended is None)
        self.runs[number] = replace(self.runs[number], ended=at, code=code)
        return self.runs[number]


def write_wrapper(folder: Path) -> Path:
    """The program to put, with a verb, before a hook's command line."""
    wrapper = folder / "hook"
    wrapper.write_text(_WRAPPER)
    wrapper.chmod(0o755)
    return wrapper


def _shown(command: str) -> str:
    """A command line without folders and settings."""
    program, *words = command.partition(" --")[0].split()
    return " ".join([Path(program).name, *words])


def _of_hook(line: str) -> str | None:
    if step := _STEP.fullmatch(line):
        return f"  {_READ.sub(_AS_READ, step[1])}, {step[2]} ms"
    other = _OTHER.fullmatch(line)
    return f"  {other[1]}" if other else None


def _of_pgpool(line: str) -> str | None:
    for pattern, words in _PGPOOL:
        if found := pattern.search(line):
            return words.format(*found.groups())
    return None
