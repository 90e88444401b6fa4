"""Whether a scenario went as it must: pure functions from evidence to violations, worded for people.

Rules: those of `tests.e2e.judge`. Who leads is what Patroni's REST API said when the mark was set. Rows are
acknowledged again only when a replica follows the new leader, which is PostgreSQL's time and not the VIP's.
"""

from tests.e2e import judge
from tests.e2e.agent_judge import LOOK_S
from tests.e2e.evidence import Evidence
from tests.e2e.judge import at

AT_ONCE_S = 3.0
"""From the promotion until the VIP is the new leader's: 0.1 s, but all of a lab shares a few cores."""

HEALED_WITHIN_S = 3 * LOOK_S
"""From a late write until the leader's agent has undone it."""

CLEARED_WITHIN_S = 2 * LOOK_S + 2.0
"""Until the address of a node that is dead but for its agent is gone."""

WRITTEN_WITHIN_S = 10.0
"""From the promotion until a row is acknowledged again."""


def led(evidence: Evidence) -> list[str]:
    """The VIP follows each change of leaders, whatever becomes of the callback, and nothing else."""
    second = evidence.roles["second"]
    return [
        *_follows(evidence.until("second"), "switched", evidence.roles["new"]),
        *_killed(evidence, second),
        *_arrives(evidence.until("paused"), "released", AT_ONCE_S, second),
        *_stays(evidence.until("resumed"), "paused", second),
        *_follows(evidence, "promoted", evidence.roles["heir"]),
        *_cleared(evidence, evidence.roles["dead"]),
        *lost(evidence),
    ]


def late(evidence: Evidence) -> list[str]:
    """A late request takes the VIP to a replica, and the agents undo that."""
    third = evidence.roles["third"]
    return [
        *_was_late(evidence, evidence.roles["second"]),
        *_arrives(evidence, "late", HEALED_WITHIN_S, third),
        *_alone(evidence, third),
        *lost(evidence),
    ]


def lost(evidence: Evidence) -> list[str]:
    """The rows that were acknowledged and are not there; a client that wrote none proves nothing."""
    written = {query.row for query in evidence.queries if query.error is None}
    gone = sorted(row for row in written - set(evidence.rows) if row is not None)
    none = [] if written else ["no row was ever written"]
    return none + ([f"{len(gone)} acknowledged rows are lost: {gone[:5]}"] if gone else [])


def _follows(evidence: Evidence, mark: str, holder: str) -> list[str]:
    """The VIP is the new leader's at once, and rows are acknowledged there."""
    since = evidence.marks[mark]
    good = [query.ended for query in evidence.queries if query.error is None and query.started > since]
    written = good and good[0] <= since + WRITTEN_WITHIN_S
    return [
        *_arrives(evidence, mark, AT_ONCE_S, holder),
        *([] if written else [f"no row was acknowledged within {WRITTEN_WITHIN_S} s of {mark}"]),
    ]


def _stays(evidence: Evidence, mark: str, holder: str) -> list[str]:
    """Nothing moves, and no client notices."""
    since = evidence.marks[mark]
    moved = [each for each in evidence.addresses if each.at > since]
    return [
        *judge.wrong_holders(evidence, since, holder),
        *(f"{each.node}: the address came or went {at(evidence, each.at)}" for each in moved),
        *judge.silences(evidence, since),
    ]


def _arrives(evidence: Evidence, mark: str, within_s: float, holder: str) -> list[str]:
    """Whether the VIP was late to come to `holder` for good."""
    since = evidence.marks[mark]
    moment = judge.settled(evidence, since, holder)
    if moment is not None and moment <= since + within_s:
        return []
    late = f"the VIP did not come to {holder} for good within {within_s} s of {mark}"
    return [late, *judge.wrong_holders(evidence, since + within_s, holder)]


def _cleared(evidence: Evidence, dead: str) -> list[str]:
    """The address of a node that died is gone before it returns, and does not come back."""
    return [
        *([f"{dead} still had the address"] if judge.has_address(evidence.until("returned"), dead) else []),
        *_alone(evidence, evidence.roles["heir"]),
    ]


def _alone(evidence: Evidence, holder: str) -> list[str]:
    """In the end the holder has the address, and nobody else."""
    nodes = sorted({event.node for event in evidence.addresses})
    has = [node for node in nodes if judge.has_address(evidence, node)]
    return [] if has == [holder] else [f"the address is on {has}, not on {holder} alone"]


def _killed(evidence: Evidence, node: str) -> list[str]:
    """A callback that ended by itself proves nothing."""
    since = evidence.marks["second"]
    runs = [
        hook
        for hook in evidence.hooks
        if (hook.node, hook.hook) == (node, "on_role_change") and hook.started > since
    ]
    return [] if runs and runs[0].ended is None else [f"{node}: the callback was not killed"]


def _was_late(evidence: Evidence, node: str) -> list[str]:
    """A held request that has changed nothing proves nothing."""
    since = evidence.marks["late"]
    came = any(route.holder == node and route.at > since for route in evidence.routes)
    return [] if came else [f"no late request of {node} took effect"]
