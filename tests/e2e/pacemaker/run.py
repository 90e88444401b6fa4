"""python -m tests.e2e.pacemaker.run SCENARIO MOVER: one scenario in a process of its own, what came of it.

Options, exit code and needs are those of `tests.e2e.program`.
"""

import sys
from pathlib import Path

from tests.e2e import program
from tests.e2e.lab import ends
from tests.e2e.pacemaker import stage
from tests.e2e.pacemaker.evidence import Evidence
from tests.e2e.pacemaker.scenarios import SCENARIOS


def play(name: str, mover: str, logs: Path | None = None) -> Evidence:
    """Run one scenario; what breaks off tells what the nodes had logged."""
    scenario = SCENARIOS[name]
    with stage.start(mover, fences=scenario.fences) as lab:
        try:
            scenario.act(lab)
        except Exception as broken:
            broken.add_note("\n".join(ends(lab.evidence().logs)))
            raise
        finally:
            program.keep(lab.evidence().logs, logs)
        return lab.evidence()


def summary(name: str, mover: str, evidence: Evidence) -> str:
    """A few lines for people."""
    lines = [f"{name} ({mover})"]
    for moment, seen in evidence.moments.items():
        told = f"on {seen.where}, routes to {seen.holders}, address on {seen.addresses}"
        lines.append(f"  {moment}: {told}, failed {seen.failures}, fenced {seen.fenced}")
    return "\n".join([*lines, *program.verdict(SCENARIOS[name].violations(evidence), evidence.logs)])


def main() -> int:
    options = program.parser("tests.e2e.pacemaker.run", SCENARIOS, stage.MOVERS).parse_args()
    return program.run(
        options,
        lambda: play(options.scenario, options.mover, options.logs),
        lambda evidence: summary(options.scenario, options.mover, evidence),
        lambda evidence: SCENARIOS[options.scenario].violations(evidence),
    )


if __name__ == "__main__":
    sys.exit(main())
