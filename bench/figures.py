"""What one takeover cost, from how long its process ran and what the cloud's journal says. Pure.

All moments are seconds since the process was started; the cloud's clock is the machine's monotonic one. A
call reaches the cloud when it has been read off the wire whole, before any latency is added or work done.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Call:
    """One call in the journal. `committed_s` is None unless it changed something."""

    action: str
    writes: bool
    received_s: float
    committed_s: float | None
    answered_s: float | None

    @property
    def took_s(self) -> float:
        """How long the cloud had it; 0 while it was not answered."""
        return 0.0 if self.answered_s is None else self.answered_s - self.received_s


@dataclass(frozen=True, slots=True)
class Ran:
    """A process from its start to its end; CPU time with that of the children it waited for."""

    whole_s: float
    cpu_s: float
    agent_cpu_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Run:
    """One takeover.

    `write_s`: the first write that changed something reached the cloud. `moved_s`: the last one had taken
    effect. `in_series`: how many calls had to wait for each other, the longest such chain. `call_s`: what the
    cloud itself took for a call, latency included; `read_s` for one that only reads.
    """

    whole_s: float
    cpu_s: float
    agent_cpu_s: float
    write_s: float
    moved_s: float
    calls: int
    in_series: int
    writes: int
    call_s: float
    read_s: float


def run_of(ran: Ran, calls: Sequence[Call]) -> Run:
    """The figures of a takeover. ValueError when none of its calls changed anything."""
    effective = [call for call in calls if call.committed_s is not None]
    if not effective:
        raise ValueError("no call changed anything")
    return Run(
        whole_s=ran.whole_s,
        cpu_s=ran.cpu_s,
        agent_cpu_s=ran.agent_cpu_s,
        write_s=min(call.received_s for call in effective),
        moved_s=max(call.committed_s or 0.0 for call in effective),
        calls=len(calls),
        in_series=in_series(calls),
        writes=sum(call.writes for call in calls),
        call_s=_middle(call.took_s for call in calls),
        read_s=_middle(call.took_s for call in calls if not call.writes),
    )


def in_series(calls: Iterable[Call]) -> int:
    """The length of the longest chain of calls of which each came after the answer to the one before."""
    chain, free_at = 0, float("-inf")
    answered = [(call.answered_s, call.received_s) for call in calls if call.answered_s is not None]
    for answered_s, received_s in sorted(answered):
        if received_s >= free_at:
            chain, free_at = chain + 1, answered_s
    return chain


def middle(runs: Iterable[Run], figure: str) -> float:
    """The median of one figure over several runs."""
    return float(median(getattr(run, figure) for run in runs))


def least(runs: Iterable[Run], figure: str) -> float:
    """The smallest value of one figure over several runs."""
    return float(min(getattr(run, figure) for run in runs))


def _middle(seconds: Iterable[float]) -> float:
    found = list(seconds)
    return float(median(found)) if found else 0.0
