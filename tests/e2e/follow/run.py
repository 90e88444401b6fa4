"""Plays one scenario by one follower and says what was wrong: `python -m tests.e2e.follow.run followed etcd`.

The mover is the kind of source that `vipswitch follow` watches, or the counter-example. Options, exit code
and needs are those of `tests.e2e.program`.
"""

import sys
from pathlib import Path

from tests.e2e import program
from tests.e2e.evidence import Evidence
from tests.e2e.follow import lab
from tests.e2e.follow.followers import KINDS, NAIVE
from tests.e2e.follow.scenarios import SCENARIOS
from vipswitch.testing.fabric.namespaces import sweep


def play(name: str, mover: str, logs: Path | None = None) -> Evidence:
    """Play it and return what was recorded."""
    sweep()
    with lab.start(mover) as scene:
        try:
            SCENARIOS[name].act(scene)
        finally:
            program.keep(scene.logs(), logs)
        return scene.evidence()


def violations(name: str, evidence: Evidence) -> list[str]:
    """What the scenario's rules say."""
    return SCENARIOS[name].violations(evidence)


def summary(name: str, mover: str, evidence: Evidence) -> str:
    """A few lines for people."""
    told = program.verdict(violations(name, evidence), evidence.logs)
    return "\n".join([f"follow {name} ({mover}):", *program.timeline(evidence), *told])


def main() -> int:
    options = program.parser("tests.e2e.follow.run", SCENARIOS, [*KINDS, NAIVE]).parse_args()
    return program.run(
        options,
        lambda: play(options.scenario, options.mover, options.logs),
        lambda evidence: summary(options.scenario, options.mover, evidence),
        lambda evidence: violations(options.scenario, evidence),
    )


if __name__ == "__main__":
    sys.exit(main())
