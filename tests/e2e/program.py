"""What the programs that play one scenario have in common: `python -m MODULE SCENARIO MOVER`.

`--evidence FILE` writes all that was recorded; `--logs FOLDER` keeps the logs; `--parent` ends when stdin
does, so that no lab outlives the tests that started it. Exit code 1 when something was violated. Needs root.
"""

import argparse
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Protocol, TypeVar

from tests.e2e import judge
from tests.e2e.evidence import Evidence
from tests.e2e.lab import ends

_SHOWN = 12


class Recorded(Protocol):
    """What a play leaves for its judge."""

    def to_json(self) -> str: ...


R = TypeVar("R", bound=Recorded)


def parser(module: str, scenarios: Iterable[str], movers: Iterable[str]) -> argparse.ArgumentParser:
    """The options of all programs."""
    made = argparse.ArgumentParser(prog=f"python -m {module}")
    made.add_argument("scenario", choices=list(scenarios))
    made.add_argument("mover", choices=list(movers))
    made.add_argument("--evidence", type=Path)
    made.add_argument("--logs", type=Path)
    made.add_argument("--parent", action="store_true")
    return made


def run(
    options: argparse.Namespace,
    play: Callable[[], R],
    summary: Callable[[R], str],
    violations: Callable[[R], list[str]],
) -> int:
    """Play, leave what was asked for, tell people, and return the exit code."""
    _end_in_time(with_parent=options.parent)
    recorded = play()
    if options.evidence:
        options.evidence.write_text(recorded.to_json())
    print(summary(recorded))
    return 1 if violations(recorded) else 0


def keep(logs: Mapping[str, str], folder: Path | None) -> None:
    """Write each log to a file of its name, where a folder was asked for."""
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in logs.items():
            (folder / f"{name}.log").write_text(text)


def timeline(evidence: Evidence) -> list[str]:
    """What was done, by whom, and where the VIP went: a line each."""
    return [
        *(f"  {mark} {judge.at(evidence, at)}" for mark, at in evidence.marks.items()),
        *(f"  {role}: {node}" for role, node in evidence.roles.items()),
        *(f"  moved: {route.holder} {judge.at(evidence, route.at)}" for route in evidence.routes),
    ]


def verdict(violations: list[str], logs: Mapping[str, str]) -> list[str]:
    """What was violated, and the ends of the logs if anything was: a line each."""
    return [f"  violated: {each}" for each in violations[:_SHOWN]] + (ends(logs) if violations else [])


def _end_in_time(*, with_parent: bool) -> None:
    """Let SIGTERM, and the end of stdin where a parent holds it, end the lab in good order."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if with_parent:
        threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)
