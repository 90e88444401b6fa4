"""python -m tests.e2e.keepalived.run SCENARIO MOVER: one scenario in a process of its own, what came of it.

Options, exit code and needs are those of `tests.e2e.run`.
"""

import argparse
import sys
from pathlib import Path

from tests.e2e.evidence import Evidence
from tests.e2e.keepalived import judge, lab
from tests.e2e.keepalived.movers import MOVERS
from tests.e2e.keepalived.scenarios import SCENARIOS
from tests.e2e.lab import ends
from tests.e2e.run import end_in_time


def play(name: str, mover: str, logs: Path | None = None) -> Evidence:
    """Run one scenario; the logs are kept whatever becomes of it."""
    scenario = SCENARIOS[name]
    with lab.start(mover, scenario.edits) as scene:
        try:
            scenario.act(scene)
        finally:
            _keep(scene, logs)
        return scene.evidence()


def violations(name: str, evidence: Evidence) -> list[str]:
    """What the judge has to say."""
    return SCENARIOS[name].violations(evidence)


def summary(name: str, mover: str, evidence: Evidence) -> str:
    """A few lines for people."""
    violated = [f"  violated: {each}" for each in violations(name, evidence)[:10]]
    shown = ends(evidence.logs) if violated else []
    return "\n".join([f"keepalived, {name} ({mover}): {_figures(name, evidence)}", *violated, *shown])


def _figures(name: str, evidence: Evidence) -> str:
    if name == "turns":
        return f"stop: address off after {_seconds(judge.off_after(evidence))}"
    if name == "heals":
        heals = [mark for mark in evidence.marks if mark.startswith("heal ")]
        return ", ".join(f"{mark}: {_seconds(judge.healed_after(evidence, mark))}" for mark in heals)
    return f"{len(evidence.hooks)} orders"


def _seconds(value: float | None) -> str:
    return "never" if value is None else f"{value:.2f} s"


def main() -> int:
    options = _options()
    end_in_time(with_parent=options.parent)
    evidence = play(options.scenario, options.mover, options.logs)
    if options.evidence:
        options.evidence.write_text(evidence.to_json())
    print(summary(options.scenario, options.mover, evidence))
    return 1 if violations(options.scenario, evidence) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.keepalived.run")
    parser.add_argument("scenario", choices=list(SCENARIOS))
    parser.add_argument("mover", choices=list(MOVERS))
    parser.add_argument("--evidence", type=Path)
    parser.add_argument("--logs", type=Path)
    parser.add_argument("--parent", action="store_true")
    return parser.parse_args()


def _keep(scene: lab.Lab, logs: Path | None) -> None:
    if logs:
        logs.mkdir(parents=True, exist_ok=True)
        for name, text in scene.logs().items():
            (logs / f"{name}.log").write_text(text)


if __name__ == "__main__":
    sys.exit(main())
