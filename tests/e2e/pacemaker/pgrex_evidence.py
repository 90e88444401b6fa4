"""What one play of a PG-REX pair leaves to be judged: plain data, monotonic times, written and read as JSON.

Rules: nothing in it is an opinion; nodes are named as their hosts are, also as holders of VIPs.
"""

import json
from dataclasses import asdict, dataclass, field

from tests.e2e.evidence import Route


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of an application: what the server said, or what went wrong."""

    started: float
    ended: float
    said: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Standby:
    """What a standby's walreceiver was connected to, and from which of its addresses, seen at `at`."""

    at: float
    node: str
    sender: str
    source: str


@dataclass(slots=True)
class Evidence:
    """All of one play; `roles` are its first primary and its first standby.

    `moves` are the places that packets to each VIP were led to, `rows` the numbers that each node had at the
    end, `addresses` the VIPs on each of a node's NICs then, `fenced` who was fenced, one entry each time.
    """

    roles: dict[str, str] = field(default_factory=dict)
    marks: dict[str, float] = field(default_factory=dict)
    moves: dict[str, list[Route]] = field(default_factory=dict)
    writes: list[Statement] = field(default_factory=list)
    reads: list[Statement] = field(default_factory=list)
    standbys: list[Standby] = field(default_factory=list)
    rows: dict[str, list[int]] = field(default_factory=dict)
    addresses: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    fenced: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    logs: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Evidence":
        data = json.loads(text)
        return cls(
            **{
                **data,
                "moves": {vip: [Route(**each) for each in moves] for vip, moves in data["moves"].items()},
                "writes": [Statement(**each) for each in data["writes"]],
                "reads": [Statement(**each) for each in data["reads"]],
                "standbys": [Standby(**each) for each in data["standbys"]],
            }
        )
