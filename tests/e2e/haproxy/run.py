"""python -m tests.e2e.haproxy.run SCENARIO MOVER: one scenario in a process of its own, what came of it.

Options, exit code and needs are those of `tests.e2e.program`.
"""

import sys
from pathlib import Path

from tests.e2e import program
from tests.e2e.evidence import Evidence
from tests.e2e.haproxy import lab
from tests.e2e.haproxy.scenarios import SCENARIOS


def play(name: str, logs: Path | None = None) -> Evidence:
    """Run one scenario; the logs are kept whatever becomes of it."""
    with lab.start() as scene:
        try:
            SCENARIOS[name].act(scene)
        finally:
            program.keep(scene.logs(), logs)
        return scene.evidence()


def violations(name: str, evidence: Evidence) -> list[str]:
    """What the judge has to say."""
    return SCENARIOS[name].violations(evidence)


def summary(name: str, mover: str, evidence: Evidence) -> str:
    """A few lines for people."""
    first = f"haproxy {name} ({mover}): {len(evidence.rows)} rows"
    told = program.verdict(violations(name, evidence), evidence.logs)
    return "\n".join([first, *program.timeline(evidence), *told])


def main() -> int:
    options = program.parser("tests.e2e.haproxy.run", SCENARIOS, ["agent"]).parse_args()
    return program.run(
        options,
        lambda: play(options.scenario, options.logs),
        lambda evidence: summary(options.scenario, options.mover, evidence),
        lambda evidence: violations(options.scenario, evidence),
    )


if __name__ == "__main__":
    sys.exit(main())
