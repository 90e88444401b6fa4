"""Whether the VIP went with the leader, and stayed while nobody could say who leads.

Rules: those of `tests.e2e.judge`. Who leads is what Patroni's REST API said when the mark was set: that the
node is a primary.
"""

from tests.e2e import judge
from tests.e2e.evidence import Evidence
from tests.e2e.judge import at

AT_ONCE_S = 5.0
"""From the promotion until the VIP is the new leader's: an interval, a fifth more, and two questions."""


def followed(evidence: Evidence) -> list[str]:
    """A switchover, an outage of the store, the death of the leader."""
    return [
        *arrives(evidence.until("outage"), "switched", evidence.roles["new"]),
        *stays(evidence, "outage", "back"),
        *arrives(evidence.until("killed"), "led", evidence.roles["after"]),
        *arrives(evidence, "promoted", evidence.roles["heir"]),
        *alone(evidence, evidence.roles["heir"]),
    ]


def maintained(evidence: Evidence) -> list[str]:
    """The same, and a pause in which the leader key ends: no client notices that one."""
    paused = evidence.until("resumed")
    return [
        *arrives(evidence.until("paused"), "switched", evidence.roles["new"]),
        *stays(evidence, "paused", "resumed"),
        *judge.silences(paused, evidence.marks["paused"]),
        *followed(evidence),
    ]


def outage(evidence: Evidence) -> list[str]:
    """An outage of the store, and no more."""
    return [*stays(evidence, "outage", "back"), *arrives(evidence, "led", evidence.roles["after"])]


def stays(evidence: Evidence, begin: str, end: str) -> list[str]:
    """While nobody can be elected, neither route nor address moves."""
    since, until = evidence.marks[begin], evidence.marks[end]
    routes = [each for each in evidence.routes if since < each.at < until]
    moved = [each for each in evidence.addresses if since < each.at < until]
    return [
        *(f"{each.table} came to lead to {each.holder} {at(evidence, each.at)}" for each in routes),
        *(f"{each.node}: the address came or went {at(evidence, each.at)}" for each in moved),
    ]


def arrives(evidence: Evidence, mark: str, holder: str) -> list[str]:
    """Whether the VIP was late to come to `holder` for good, with its address."""
    since = evidence.marks[mark]
    moment = judge.settled(evidence, since, holder)
    late = moment is None or moment > since + AT_ONCE_S
    said = [f"the VIP did not come to {holder} for good within {AT_ONCE_S} s of {mark}"] if late else []
    wrong = judge.wrong_holders(evidence, since + AT_ONCE_S, holder) if late else []
    missing = [] if judge.has_address(evidence, holder) else [f"{holder} has not the address"]
    return [*said, *wrong, *missing]


def alone(evidence: Evidence, holder: str) -> list[str]:
    """In the end the holder has the address, and nobody else."""
    nodes = sorted({event.node for event in evidence.addresses})
    has = [node for node in nodes if judge.has_address(evidence, node)]
    return [] if has == [holder] else [f"the address is on {has}, not on {holder} alone"]
