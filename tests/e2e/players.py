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
    "cut",
    "split-storm",
    "contested",
    "healed-by-authority",
    "healed-by-mark",
    "neglected",
    "halfway",
)
_LONGEST_S = 400


@dataclass(frozen=True, slots=True)
class Play:
    """One scenario with one mover of one method; the repetition tells equal ones apart."""

    scenario: str
    mover: str
    repetition: int
    method: str = DEFAULT


class Players:
    """Plays these while entered, so many at once."""

    def __init__(self, plays: Sequence[Play], folder: Path, jobs: int) -> None:
        self._folder = folder
        self._pool = ThreadPoolExecutor(max_workers=jobs)
        self._running: set[subprocess.Popen[str]] = set()
        self._lock = threading.Lock()
        self._stopping = False
        self._lifeline = os.pipe()
        ordered = sorted(
            set(plays), key=lambda play: (play.scenario not in _LONGEST_FIRST, plays.index(play))
        )
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

    def evidence(self, play: Play) -> Evidence:
        """What the play left, once it is over; RuntimeError with its output if it broke off."""
        return self._results[play].result()

    def _run(self, play: Play) -> Evidence:
        path = self._folder / f"{play.method}-{play.scenario}-{play.mover}-{play.repetition}.json"
        process = self._begin(play, path)
        try:
            _, errors = process.communicate(timeout=_LONGEST_S)
        except subprocess.TimeoutExpired:
            process.terminate()
            _, errors = process.communicate()
        if not path.exists():
            raise RuntimeError(f"{play} broke off with {process.returncode}\n{errors}")
        return Evidence.from_json(path.read_text())

    def _begin(self, play: Play, path: Path) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.e2e.run", play.scenario, play.mover, "--parent"]
        command += ["--method", play.method]
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
