"""python -m tests.e2e.run SCENARIO MOVER [--method M]: one scenario in a process of its own, what came of it.

`--evidence FILE` writes all that was recorded; `--logs FOLDER` keeps Pgpool-II's logs; `--parent` ends when
stdin does, so that no lab outlives the tests that started it. Exit code 1 when something was violated. Needs
root.
"""

import argparse
import os
import signal
import sys
import threading
from pathlib import Path

from tests.e2e import (
    agent_scenarios,
    judge,
    managed_scenarios,
    movers,
    outage_scenarios,
    race_scenarios,
    scenarios,
    stage,
    writes_scenarios,
)
from tests.e2e.blackout import divided
from tests.e2e.evidence import Deed, Evidence
from tests.e2e.lab import Lab, ends
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
    """Run one scenario; the logs are kept whatever becomes of it."""
    scenario = SCENARIOS[name]
    style = METHODS[method].style or scenario.style
    with stage.start(
        mover, method, nodes=scenario.nodes, style=style, settings=scenario.settings, asks=scenario.asks
    ) as scene:
        try:
            scenario.act(scene)
        finally:
            _keep(scene, logs)
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
    violated = [f"  violated: {each}" for each in violations(name, evidence, method)[:10]]
    return "\n".join([*lines, *violated, *(ends(evidence.logs) if violated else [])])


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
    end_in_time(with_parent=options.parent)
    evidence = play(options.scenario, options.mover, options.method, options.logs)
    if options.evidence:
        options.evidence.write_text(evidence.to_json())
    print(summary(options.scenario, options.mover, evidence, options.method))
    return 1 if violations(options.scenario, evidence, options.method) else 0


def end_in_time(*, with_parent: bool) -> None:
    """Let SIGTERM, and the end of stdin where a parent holds it, end the lab in good order."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if with_parent:
        threading.Thread(target=_end_with_parent, daemon=True).start()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.run")
    parser.add_argument("scenario", choices=list(SCENARIOS))
    parser.add_argument("mover", choices=list(movers.MOVERS))
    parser.add_argument("--method", choices=list(METHODS), default=DEFAULT)
    parser.add_argument("--evidence", type=Path)
    parser.add_argument("--logs", type=Path)
    parser.add_argument("--parent", action="store_true")
    options = parser.parse_args()
    if not METHODS[options.method].plays(options.scenario):
        parser.error(f"{options.method} is not played in {options.scenario}")
    return options


def _keep(scene: Lab, logs: Path | None) -> None:
    if logs:
        logs.mkdir(parents=True, exist_ok=True)
        for name, text in scene.logs().items():
            (logs / f"{name}.log").write_text(text)


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
