"""Whether the VIP that Pgpool-II orphans came back to the leader: pure functions from evidence to violations.

Rules: those of `agent_judge`. While both lead, whoever was elected later has the VIP, and the other one
leaves it alone. After the heal only the one that stays leader moves it, once.
"""

from tests.e2e import judge
from tests.e2e.agent_judge import LOOK_S, arrives, no_deed, ran_since, ups_since, writes_after
from tests.e2e.evidence import Evidence, Hook
from tests.e2e.judge import ROUTES, Rules

BY_MARK_WITHIN_S = 3 * LOOK_S
"""From the end of the other's `down` on."""

BY_AUTHORITY_WITHIN_S = 10.0 + 3 * LOOK_S
"""Likewise: the quorum is there again some 9 s after the heal, and a yes counts when it was given twice."""


MOST_WRITES = 1
"""How many may follow the second leader's `up`, on both nodes together."""


def healed_by_mark(evidence: Evidence, rules: Rules = ROUTES) -> list[str]:
    """The other one marks what it lets go of, and the leader restores it."""
    return [
        *_healed(evidence, rules, BY_MARK_WITHIN_S),
        *no_deed(evidence, evidence.roles["old"], "up", "restore"),
    ]


def healed_by_authority(evidence: Evidence, rules: Rules = ROUTES) -> list[str]:
    """Nothing is marked, and the leader takes what Pgpool-II says is its own."""
    marks = [
        f"{each.node}: {each.action} was permitted"
        for each in evidence.requests
        if each.action == "CreateTags" and each.committed
    ]
    return [
        *marks,
        *_healed(evidence, rules, BY_AUTHORITY_WITHIN_S),
        *no_deed(evidence, evidence.roles["old"], "up", "authority"),
    ]


def contested(evidence: Evidence, rules: Rules = ROUTES) -> list[str]:
    """The first leader neither writes nor gets its address back, whatever Pgpool-II runs there."""
    loser, holder = evidence.roles["old"], evidence.roles["new"]
    up = judge.new_up(evidence)
    if up is None or up.ended is None or up.node != holder:
        return ["no `up` of a second leader succeeded"]
    reruns = [hook for hook in ups_since(evidence, evidence.marks["storm"]) if hook.node == loser]
    writes = [judge.asked_for(evidence, write) for write in writes_after(evidence, up.ended)]
    return [
        *([] if reruns else [f"{loser}: the storm made Pgpool-II run nothing"]),
        *(writes if len(writes) > MOST_WRITES else []),
        *judge.wrong_holders(evidence, up.ended, holder),
        *judge.silences(evidence, up.ended, rules),
        *([f"{loser} has the address again"] if judge.has_address(evidence, loser) else []),
    ]


def elected_anew(evidence: Evidence) -> bool:
    """Whether Pgpool-II has chosen a leader after the heal: then it has left nothing orphaned.

    Under load both may give way, and vote again. An election is known by a process that is younger.
    """
    heal = evidence.marks["heal"]
    return any((hook.caller_started or heal) > heal for hook in ups_since(evidence, heal))


def _healed(evidence: Evidence, rules: Rules, within_s: float) -> list[str]:
    old, new, heal = evidence.roles["old"], evidence.roles["new"], evidence.marks["heal"]
    down = next((h for h in evidence.hooks if h.hook == "down" and h.node == new and h.started > heal), None)
    up = judge.new_up(evidence)
    if down is None or down.ended is None or up is None or up.ended is None:
        return [f"{new}: did not lead, or does so still"]
    return [
        *judge.wrong_holders(evidence, up.ended, new, heal),
        *ran_since(evidence, heal),
        *_let_go(evidence, down),
        *_writes(evidence, heal),
        *arrives(evidence, down.ended, within_s, old, rules),
    ]


def _let_go(evidence: Evidence, down: Hook) -> list[str]:
    """Whether the address stayed too long on the node that gives way."""
    limit = down.started + judge.ADDRESS_OFF_WITHIN_S
    events = [event for event in evidence.addresses if event.node == down.node and event.at < limit]
    late = events and events[-1].present
    back = judge.has_address(evidence, down.node)
    return [f"{down.node}: the address is not off within {limit - down.started} s"] if late or back else []


def _writes(evidence: Evidence, heal: float) -> list[str]:
    """What is asked for beside the marks of the one and one move of each route by the other."""
    old, new = evidence.roles["old"], evidence.roles["new"]
    allowed = {(new, "CreateTags"), (old, "ReplaceRoute")}
    writes = writes_after(evidence, heal)
    wrong = [judge.asked_for(evidence, w) for w in writes if (w.node, w.action) not in allowed]
    moves = sum(write.node == old for write in writes)
    tables = len({route.table for route in evidence.routes})
    return [*wrong, *([f"{old}: {moves} writes for {tables} routes"] if moves > tables else [])]
