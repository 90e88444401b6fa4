"""python -m tests.e2e.keepalived.replication SCENARIO MOVER: one scenario in a process of its own.

Options, exit code and needs are those of `tests.e2e.program`.
"""

import sys
from pathlib import Path

from tests.e2e import program
from tests.e2e.keepalived import replication_judge as judge
from tests.e2e.keepalived import replication_lab as lab
from tests.e2e.keepalived.replicated import Replicated
from tests.e2e.keepalived.replication_example import MOVERS
from tests.e2e.keepalived.replication_scenarios import SCENARIOS


def play(name: str, mover: str, logs: Path | None = None) -> Replicated:
    """Run one scenario; the logs are kept whatever becomes of it."""
    with lab.start(MOVERS[mover]()) as scene:
        try:
            SCENARIOS[name].act(scene)
        finally:
            program.keep(scene.logs(), logs)
        return scene.replicated()


def violations(name: str, found: Replicated) -> list[str]:
    """What the judge has to say."""
    return SCENARIOS[name].violations(found)


def summary(name: str, mover: str, found: Replicated) -> str:
    """A few lines for people."""
    told = program.verdict(violations(name, found), found.seen.logs)
    return "\n".join([f"replication, {name} ({mover}): {_figures(found)}", *told])


def _figures(found: Replicated) -> str:
    first = judge.first_confirmed(found, "fault")
    took = "never" if first is None else f"{first.ended - found.seen.marks['fault']:.1f} s"
    return f"written again after {took}; {len(found.confirmed)} rows confirmed"


def main() -> int:
    options = program.parser("tests.e2e.keepalived.replication", SCENARIOS, MOVERS).parse_args()
    return program.run(
        options,
        lambda: play(options.scenario, options.mover, options.logs),
        lambda found: summary(options.scenario, options.mover, found),
        lambda found: violations(options.scenario, found),
    )


if __name__ == "__main__":
    sys.exit(main())
