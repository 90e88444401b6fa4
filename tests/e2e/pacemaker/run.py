"""python -m tests.e2e.pacemaker.run SCENARIO MOVER: one scenario in a process of its own, what came of it.

`--evidence FILE` writes what was noted, for the judge; `--parent` ends when stdin does. Exit code 1 when
something was violated. Needs root.
"""

import argparse
import os
import signal
import sys
import threading
from pathlib import Path

from tests.e2e.lab import ends
from tests.e2e.pacemaker import stage
from tests.e2e.pacemaker.evidence import Evidence
from tests.e2e.pacemaker.scenarios import SCENARIOS


def play(name: str, mover: str) -> Evidence:
    """Run one scenario; what breaks off tells what the nodes had logged."""
    scenario = SCENARIOS[name]
    with stage.start(mover, fences=scenario.fences) as lab:
        try:
            scenario.act(lab)
        except Exception as broken:
            broken.add_note("\n".join(ends(lab.evidence().logs)))
            raise
        return lab.evidence()


def summary(name: str, mover: str, evidence: Evidence) -> str:
    """A few lines for people."""
    lines = [f"{name} ({mover})"]
    for moment, seen in evidence.moments.items():
        told = f"on {seen.where}, routes to {seen.holders}, address on {seen.addresses}"
        lines.append(f"  {moment}: {told}, failed {seen.failures}, fenced {seen.fenced}")
    violated = [f"  violated: {each}" for each in SCENARIOS[name].violations(evidence)]
    return "\n".join([*lines, *violated, *(ends(evidence.logs) if violated else [])])


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.pacemaker.run")
    parser.add_argument("scenario", choices=list(SCENARIOS))
    parser.add_argument("mover", choices=list(stage.MOVERS))
    parser.add_argument("--evidence", type=Path)
    parser.add_argument("--parent", action="store_true")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if options.parent:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    evidence = play(options.scenario, options.mover)
    if options.evidence:
        options.evidence.write_text(evidence.to_json())
    print(summary(options.scenario, options.mover, evidence))
    return 1 if SCENARIOS[options.scenario].violations(evidence) else 0


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
