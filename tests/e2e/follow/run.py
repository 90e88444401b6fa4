"""Plays one scenario by one follower and says what was wrong: `python -m tests.e2e.follow.run followed etcd`.

The mover is the kind of source that `vipswitch follow` watches, or the counter-example. Exit status 1 when
something was violated. With `--parent` it ends when its stdin does.
"""

import argparse
import os
import signal
import sys
import threading
from pathlib import Path

from tests.e2e.evidence import Evidence
from tests.e2e.follow import lab
from tests.e2e.follow.followers import KINDS, NAIVE
from tests.e2e.follow.scenarios import SCENARIOS
from tests.e2e.judge import at
from tests.e2e.lab import ends
from vipswitch.testing.fabric.namespaces import sweep

_SHOWN = 10


def play(name: str, mover: str, logs: Path | None = None) -> Evidence:
    """Play it and return what was recorded."""
    sweep()
    with lab.start(mover) as scene:
        try:
            SCENARIOS[name].act(scene)
        finally:
            _keep(scene.logs(), logs)
        return scene.evidence()


def violations(name: str, evidence: Evidence) -> list[str]:
    """What the scenario's rules say."""
    return SCENARIOS[name].violations(evidence)


def summary(name: str, mover: str, evidence: Evidence) -> str:
    """A few lines for people."""
    lines = [f"follow {name} ({mover}):"]
    lines += [f"  {mark} {at(evidence, moment)}" for mark, moment in evidence.marks.items()]
    lines += [f"  {role}: {node}" for role, node in evidence.roles.items()]
    lines += [f"  moved: {route.holder} {at(evidence, route.at)}" for route in evidence.routes]
    violated = [f"  violated: {each}" for each in violations(name, evidence)[:_SHOWN]]
    return "\n".join([*lines, *violated, *(ends(evidence.logs) if violated else [])])


def main() -> int:
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if options.parent:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    evidence = play(options.scenario, options.mover, options.logs)
    if options.evidence:
        options.evidence.write_text(evidence.to_json())
    print(summary(options.scenario, options.mover, evidence))
    return 1 if violations(options.scenario, evidence) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.follow.run")
    parser.add_argument("scenario", choices=list(SCENARIOS))
    parser.add_argument("mover", choices=[*KINDS, NAIVE])
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
