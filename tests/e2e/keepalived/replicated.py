"""What a scenario with streaming replication leaves to be judged: what the network did, and the rows.

Rules: as in `evidence`; the client's attempts to write are its queries.
"""

import json
from dataclasses import asdict, dataclass, field

from tests.e2e.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a node's PostgreSQL: whether it is a primary, and who streams from it."""

    node: str
    primary: bool
    followers: list[str]


@dataclass(slots=True)
class Replicated:
    """`confirmed` are the rows that the client heard of, `kept` those on the VIP's holder at the end.

    `looks` are what the nodes said of themselves at each mark, those that answered.
    """

    seen: Evidence = field(default_factory=Evidence)
    confirmed: list[int] = field(default_factory=list)
    kept: list[int] = field(default_factory=list)
    looks: dict[str, list[Look]] = field(default_factory=dict)

    def to_json(self) -> str:
        return json.dumps(asdict(self) | {"seen": self.seen.to_json()})

    @classmethod
    def from_json(cls, text: str) -> "Replicated":
        data = json.loads(text)
        looks = {mark: [Look(**each) for each in found] for mark, found in data["looks"].items()}
        return cls(Evidence.from_json(data["seen"]), data["confirmed"], data["kept"], looks)
