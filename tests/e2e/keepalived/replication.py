"""python -m tests.e2e.keepalived.replication SCENARIO MOVER: one scenario in a process of its own.

Options, exit code and needs are those of `tests.e2e.run`.
"""

import argparse
import sys
from pathlib import Path

from tests.e2e.keepalived import replication_judge as judge
from tests.e2e.keepalived import replication_lab as lab
from tests.e2e.keepalived.replicated import Replicated
from tests.e2e.keepalived.replication_example import MOVERS
from tests.e2e.keepalived.replication_scenarios import SCENARIOS
from tests.e2e.lab import ends
from tests.e2e.run import end_in_time


def play(name: str, mover: str, logs: Path | None = None) -> Replicated:
    """Run one scenario; the logs are kept whatever becomes of it."""
    with lab.start(MOVERS[mover]()) as scene:
        try:
            SCENARIOS[name].act(scene)
        finally:
            _keep(scene, logs)
        return scene.replicated()


def violations(name: str, found: Replicated) -> list[str]:
    """What the judge has to say."""
    return SCENARIOS[name].violations(found)


def summary(name: str, mover: str, found: Replicated) -> str:
    """A few lines for people."""
    violated = [f"  violated: {each}" for each in violations(name, found)[:10]]
    shown = ends(found.seen.logs) if violated else []
    return "\n".join([f"replication, {name} ({mover}): {_figures(found)}", *violated, *shown])


def _figures(found: Replicated) -> str:
    first = judge.first_confirmed(found, "fault")
    took = "never" if first is None else f"{first.ended - found.seen.marks['fault']:.1f} s"
    return f"written again after {took}; {len(found.confirmed)} rows confirmed"


def main() -> int:
    options = _options()
    end_in_time(with_parent=options.parent)
    found = play(options.scenario, options.mover, options.logs)
    if options.evidence:
        options.evidence.write_text(found.to_json())
    print(summary(options.scenario, options.mover, found))
    return 1 if violations(options.scenario, found) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.keepalived.replication")
    parser.add_argument("scenario", choices=list(SCENARIOS))
    parser.add_argument("mover", choices=list(MOVERS))
    parser.add_argument("--evidence", type=Path)
    parser.add_argument("--logs", type=Path)
    parser.add_argument("--parent", action="store_true")
    return parser.parse_args()


def _keep(scene: lab.ReplicationLab, logs: Path | None) -> None:
    if logs:
        logs.mkdir(parents=True, exist_ok=True)
        for name, text in scene.logs().items():
            (logs / f"{name}.log").write_text(text)


if __name__ == "__main__":
    sys.exit(main())
