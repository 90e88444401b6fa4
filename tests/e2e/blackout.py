"""How long the clients of a takeover waited, and for whom: Pgpool-II, the hook, the network."""

from dataclasses import dataclass

from tests.e2e import judge
from tests.e2e.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Blackout:
    """Seconds. `routed_s` is the hook's share, until the last route had moved; `hook_s` all of its run."""

    total_s: float
    election_s: float
    routed_s: float
    propagation_s: float
    hook_s: float

    def __str__(self) -> str:
        return (
            f"no answer for {self.total_s:.3f} s: {self.election_s:.3f} s Pgpool-II's detection and election"
            f" + {self.routed_s:.3f} s our hook until the VIP moved"
            f" + {self.propagation_s:.3f} s propagation; the hook returned after {self.hook_s:.3f} s"
        )


def divided(evidence: Evidence) -> Blackout | None:
    """The blackout of a takeover; None where there was none."""
    up = judge.new_up(evidence) if "fault" in evidence.marks else None
    if up is None or up.ended is None:
        return None
    fault = evidence.marks["fault"]
    good = [query for query in evidence.queries if query.error is None]
    routed = max(
        [route.at for route in evidence.routes if up.started < route.at < up.ended], default=up.started
    )
    first = min((query.ended for query in good if query.started > up.started), default=float("inf"))
    last = max((query.ended for query in good if query.ended < first), default=fault)
    return Blackout(
        total_s=first - last,
        election_s=up.started - fault,
        routed_s=routed - up.started,
        propagation_s=max(first - routed, 0.0),
        hook_s=up.ended - up.started,
    )
