"""Whether an order outlived the outage of the API it fell into: pure functions from evidence to violations.

Rules: those of `agent_judge`. The hook says in time that it failed, and how, because its caller waits for it;
the agent goes on.
"""

from collections.abc import Collection

from tests.e2e import judge
from tests.e2e.agent_judge import arrives, no_deed, writes_after
from tests.e2e.evidence import Evidence
from tests.e2e.judge import ROUTES, Rules
from vipswitch.errors import OutcomeUnknown, PermissionDenied, Unavailable

BACK_WITHIN_S = 8.0
"""From the return of the API until the new leader has the VIP."""

HOOK_WITHIN_S = 10.5
"""A hook waits for 10 s, and 0.3 s more for the agent's last word."""


def api_down(evidence: Evidence, rules: Rules = ROUTES) -> list[str]:
    """A write without an answer may have had an effect."""
    return _outage(evidence, rules, {Unavailable.exit_code, OutcomeUnknown.exit_code})


def api_refuses(evidence: Evidence, rules: Rules = ROUTES) -> list[str]:
    """A refusal is told at once."""
    return _outage(evidence, rules, {PermissionDenied.exit_code})


def _outage(evidence: Evidence, rules: Rules, codes: Collection[int]) -> list[str]:
    new, back = evidence.roles["new"], evidence.marks["return"]
    return [
        *_hooks(evidence, codes),
        *arrives(evidence, back, BACK_WITHIN_S, new, rules),
        *_others(evidence, new),
        *([] if judge.has_address(evidence, new) else [f"{new} is left without the address"]),
        *no_deed(evidence, new, "up", "order"),
    ]


def _hooks(evidence: Evidence, codes: Collection[int]) -> list[str]:
    """Exactly one `up`, that failed in time; the API had not come back by then."""
    fault, back = evidence.marks["fault"], evidence.marks["return"]
    ups = [hook for hook in evidence.hooks if hook.hook == "up" and hook.started > fault]
    ends = [hook.ended for hook in ups]
    if len(ups) != 1 or ends[0] is None or ends[0] > back:
        return [f"not one `up` that ended before the API was back: {ups}"]
    [up], took = ups, ends[0] - ups[0].started
    wrong = [] if up.code in codes else [f"{up.node}: `up` ended with {up.code}"]
    return wrong + ([f"{up.node}: `up` took {took:.3f} s"] if took > HOOK_WITHIN_S else [])


def _others(evidence: Evidence, new: str) -> list[str]:
    """What another node did: a write, or taking the address."""
    fault = evidence.marks["fault"]
    writes = [judge.asked_for(evidence, w) for w in writes_after(evidence, fault) if w.node != new]
    took = [event for event in evidence.addresses if event.present and event.at > fault and event.node != new]
    return writes + [f"{event.node}: took the address {judge.at(evidence, event.at)}" for event in took]
