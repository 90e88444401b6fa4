"""Two nodes with half of the votes each are split until both lead: what agents do then, and after the heal.

Pgpool-II never calls again on the node that stays leader (its third race, see docs/authorities.md). Rules:
those of `scenarios`; played without agents too, where the VIP must be seen to stay orphaned.
"""

import time

from tests.e2e import acts, aws, race_judge
from tests.e2e.acts import HALF_VOTES, Scenario
from tests.e2e.lab import Lab
from tests.e2e.pgpool import Pgpool

_LOOKED_AT_S = 11.0
"""Both lead for so long: the agents look at it twice at least."""

_CONTESTED_S, _CONTESTED_SHORTLY_S = 120.0, 30.0
"""From the second leader's `up` on; the storm is most of it."""

_PAIRS = 50

_SETTLE_S = 3.0
_NO_MARKS = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "ec2:CreateTags", "Resource": "*"},
    ],
}


def healed_by_mark(lab: Lab) -> None:
    """The node that gives way says in the cloud that it has let go."""
    old, new = _split(lab)
    _join(lab, old, new, within_s=race_judge.BY_MARK_WITHIN_S)


def healed_by_authority(lab: Lab) -> None:
    """It may not say so: its policy forbids marks. While both lead, the authority must not say yes."""
    aws.of(lab.cloud).aws.restrict(_NO_MARKS)
    old, new = _split(lab)
    time.sleep(_LOOKED_AT_S)
    _join(lab, old, new, within_s=race_judge.BY_AUTHORITY_WITHIN_S)


def _join(lab: Lab, old: Pgpool, new: Pgpool, *, within_s: float) -> None:
    lab.vpc.router.join(old.host, new.host)
    lab.mark("heal")
    acts.await_down(lab, new)
    lab.mark("orphaned")
    acts.await_holder(lab, old, within_s=within_s)
    time.sleep(_SETTLE_S)


def _split(lab: Lab) -> tuple[Pgpool, Pgpool]:
    """Until both lead: who led before, and who has the VIP now."""
    old = acts.leader(lab)
    lab.mark("fault")
    lab.vpc.router.split(old.host, acts.other(lab, old).host)
    acts.await_new(lab)
    lab.mark("both lead")
    return old, lab.nodes[lab.roles["new"]]


def contested(lab: Lab) -> None:
    """Network events make Pgpool-II run `up` again and again on the leader that has lost the VIP."""
    old, _ = _split(lab)
    lab.mark("storm")
    acts.drop_address(lab, old.host)
    acts.storm(old.host, _PAIRS)
    acts.sleep_until(lab.marks["both lead"] + acts.long(_CONTESTED_S, _CONTESTED_SHORTLY_S))


SCENARIOS = {
    "contested": Scenario(contested, race_judge.contested, nodes=2, settings=HALF_VOTES),
    "healed-by-mark": Scenario(
        healed_by_mark,
        race_judge.healed_by_mark,
        nodes=2,
        settings=HALF_VOTES,
        spoiled=race_judge.elected_anew,
    ),
    "healed-by-authority": Scenario(
        healed_by_authority,
        race_judge.healed_by_authority,
        nodes=2,
        settings=HALF_VOTES,
        asks=True,
        spoiled=race_judge.elected_anew,
    ),
}
