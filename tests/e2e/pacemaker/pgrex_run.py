"""python -m tests.e2e.pacemaker.pgrex_run SCENARIO AGENT: a PG-REX pair through its events, as judged.

Options, exit code and needs are those of `tests.e2e.program`.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.e2e import program
from tests.e2e.acts import full
from tests.e2e.pacemaker import pgrex_judge, servers
from tests.e2e.pacemaker.pair import VIPS, Pair, application, pair
from tests.e2e.pacemaker.pgrex_evidence import Evidence
from tests.e2e.stage import folder_of_its_own

AGENTS: dict[str, Callable[[str], str]] = {
    "vipswitch": str,
    "ipaddr2": lambda crm: crm.replace("ocf:vipswitch:vip", "ocf:heartbeat:IPaddr2"),
}
_WRITTEN_S = 3.0


def events(made: Pair, evidence: Evidence) -> None:
    """Switchover; the standby's power fails; the primary's power fails; each time the node comes back."""
    made.wait_for(made.in_sync, 120)
    first = str(made.primary())
    second = made.other(first)
    evidence.roles = {"primary": first, "standby": second}
    _standby_has_vip(made, evidence, second, "begun")
    with application(made, "write", "primary"), application(made, "read", "standby"):
        time.sleep(_WRITTEN_S)
        if full():
            _deleted_in_aws(made, first)
        _switchover(made, first, second)
        _standby_has_vip(made, evidence, first, "joined after switchover")
        _standby_dies(made, first, second)
        _standby_has_vip(made, evidence, first, "joined after power failure")
        _primary_dies(made, first, second)
        _standby_has_vip(made, evidence, second, "joined after promotion")
        time.sleep(_WRITTEN_S)
    made.mark("end")


def first_rows(made: Pair, _: Evidence) -> None:
    """Only until the cluster says that the primary has its VIP."""
    made.wait_for(lambda: any(made.has("primary", name) for name in made.cluster.nodes), 120)
    with application(made, "write", "primary"):
        time.sleep(_WRITTEN_S)
    made.mark("end")


def _deleted_in_aws(made: Pair, primary: str) -> None:
    """Somebody takes the primary VIP off the interface that has it; the monitor that asks AWS will see it."""
    made.mark("deleted")
    made.unassign("primary", primary)
    made.wait_for(lambda: made.holders()["primary"] == primary, 120)
    _becomes_primary(made, primary)
    _is_written(made, since=time.monotonic())
    made.mark("mended")
    time.sleep(_WRITTEN_S)


def _switchover(made: Pair, old: str, new: str) -> None:
    """By hand, as `pg-rex_switchover` does: the server is stopped in order while Pacemaker does not look."""
    made.mark("switchover")
    made.cluster.ask("crm_attribute", "--name", "maintenance-mode", "--update", "true")
    servers.stop(made.node(old))
    made.cluster.ask("crm_attribute", "--name", "maintenance-mode", "--delete")
    _becomes_primary(made, new)
    made.mark("switched")
    made.node(old).stop()
    servers.unlock(made.node(old))
    made.node(old).start()


def _standby_dies(made: Pair, standby: str, primary: str) -> None:
    made.mark("standby killed")
    made.power_off(standby)
    made.wait_for(lambda: made.holders()["standby"] == primary, 90)
    made.mark("moved to primary")
    time.sleep(_WRITTEN_S)
    made.mark("powered on")
    made.power_on(standby)
    made.node(standby).start()


def _primary_dies(made: Pair, new: str, old: str) -> None:
    """The one that comes back takes a copy, by way of the replication VIP."""
    made.mark("primary killed")
    made.power_off(old)
    _becomes_primary(made, new)
    made.mark("promoted")
    time.sleep(_WRITTEN_S)
    made.mark("powered on again")
    made.power_on(old)
    servers.unlock(made.node(old))
    servers.copy_primary(made.node(old), str(VIPS["replication"]))
    made.node(old).start()


def _becomes_primary(made: Pair, name: str) -> None:
    wanted = {"primary": name, "replication": name}
    made.wait_for(lambda: wanted.items() <= made.holders().items() and made.primary() == name, 120)


def _is_written(made: Pair, *, since: float) -> None:
    """Until a row is written: the connection of the standby may have to find its way again first."""
    made.wait_for(lambda: any(each.said and each.started > since for each in made.statements("write")), 90)


def _standby_has_vip(made: Pair, evidence: Evidence, name: str, mark: str) -> None:
    made.wait_for(lambda: made.holders()["standby"] == name and made.in_sync(), 120)
    made.wait_for(lambda: made.has("standby", name), 30)
    made.mark(mark)
    evidence.standbys.append(made.standby())
    time.sleep(_WRITTEN_S)


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is done, and what must come of it."""

    act: Callable[[Pair, Evidence], None]
    violations: Callable[[Evidence], list[str]]


SCENARIOS = {
    "events": Scenario(events, pgrex_judge.violations),
    "first-rows": Scenario(first_rows, pgrex_judge.unwritten),
}


def play(scenario: str, agent: str, logs: Path | None = None) -> Evidence:
    """The whole play; the logs are kept whatever becomes of it."""
    evidence = Evidence()
    with folder_of_its_own() as folder, pair(folder, AGENTS[agent]) as made:
        try:
            SCENARIOS[scenario].act(made, evidence)
        finally:
            _note(made, evidence)
            program.keep(evidence.logs, logs)
    return evidence


def _note(made: Pair, evidence: Evidence) -> None:
    evidence.marks = made.marks
    evidence.moves = {vip: list(moves) for vip, moves in made.moves().items()}
    evidence.writes, evidence.reads = made.statements("write"), made.statements("read")
    evidence.rows = {name: _rows(made, name) for name in made.cluster.nodes}
    evidence.addresses = made.addresses()
    evidence.fenced = made.fenced()
    evidence.logs = made.logs()


def _rows(made: Pair, name: str) -> list[int]:
    node = made.node(name)
    told = servers.sql(node, "select n from rows order by n") if node.running else None
    return [int(number) for number in (told or "").split()]


def violations(scenario: str, evidence: Evidence) -> list[str]:
    """What the judge has to say."""
    return SCENARIOS[scenario].violations(evidence)


def summary(scenario: str, evidence: Evidence) -> str:
    """A few lines for people."""
    marks = [f"  {at - min(evidence.marks.values()):6.1f} s {mark}" for mark, at in evidence.marks.items()]
    done = [each for each in evidence.writes if each.said]
    violated = [f"  violated: {each}" for each in violations(scenario, evidence)]
    return "\n".join([f"{len(done)} rows written", *marks, *violated])


def main() -> int:
    options = program.parser("tests.e2e.pacemaker.pgrex_run", SCENARIOS, AGENTS).parse_args()
    return program.run(
        options,
        lambda: play(options.scenario, options.mover, options.logs),
        lambda evidence: summary(options.scenario, evidence),
        lambda evidence: violations(options.scenario, evidence),
    )


if __name__ == "__main__":
    sys.exit(main())
