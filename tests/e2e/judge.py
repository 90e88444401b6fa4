"""Whether a scenario went as it must: pure functions from evidence to violations, worded for people.

Rules: judged on every change that was recorded, not on a look at the end. From the return of the new
leader's `up` on there is no instant without or with a wrong holder, whatever the old leader's `down` still
does.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from tests.e2e.evidence import Evidence, Hook, Query, Request, Route

LONGEST_GAP_S = 1.0
ADDRESS_OFF_WITHIN_S = 1.0


@dataclass(frozen=True, slots=True)
class Rules:
    """What differs between methods; `moves` are the actions that move the VIP, or none if others share them.

    `never` are those that nobody may take, whoever has the VIP. `address` says whether nodes have an address
    that comes and goes with the VIP; `unbroken` that it leads to somebody while the next one takes it.
    """

    moves: frozenset[str]
    never: frozenset[str] = frozenset()
    first_answer_within_s: float = 0.2
    address: bool = True
    unbroken: bool = False


ROUTES = Rules(moves=frozenset({"CreateRoute", "ReplaceRoute", "DeleteRoute"}))


def killed(evidence: Evidence, rules: Rules = ROUTES) -> list[str]:
    """The old node keeps its address, for nobody calls it; that must harm no one."""
    return [*takeover(evidence, rules), *(breaks(evidence) if rules.unbroken else [])]


def stopped(evidence: Evidence, rules: Rules = ROUTES) -> list[str]:
    return [*takeover(evidence, rules), *address_stays(evidence, rules)]


def cut(evidence: Evidence, rules: Rules = ROUTES) -> list[str]:
    return [*takeover(evidence, rules), *address_stays(evidence, rules)]


def late_request(evidence: Evidence, rules: Rules = ROUTES) -> list[str]:
    """A `down` that asks the cloud for nothing has nothing that could be late."""
    early = [
        f"{request.node}: {request.action} was not held"
        for request in requests_of_old(evidence)
        if request.committed and request.committed < evidence.marks["release"]
    ]
    return [*early, *takeover(evidence, rules), *address_stays(evidence, rules)]


def requests_of_old(evidence: Evidence) -> list[Request]:
    """What the old leader asked of the cloud after the fault."""
    old, fault = evidence.roles["old"], evidence.marks["fault"]
    return [request for request in evidence.requests if request.node == old and request.received > fault]


def storm(evidence: Evidence, rules: Rules = ROUTES) -> list[str]:
    """The holder stays, and `up` gives the host its address back without a write to the cloud."""
    since, holder = evidence.marks["storm"], evidence.roles["new"]
    missing = [] if has_address(evidence, holder) else [f"{holder} is left without the address"]
    return [*needless(evidence, holder), *wrong_holders(evidence, since, holder), *missing]


def split_storm(evidence: Evidence, rules: Rules = ROUTES) -> list[str]:
    """The second leader has the VIP; the first must not take it back, and gets no address that it lost.

    When the second gives way after the heal, it may mark what it lets go of; and Pgpool-II may choose it
    again: an election is known by a process that is younger than the storm.
    """
    since, loser, holder = evidence.marks["storm"], evidence.roles["old"], evidence.roles["new"]
    regained = [f"{loser} has the address again"] if has_address(evidence, loser) else []
    elections = [
        hook
        for hook in evidence.hooks
        if (hook.node, hook.hook) == (holder, "up") and (hook.caller_started or since) > since
    ]

    def due(request: Request) -> bool:
        """Whether the second leader had a reason for it."""
        return request.node == holder and (
            request.action == "CreateTags"
            or any(hook.started < request.received < (hook.ended or math.inf) for hook in elections)
        )

    return [
        *needless(evidence, loser, due),
        *wrong_holders(evidence, since, holder),
        *regained,
    ]


def first_elected_anew(evidence: Evidence) -> bool:
    """Whether Pgpool-II has chosen the leader of before the split again, who takes the VIP rightly."""
    since, old = evidence.marks["heal"], evidence.roles["old"]
    return any(
        (hook.node, hook.hook) == (old, "up") and (hook.caller_started or since) > since
        for hook in evidence.hooks
    )


def takeover(evidence: Evidence, rules: Rules = ROUTES) -> list[str]:
    """The new leader has the VIP from the return of its `up` on, and clients notice at once."""
    up = new_up(evidence)
    if up is None or up.ended is None:
        return ["no `up` succeeded after the fault"]
    return [
        *wrong_holders(evidence, up.ended, up.node),
        *late_writes(evidence, up.ended, up.node, rules),
        *trespasses(evidence, up.node, rules),
        *silences(evidence, up.ended, rules),
    ]


def new_up(evidence: Evidence) -> Hook | None:
    """The `up` that ended the blackout."""
    fault = evidence.marks["fault"]
    ups = [hook for hook in evidence.hooks if hook.hook == "up" and hook.started > fault and hook.code == 0]
    return ups[0] if ups else None


def wrong_holders(evidence: Evidence, since: float, holder: str, until: float = float("inf")) -> list[str]:
    """Each stretch of time in which a table led elsewhere than to `holder`, or nowhere."""
    return [
        f"{route.table} leads to {route.holder or 'nobody'}, not {holder}, {span(evidence, start, end)}"
        for route, start, end in _stretches(evidence, since, until)
        if route.holder != holder
    ]


def breaks(evidence: Evidence) -> list[str]:
    """Each stretch of time in which a table led nowhere, although nobody had let go."""
    return [
        f"{route.table} leads to nobody {span(evidence, start, end)}"
        for route, start, end in _stretches(evidence, evidence.marks["fault"], float("inf"))
        if route.holder is None
    ]


def settled(evidence: Evidence, since: float, holder: str) -> float | None:
    """From when on after `since` all tables led to `holder` for good; None if one did not at the end."""
    wrong = [end for route, _, end in _stretches(evidence, since, float("inf")) if route.holder != holder]
    moment = max(wrong, default=since)
    return None if moment >= max(query.ended for query in evidence.queries) else moment


def late_writes(evidence: Evidence, since: float, holder: str, rules: Rules = ROUTES) -> list[str]:
    """Each move of the VIP by another node than the holder."""
    return [
        f"{request.node}: {request.action} took effect {at(evidence, request.committed)}"
        for request in evidence.requests
        if request.committed and request.committed > since
        if request.node != holder and request.action in rules.moves
    ]


def trespasses(evidence: Evidence, holder: str, rules: Rules = ROUTES) -> list[str]:
    """Each write of another node to what is the new holder's own, and what nobody may do at all."""
    since = evidence.marks["fault"]
    return [
        f"{request.node}: {request.action} changed {request.subject} {at(evidence, request.committed)}"
        for request in evidence.requests
        if request.committed and request.committed > since
        if request.action in rules.never or (request.subject == holder != request.node)
    ]


def silences(evidence: Evidence, since: float, rules: Rules = ROUTES) -> list[str]:
    """Whether the first answer came too late, and each long time without one after it."""
    good = [query.ended for query in evidence.queries if query.error is None and query.ended > since]
    if not good:
        return ["no query succeeded after the new `up`"]
    first = good[0] - since
    in_time = first <= rules.first_answer_within_s
    late = [] if in_time else [f"the first answer came {first:.3f} s after the new `up`"]
    ends = sorted([*good, max(query.ended for query in evidence.queries)])
    return late + [
        f"no query succeeded {span(evidence, start, end)}"
        for start, end in pairwise(ends)
        if end - start > LONGEST_GAP_S
    ]


def address_stays(evidence: Evidence, rules: Rules = ROUTES) -> list[str]:
    """Whether the old leader's address was late to go, or came back; without one, whether `down` was run."""
    old = evidence.roles["old"]
    downs = [hook for hook in evidence.hooks if hook.hook == "down" and hook.node == old]
    if not downs:
        return [f"{old}: Pgpool-II never ran `down`"]
    if not rules.address:
        return []
    events = [
        event for event in evidence.addresses if event.node == old and event.at > evidence.marks["fault"]
    ]
    back = [f"{old}: the address came back {at(evidence, event.at)}" for event in events if event.present]
    gone = [event.at for event in events if not event.present]
    if not gone or gone[0] > downs[0].started + ADDRESS_OFF_WITHIN_S:
        return [*back, f"{old}: the address was not off within {ADDRESS_OFF_WITHIN_S} s of `down`"]
    return back


def needless(evidence: Evidence, node: str, due: Callable[[Request], bool] = lambda _: False) -> list[str]:
    """Each write that the storm caused, but for those that were due for another reason.

    A storm that made Pgpool-II run nothing proves nothing.
    """
    since = evidence.marks["storm"]
    reruns = [
        hook for hook in evidence.hooks if hook.hook == "up" and hook.node == node and hook.started > since
    ]
    writes = [
        request
        for request in evidence.requests
        if request.mutating and request.received > since and not due(request)
    ]
    idle = [] if reruns else [f"{node}: the storm made Pgpool-II run nothing"]
    return idle + [asked_for(evidence, request) for request in writes]


def has_address(evidence: Evidence, node: str) -> bool:
    """Whether the node had the address at the end."""
    events = [event for event in evidence.addresses if event.node == node]
    return bool(events) and events[-1].present


def first_answer(evidence: Evidence, since: float) -> Query | None:
    """The first query that began after `since` and succeeded."""
    return next((query for query in evidence.queries if query.started >= since and query.error is None), None)


def _stretches(evidence: Evidence, since: float, until: float) -> Iterator[tuple[Route, float, float]]:
    """Per table who had it from when to when, from `since` to `until`, or to the last query."""
    end = min(until, max(query.ended for query in evidence.queries))
    for table in sorted({route.table for route in evidence.routes}):
        changes = [route for route in evidence.routes if route.table == table]
        for route, following in pairwise([*changes, Route(end, table, None)]):
            if following.at > since and route.at < end:
                yield route, max(route.at, since), min(following.at, end)


def asked_for(evidence: Evidence, request: Request) -> str:
    return f"{request.node}: {request.action} was asked for {at(evidence, request.received)}"


def span(evidence: Evidence, start: float, end: float) -> str:
    return f"for {end - start:.3f} s, {at(evidence, start)}"


def at(evidence: Evidence, moment: float | None) -> str:
    """A moment, told from the first thing that was done."""
    name = min(evidence.marks, key=lambda mark: evidence.marks[mark])
    return f"at {name} {(moment or 0.0) - evidence.marks[name]:+.3f} s"
