"""python -m tests.e2e.haproxy.run SCENARIO MOVER: one scenario in a process of its own, what came of it.

`--evidence FILE` writes all that was recorded; `--logs FOLDER` keeps the logs; `--parent` ends when stdin
does, so that no lab outlives the tests that started it. Exit code 1 when something was violated. Needs root.
"""

import argparse
import os
import signal
import sys
import threading
from pathlib import Path

from tests.e2e import judge
from tests.e2e.evidence import Evidence
from tests.e2e.haproxy import lab
from tests.e2e.haproxy.scenarios import SCENARIOS
from tests.e2e.lab import ends

_SHOWN = 12


def play(name: str, logs: Path | None = None) -> Evidence:
    """Run one scenario; the logs are kept whatever becomes of it."""
    with lab.start() as scene:
        try:
            SCENARIOS[name].act(scene)
        finally:
            _keep(scene.logs(), logs)
        return scene.evidence()


def violations(name: str, evidence: Evidence) -> list[str]:
    """What the judge has to say."""
    return SCENARIOS[name].violations(evidence)


def summary(name: str, mover: str, evidence: Evidence) -> str:
    """A few lines for people."""
    moved = [f"{route.holder} {judge.at(evidence, route.at)}" for route in evidence.routes]
    lines = [f"haproxy {name} ({mover}): {len(evidence.rows)} rows"]
    lines += [f"  {mark} {judge.at(evidence, at)}" for mark, at in evidence.marks.items()]
    lines += [f"  {role}: {node}" for role, node in evidence.roles.items()]
    lines += [f"  moved: {each}" for each in moved]
    violated = [f"  violated: {each}" for each in violations(name, evidence)[:_SHOWN]]
    return "\n".join([*lines, *violated, *(ends(evidence.logs) if violated else [])])


def main() -> int:
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if options.parent:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    evidence = play(options.scenario, options.logs)
    if options.evidence:
        options.evidence.write_text(evidence.to_json())
    print(summary(options.scenario, options.mover, evidence))
    return 1 if violations(options.scenario, evidence) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.haproxy.run")
    parser.add_argument("scenario", choices=list(SCENARIOS))
    parser.add_argument("mover", choices=["agent"])
    parser.add_argument("--evidence", type=Path)
    parser.add_argument("--logs", type=Path)
    parser.add_argument("--parent", action="store_true")
    return parser.parse_args()


def _keep(logs: dict[str, str], folder: Path | None) -> None:
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in logs.items():
            (folder / f"{name}.log").write_text(text)


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
