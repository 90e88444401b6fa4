"""Whether the pair of proxies behaved: pure functions from evidence to violations, worded for people.

Rules: those of `tests.e2e.judge`. keepalived notices a dead HAProxy by two checks a second apart, and a dead
keepalived by three advertisements a second apart; the VIP's own time is what is left of that.
"""

from tests.e2e import judge
from tests.e2e.evidence import Evidence
from tests.e2e.patroni.judge import CLEARED_WITHIN_S, lost

TAKEN_WITHIN_S = 6.0
"""From the death of a proxy until the other one has the VIP."""

WRITTEN_WITHIN_S = 10.0
"""From the promotion behind the proxies until a row is acknowledged again: checks, then replication."""

__all__ = ["CLEARED_WITHIN_S", "TAKEN_WITHIN_S", "WRITTEN_WITHIN_S", "proxies"]


def proxies(evidence: Evidence) -> list[str]:
    """Whoever of the two has a HAProxy that serves has the VIP, and rows are written through it."""
    old, new = evidence.roles["old"], evidence.roles["new"]
    before, between = evidence.until("returned"), evidence.until("dead")
    return [
        *_taken(before, "killed", new),
        *([f"{old} still had the address"] if judge.has_address(before, old) else []),
        *judge.wrong_holders(between, evidence.marks["returned"], new),
        *judge.silences(evidence.until("switchover"), evidence.marks["returned"]),
        *_written(between, evidence.marks["switched"], "switched"),
        *_taken(evidence, "dead", old),
        *([f"{new} still has the address"] if judge.has_address(evidence, new) else []),
        *lost(evidence),
    ]


def _taken(evidence: Evidence, mark: str, holder: str) -> list[str]:
    """The VIP is the other proxy's in time, and clients write through it from then on."""
    since = evidence.marks[mark] + TAKEN_WITHIN_S
    return [*judge.wrong_holders(evidence, since, holder), *_written(evidence, since, mark)]


def _written(evidence: Evidence, since: float, mark: str) -> list[str]:
    good = [query.ended for query in evidence.queries if query.error is None and query.started > since]
    in_time = good and good[0] <= since + WRITTEN_WITHIN_S
    return [] if in_time else [f"no row was acknowledged within {WRITTEN_WITHIN_S} s of {mark}"]
