"""Whether agents mended what they must, and nothing else: pure functions from evidence to violations.

Rules: those of `judge`. Only agents may have done it: a scenario that Pgpool-II ends by running a hook again
proves nothing. How long each repair may take is said here once, in numbers of looks, which are 5 s apart.
"""

from collections import Counter

from tests.e2e import judge
from tests.e2e.evidence import Evidence, Hook, Request
from tests.e2e.judge import ROUTES, Rules, at

LOOK_S = 5.0
BACK_WITHIN_S = 3 * LOOK_S
"""Until a route that was deleted is there again."""

CLEARED_WITHIN_S = 2 * LOOK_S + 2.0
"""Until a stale address is gone, from the call that starts the agent on."""

FINISHED_WITHIN_S = 3.0
"""Until an order is done whose hook is dead."""

_KILLED = -9


def neglected(evidence: Evidence, rules: Rules = ROUTES) -> list[str]:
    """All three, each by what was recorded until the next began."""
    return [
        *hook_killed(evidence.until("agent"), rules),
        *stale_address(evidence.until("deleted"), rules),
        *route_deleted(evidence, rules),
    ]


def route_deleted(evidence: Evidence, rules: Rules = ROUTES) -> list[str]:
    """The holder creates its routes again, each once, and asks for no other write; nobody else does."""
    deleted, holder = evidence.marks["deleted"], evidence.roles["new"]
    writes = [
        request for request in writes_after(evidence, deleted) if request.node != evidence.roles["person"]
    ]
    wrong = [each for each in writes if (each.node, each.action) != (holder, "CreateRoute")]
    tables = {route.table for route in evidence.routes}
    more = [f"{holder}: CreateRoute was asked for {len(writes)} times"] if len(writes) > len(tables) else []
    return [
        *(judge.asked_for(evidence, each) for each in wrong),
        *([] if wrong else more),
        *ran_since(evidence, deleted),
        *_never_left(evidence, deleted),
        *arrives(evidence, deleted, BACK_WITHIN_S, holder, rules),
    ]


def hook_killed(evidence: Evidence, rules: Rules = ROUTES) -> list[str]:
    """The order of a hook that was killed before anything had come of it is carried out all the same."""
    killed, new = evidence.marks["hook killed"], evidence.roles["new"]
    ups = [hook for hook in ups_since(evidence, evidence.marks["fault"]) if hook.node == new]
    codes = [hook.code for hook in ups]
    early = [
        f"{new}: {each.action} took effect before the hook was killed"
        for each in evidence.requests
        if each.committed and evidence.marks["fault"] < each.committed < killed
        if each.action in rules.moves
    ]
    return [
        *([] if codes == [_KILLED] else [f"{new}: `up` was to be killed, and ended with {codes}"]),
        *early,
        *arrives(evidence, killed, FINISHED_WITHIN_S, new, rules),
        *([] if judge.has_address(evidence, new) else [f"{new} is left without the address"]),
        *no_deed(evidence, new, "up", "order"),
    ]


def stale_address(evidence: Evidence, rules: Rules = ROUTES) -> list[str]:
    """The old node's address goes, and that is all that is done there; the new leader notices nothing."""
    old, new, since = evidence.roles["old"], evidence.roles["new"], evidence.marks["agent"]
    gone = [
        e.at for e in evidence.addresses if e.node == old and not e.present and e.at > evidence.marks["fault"]
    ]
    early = gone and gone[0] < since
    in_time = gone and gone[0] < since + CLEARED_WITHIN_S and not judge.has_address(evidence, old)
    return [
        *judge.wrong_holders(evidence, since, new),
        *judge.silences(evidence, since, rules),
        *([f"{old}: the address went before the agent came"] if early else []),
        *([] if in_time else [f"{old}: the address was not gone within {CLEARED_WITHIN_S} s"]),
        *(judge.asked_for(evidence, each) for each in writes_after(evidence, since)),
    ]


def alone(evidence: Evidence) -> list[str]:
    """Each `up` and `down` that no agent carried out."""
    hooks = Counter((hook.node, hook.hook) for hook in evidence.hooks if hook.hook in ("up", "down"))
    deeds = Counter((d.node, d.verb) for d in evidence.deeds if d.reason in ("order", "repeat"))
    return [f"{node}: {count} `{verb}` without the agent" for (node, verb), count in (hooks - deeds).items()]


def arrives(evidence: Evidence, since: float, within_s: float, holder: str, rules: Rules) -> list[str]:
    """Whether the VIP was late to come to `holder` for good, and its clients to notice."""
    moment = judge.settled(evidence, since, holder)
    if moment is None or moment > since + within_s:
        late = f"the VIP did not come to {holder} for good within {within_s} s"
        return [late, *judge.wrong_holders(evidence, since + within_s, holder)]
    return judge.silences(evidence, moment, rules)


def writes_after(evidence: Evidence, moment: float) -> list[Request]:
    """What was asked for that could have changed something."""
    return [request for request in evidence.requests if request.mutating and request.received > moment]


def ups_since(evidence: Evidence, moment: float) -> list[Hook]:
    return [hook for hook in evidence.hooks if hook.hook == "up" and hook.started > moment]


def ran_since(evidence: Evidence, moment: float) -> list[str]:
    """Pgpool-II may not have had a hand in it."""
    return [
        f"{hook.node}: Pgpool-II ran `up` {at(evidence, hook.started)}"
        for hook in ups_since(evidence, moment)
    ]


def _never_left(evidence: Evidence, moment: float) -> list[str]:
    """A fault that took nothing from anybody proves nothing."""
    left = any(route.holder is None and route.at > moment for route in evidence.routes)
    return [] if left else ["no route was ever gone"]


def no_deed(evidence: Evidence, node: str, verb: str, reason: str) -> list[str]:
    """Whether the history lacks such a move, finished and well."""
    known = any(
        (deed.node, deed.verb, deed.reason, deed.code, deed.finished) == (node, verb, reason, 0, True)
        for deed in evidence.deeds
    )
    return [] if known else [f"{node}: no finished `{verb}` ({reason}) in the history"]
