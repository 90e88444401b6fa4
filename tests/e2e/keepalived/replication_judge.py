"""Whether a scenario with streaming replication went as it must: pure functions, worded for people.

Rules: those of `tests.e2e.judge`. A row that the client was told is written is there at the end, on whichever
node the VIP leads to; only that node's word counts.
"""

from tests.e2e import judge
from tests.e2e.evidence import Query
from tests.e2e.keepalived.replicated import Look, Replicated

OLD, NEW = "n1", "n2"
WRITES_AFTER_KILL_WITHIN_S = 20.0
WRITES_AFTER_CUT_WITHIN_S = 30.0
CAUGHT_UP = 'parameter "primary_conninfo" changed to "host=10.0.3.10'
_SHOWN = 5


def failover(found: Replicated) -> list[str]:
    """The standby is promoted and has the VIP; the old primary returns, and nothing moves."""
    return [
        *returned(found),
        *not_leading(found, "rejoined", ["db1 sync", "db3 potential"]),
        *not_caught_up(found),
    ]


def returned(found: Replicated) -> list[str]:
    """The same without its return as a standby."""
    return [
        *taken_over(found, WRITES_AFTER_KILL_WITHIN_S),
        *unmoved(found, "return", NEW),
        *lost(found),
        *not_leading(found, "returned", ["db3 sync"]),
    ]


def cut(found: Replicated) -> list[str]:
    """Two that do not see each other move nothing while the third sees both; who is cut off is replaced."""
    return [
        *wrong_holder(found, "split", OLD, "fault"),
        *not_leading(found, "divided", ["db3 sync"], OLD),
        *taken_over(found, WRITES_AFTER_CUT_WITHIN_S),
        *unmoved(found, "heal", NEW),
        *lost(found),
        *not_leading(found, "healed", ["db3 sync"]),
    ]


def maintained(found: Replicated) -> list[str]:
    """A keepalived that is stopped moves nothing; a switch over loses nothing, and needs no rewind."""
    return [
        *wrong_holder(found, "keepalived stopped", OLD, "keepalived started"),
        *silent(found, "keepalived stopped", "keepalived started"),
        *taken_over(found, WRITES_AFTER_KILL_WITHIN_S),
        *unmoved(found, "return", NEW),
        *lost(found),
        *not_leading(found, "rejoined", ["db1 sync", "db3 potential"]),
    ]


def silent(found: Replicated, begin: str, end: str) -> list[str]:
    """The rows that were not confirmed although nothing had happened to the primary."""
    since, until = found.seen.marks[begin], found.seen.marks[end]
    failed = [
        query for query in found.seen.queries if query.error and query.started > since and query.ended < until
    ]
    return [f"{len(failed)} rows were not confirmed while keepalived was stopped"] if failed else []


def taken_over(found: Replicated, within_s: float) -> list[str]:
    """Whether the client's rows were confirmed again in time, and from then on by the new primary's node."""
    first = first_confirmed(found, "fault")
    if first is None:
        return ["no row was confirmed after the fault"]
    took = first.ended - found.seen.marks["fault"]
    late = [] if took <= within_s else [f"the first row was confirmed {took:.1f} s after the fault"]
    return [*late, *wrong_holder(found, "fault", NEW, None, first.ended)]


def first_confirmed(found: Replicated, mark: str) -> Query | None:
    """The first row that was begun after the mark and confirmed."""
    return judge.first_answer(found.seen, found.seen.marks[mark])


def wrong_holder(
    found: Replicated, mark: str, holder: str, until: str | None, since: float | None = None
) -> list[str]:
    """Each stretch of time between two marks, or from `since` on, in which the VIP led elsewhere."""
    begin = found.seen.marks[mark] if since is None else since
    return judge.wrong_holders(found.seen, begin, holder, found.seen.marks[until] if until else float("inf"))


def unmoved(found: Replicated, mark: str, holder: str) -> list[str]:
    """Whatever moved after the mark: the VIP, in the cloud or on a host."""
    since = found.seen.marks[mark]
    return [
        *wrong_holder(found, mark, holder, None),
        *judge.late_writes(found.seen, since, holder),
        *([f"{OLD} has the address at the end"] if judge.has_address(found.seen, OLD) else []),
    ]


def lost(found: Replicated) -> list[str]:
    """Rows that were confirmed and are not there."""
    missing = sorted(set(found.confirmed) - set(found.kept))
    shown = ", ".join(map(str, missing[:_SHOWN]))
    return [f"{len(missing)} confirmed rows are lost: {shown}"] if missing else []


def not_leading(found: Replicated, mark: str, followers: list[str], leader: str = NEW) -> list[str]:
    """Whether the leader was not a primary with just these followers, or another one was followed."""
    looks = {look.node: look for look in found.looks.get(mark, [])}
    wanted = Look(leader, primary=True, followers=followers)
    wrong = [] if looks.get(leader) == wanted else [f"{mark}: {leader} is not {wanted}: {looks.get(leader)}"]
    others = [look for look in looks.values() if look.node != leader and look.followers]
    return wrong + [f"{mark}: {look.node} is followed by {', '.join(look.followers)}" for look in others]


def not_caught_up(found: Replicated) -> list[str]:
    """A third node that had nothing more than the new primary proves nothing about it."""
    return [] if CAUGHT_UP in found.seen.logs.get(f"{NEW}-postgres", "") else [f"{NEW} took nothing from db3"]
