"""What is wrong with what was noted, each violation in one sentence. Pure."""

from collections.abc import Iterator, Mapping

from tests.e2e.pacemaker.evidence import Evidence, Moment


def steady(evidence: Evidence) -> list[str]:
    """The VIP is where the cluster wants it, also after it was led away; silence is no reason to act or to
    fence; a partition fences one node."""
    moments = evidence.moments
    old, new = moments["started"].where, moments["moved"].where
    found = [*_all_with(moments, "started", old), *_all_with(moments, "brown-out", old)]
    found += _all_with(moments, "moved", new)
    if old == new:
        found.append("the move moved nothing")
    for moment in ("brown-out", "moved"):
        found += [f"an API that could not be asked failed {each}" for each in moments[moment].failures]
    found += _all_with(moments, "astray", new)
    if not moments["astray"].failures:
        found.append("nobody noticed that the route was led astray")
    found += _all_with(moments, "deleted", new)
    return [*found, *_fencing(moments)]


def _fencing(moments: Mapping[str, Moment]) -> Iterator[str]:
    before, after = moments["deleted"].fenced, moments["partition"]
    yield from (f"{each} was fenced for nothing" for each in before)
    for_partition = after.fenced[len(before) :]
    if len(for_partition) != 1:
        yield f"the partition fenced {' and '.join(for_partition) or 'nobody'}"
    if after.where in for_partition:
        yield "the VIP is on a fenced node"
    yield from _all_with(moments, "partition", after.where)


def away(evidence: Evidence) -> list[str]:
    """A start outlives the outage; nobody is fenced for it."""
    during, moved = evidence.moments["during the outage"], evidence.moments["moved"]
    found = list(_all_with(evidence.moments, "moved", moved.where))
    if moved.where == evidence.moments["started"].where:
        found.append("the move moved nothing")
    if moved.where is None:
        found.append("the resource stays stopped for good")
    found += [f"the outage failed {each}" for each in moved.failures]
    return [*found, *(f"{each} was fenced for an outage" for each in during.fenced)]


def outage(evidence: Evidence) -> list[str]:
    """The same; and what a kill has left is gone once the cluster is back."""
    moments = evidence.moments
    found, killed = away(evidence), moments["killed"]
    if killed.where in (None, moments["moved"].where) or killed.holders != [killed.where]:
        found.append(f"the survivor did not take the VIP: {_told(killed)}")
    found += _all_with(moments, "returned", killed.where)
    found += _all_with(moments, "all returned", moments["all returned"].where)
    for moment in ("returned", "all returned"):
        found += [f"what was left was taken for the VIP: {each}" for each in moments[moment].failures]
    return found


def _all_with(moments: Mapping[str, Moment], name: str, node: str | None) -> Iterator[str]:
    moment = moments[name]
    if node is None or not (moment.holders == moment.addresses == [moment.where] == [node]):
        yield f"{name}: the VIP is not with {node or 'anybody'} alone: {_told(moment)}"


def _told(moment: Moment) -> str:
    where, addresses = moment.where or "nowhere", " ".join(moment.addresses) or "nobody"
    return f"started on {where}, routes to {moment.holders}, address on {addresses}"
