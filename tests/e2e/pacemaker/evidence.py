"""What a play with Pacemaker leaves to be judged: what there was at each moment that its scenario has noted.

Rules: nothing in it is an opinion; times are monotonic; nodes are named as their hosts are, also as holders.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, slots=True)
class Moment:
    """One look at everything.

    `where` is the node on which the cluster takes the VIP to be started; `failures` are the operations that
    it counts as failed; `holders` are the nodes that the routes lead to; `addresses` those that have the
    address; `fenced` those that were fenced so far, in order.
    """

    at: float
    where: str | None
    failures: list[str]
    holders: list[str | None]
    addresses: list[str]
    fenced: list[str]


@dataclass(frozen=True, slots=True)
class Evidence:
    """The moments by their names; `logs` are those of the nodes."""

    moments: Mapping[str, Moment]
    logs: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Evidence":
        raw = json.loads(text)
        return cls({name: Moment(**moment) for name, moment in raw["moments"].items()}, raw["logs"])
