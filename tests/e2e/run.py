"""python -m tests.e2e.run SCENARIO MOVER [--method M]: one scenario in a process of its own, what came of it.

The other options, exit code and needs are those of `tests.e2e.program`.
"""

import argparse
import sys
from pathlib import Path

from tests.e2e import (
    agent_scenarios,
    judge,
    managed_scenarios,
    movers,
    outage_scenarios,
    program,
    race_scenarios,
    scenarios,
    stage,
    writes_scenarios,
)
from tests.e2e.acts import Scenario
from tests.e2e.blackout import divided
from tests.e2e.evidence import Deed, Evidence
from tests.e2e.methods import DEFAULT, METHODS

SCENARIOS = (
    scenarios.SCENARIOS
    | agent_scenarios.SCENARIOS
    | race_scenarios.SCENARIOS
    | outage_scenarios.SCENARIOS
    | writes_scenarios.SCENARIOS
    | managed_scenarios.SCENARIOS
)


def play(name: str, mover: str, method: str = DEFAULT, logs: Path | None = None) -> Evidence:
    """Run one scenario, again if that was spoiled; the logs are kept whatever becomes of it."""
    evidence = _played(SCENARIOS[name], mover, method, logs)
    return _played(SCENARIOS[name], mover, method, logs) if SCENARIOS[name].spoiled(evidence) else evidence


def _played(scenario: Scenario, mover: str, method: str, logs: Path | None) -> Evidence:
    style = METHODS[method].style or scenario.style
    with stage.start(
        mover, method, nodes=scenario.nodes, style=style, settings=scenario.settings, asks=scenario.asks
    ) as scene:
        try:
            scenario.act(scene)
        finally:
            program.keep(scene.logs(), logs)
        return scene.evidence()


def violations(name: str, evidence: Evidence, method: str = DEFAULT) -> list[str]:
    """What the judge has to say, by the rules of the method."""
    return SCENARIOS[name].violations(evidence, METHODS[method].rules)


def summary(name: str, mover: str, evidence: Evidence, method: str = DEFAULT) -> str:
    """A few lines for people."""
    runs = [f"{hook.node} {hook.hook} {hook.code}" for hook in evidence.hooks]
    deeds = [_deed(evidence, deed) for deed in evidence.deeds]
    played = mover if method == DEFAULT else f"{mover}, {method}"
    lines = [f"{name} ({played}): {divided(evidence) or 'no takeover'}"]
    lines += [f"  hooks: {_first(runs)}"]
    lines += [f"  agents: {_first(deeds)}"] if deeds else []
    lines += [f"  held: {held(evidence)}"] if "release" in evidence.marks else []
    return "\n".join([*lines, *program.verdict(violations(name, evidence, method), evidence.logs)])


def held(evidence: Evidence) -> str:
    """The old leader's requests that were held at the gate."""
    actions = [request.action for request in judge.requests_of_old(evidence)]
    return ", ".join(actions) or "nothing, for `down` asked the cloud for nothing"


def _first(told: list[str]) -> str:
    return ", ".join(told[:10]) + (f" and {len(told) - 10} more" if told[10:] else "")


def _deed(evidence: Evidence, deed: Deed) -> str:
    end = f"{deed.code}" if deed.finished else f"{deed.code}, goes on"
    return f"{deed.node} {deed.verb} ({deed.reason}) {end} {judge.at(evidence, deed.at)}"


def main() -> int:
    options = _options()
    return program.run(
        options,
        lambda: play(options.scenario, options.mover, options.method, options.logs),
        lambda evidence: summary(options.scenario, options.mover, evidence, options.method),
        lambda evidence: violations(options.scenario, evidence, options.method),
    )


def _options() -> argparse.Namespace:
    parser = program.parser("tests.e2e.run", SCENARIOS, movers.MOVERS)
    parser.add_argument("--method", choices=list(METHODS), default=DEFAULT)
    options = parser.parse_args()
    if not METHODS[options.method].plays(options.scenario):
        parser.error(f"{options.method} is not played in {options.scenario}")
    return options


if __name__ == "__main__":
    sys.exit(main())
