"""Whether what the demo showed was true. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from vipswitch.demo.blackout import Blackout
from vipswitch.demo.ear import Run
from vipswitch.demo.probes import Probe
from vipswitch.demo.scene import Request, Route, holders


@dataclass(frozen=True, slots=True)
class Facts:
    """What was seen, in the order of the story."""

    first: Run
    second: Run
    blackout: Blackout | None
    taken: Sequence[Request]
    routes: Sequence[Route]
    down: Run
    late: Sequence[Request]
    routes_after: Sequence[Route]
    probes: Sequence[Probe]
    status: Mapping[str, tuple[int, str]]

    @property
    def lost(self) -> int:
        """The probes during the late `down` that the new holder did not answer."""
        return sum(probe.node != self.second.node for probe in self.probes)


def untrue(facts: Facts) -> Iterator[str]:
    """A sentence for each thing that should have been so and was not."""
    old, new = facts.first.node, facts.second.node
    for run in (facts.first, facts.second, facts.down):
        if run.code != 0:
            yield f"{run.node}: `{run.verb}` ended with exit code {run.code}"
    if old == new:
        yield f"the VIP stayed with {old}, which was killed"
    if facts.blackout is None:
        yield f"the client never reached {new}"
    wrong = {place: holder for place, holder in holders(facts.routes).items() if holder != new}
    yield from (f"{place}: leads to {holder or 'nobody'}, not {new}" for place, holder in wrong.items())
    yield from _late(facts)
    yield from _status(facts.status, {old: ("other", "does not have"), new: ("self", "has")})


def _late(facts: Facts) -> Iterator[str]:
    """What the late `down` changed."""
    yield from (f"the late `down` asked AWS to {r.action}" for r in facts.late if r.writes)
    changes = facts.routes_after[len(facts.routes) :]
    yield from (f"{c.place}: led to {c.holder or 'nobody'} after the late `down`" for c in changes)
    if facts.lost or not facts.probes:
        yield f"{facts.lost} of {len(facts.probes)} probes were lost during the late `down`"


def _status(status: Mapping[str, tuple[int, str]], wanted: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    """Who holds the VIP, and whether the host has the address, where a host is to have it."""
    for node, (word, address) in wanted.items():
        code, text = status[node]
        if code != 0 or not re.search(rf"^\S+ +{word}\b", text, re.MULTILINE):
            yield f"{node}: `vipswitch status` does not say {word}"
        if "this host" in text and not re.search(rf"this host +{address} ", text):
            yield f"{node}: `vipswitch status` does not say that this host {address} the address"
