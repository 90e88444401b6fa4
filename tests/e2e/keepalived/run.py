"""python -m tests.e2e.keepalived.run SCENARIO MOVER: one scenario in a process of its own, what came of it.

Options, exit code and needs are those of `tests.e2e.program`.
"""

import sys
from pathlib import Path

from tests.e2e import program
from tests.e2e.evidence import Evidence
from tests.e2e.keepalived import judge, lab
from tests.e2e.keepalived.movers import MOVERS
from tests.e2e.keepalived.scenarios import SCENARIOS, Scenario


def play(name: str, mover: str, logs: Path | None = None) -> Evidence:
    """Run one scenario, again if that was spoiled; the logs are kept whatever becomes of it."""
    evidence = _played(SCENARIOS[name], mover, logs)
    return _played(SCENARIOS[name], mover, logs) if SCENARIOS[name].spoiled(evidence) else evidence


def _played(scenario: Scenario, mover: str, logs: Path | None) -> Evidence:
    with lab.start(mover, scenario.edits) as scene:
        try:
            scenario.act(scene)
        finally:
            program.keep(scene.logs(), logs)
        return scene.evidence()


def violations(name: str, evidence: Evidence) -> list[str]:
    """What the judge has to say."""
    return SCENARIOS[name].violations(evidence)


def summary(name: str, mover: str, evidence: Evidence) -> str:
    """A few lines for people."""
    told = program.verdict(violations(name, evidence), evidence.logs)
    return "\n".join([f"keepalived, {name} ({mover}): {_figures(name, evidence)}", *told])


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
    options = program.parser("tests.e2e.keepalived.run", SCENARIOS, MOVERS).parse_args()
    return program.run(
        options,
        lambda: play(options.scenario, options.mover, options.logs),
        lambda evidence: summary(options.scenario, options.mover, evidence),
        lambda evidence: violations(options.scenario, evidence),
    )


if __name__ == "__main__":
    sys.exit(main())
