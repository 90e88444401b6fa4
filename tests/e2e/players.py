"""Plays scenarios side by side, each in a process of its own.

Rules: the longest begin first; a player that is no longer wanted gets SIGTERM and time to clear up, and ends
by itself when this process dies, because its stdin ends.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.e2e.evidence import Evidence
from tests.e2e.methods import DEFAULT

_ROOT = Path(__file__).resolve().parents[2]
_LONGEST_FIRST = (
    "heals",
    "events",
    "outage",
    "away",
    "steady",
    "led",
    "maintained",
    "cut",
    "split-storm",
    "followed",
    "proxies",
    "late",
    "failover",
    "contested",
    "healed-by-authority",
    "healed-by-mark",
    "neglected",
    "halfway",
)
"""The scenarios that take longest, whoever plays them; the first takes as long as ten of the others."""

_LONGEST_S = 400

PGPOOL = "tests.e2e.run"


@dataclass(frozen=True, slots=True)
class Play:
    """One scenario with one mover of one method; the repetition tells equal ones apart.

    `module` is the program that plays it: `python -m MODULE SCENARIO MOVER --evidence FILE --parent`, with
    `--method M` where that is not the default; it writes what is to be judged as text, if it comes so far.
    """

    scenario: str
    mover: str
    repetition: int
    method: str = DEFAULT
    module: str = PGPOOL


class Players:
    """Plays these while entered, so many at once."""

    def __init__(self, plays: Sequence[Play], folder: Path, jobs: int) -> None:
        self._folder = folder
        self._pool = ThreadPoolExecutor(max_workers=jobs)
        self._running: set[subprocess.Popen[str]] = set()
        self._lock = threading.Lock()
        self._stopping = False
        self._lifeline = os.pipe()
        ordered = sorted(set(plays), key=lambda play: (_turn(play), plays.index(play)))
        self._results = {play: self._pool.submit(self._run, play) for play in ordered}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._stopping = True
            for process in self._running:
                process.terminate()
        self._pool.shutdown(cancel_futures=True)
        for end in self._lifeline:
            os.close(end)

    def left(self, play: Play) -> str:
        """What the play wrote, once it is over; RuntimeError with its output if it broke off."""
        return self._results[play].result()

    def evidence(self, play: Play) -> Evidence:
        """The same, of a program that leaves `Evidence`."""
        return Evidence.from_json(self.left(play))

    def _run(self, play: Play) -> str:
        words = (play.module, play.method, play.scenario, play.mover, str(play.repetition))
        path = self._folder / f"{'-'.join(words)}.json"
        process = self._begin(play, path)
        try:
            _, errors = process.communicate(timeout=_LONGEST_S)
        except subprocess.TimeoutExpired:
            process.terminate()
            _, errors = process.communicate()
        if not path.exists():
            raise RuntimeError(f"{play} broke off with {process.returncode}\n{errors}")
        return path.read_text()

    def _begin(self, play: Play, path: Path) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", play.module, play.scenario, play.mover, "--parent"]
        command += [] if play.method == DEFAULT else ["--method", play.method]
        with self._lock:
            if self._stopping:
                raise RuntimeError("not played: the session ends")
            process = subprocess.Popen(
                [*command, "--evidence", str(path)],
                cwd=_ROOT,
                env={name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
                stdin=self._lifeline[0],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            )
            self._running.add(process)
        return process


def _turn(play: Play) -> int:
    return (*_LONGEST_FIRST, play.scenario).index(play.scenario)
