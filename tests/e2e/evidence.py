"""What one scenario leaves to be judged: plain data, monotonic times, written and read as JSON.

Rules: nothing in it is an opinion; nodes are named as their hosts are (`n1`), also as holders of routes.
"""

import json
from dataclasses import asdict, dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Hook:
    """One run of a command by a Pgpool-II process; without an end if it was killed or still ran."""

    node: str
    hook: str
    started: float
    ended: float | None = None
    code: int | None = None
    caller_started: float | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """One call that reached the cloud; `committed` if it changed something.

    `subject` is what it was about, where the cloud's journal has that: a node, for its NIC.
    """

    node: str
    action: str
    received: float
    mutating: bool
    committed: float | None = None
    error: str | None = None
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """From `at` on, packets to the VIP reach `holder`, or nobody, as far as `table` has a say.

    Where the VIP is no route, what stands for the table is its address or its DNS name.
    """

    at: float
    table: str
    holder: str | None


@dataclass(frozen=True, slots=True)
class AddressEvent:
    """The VIP's address appeared on a node, or went."""

    at: float
    node: str
    present: bool


@dataclass(frozen=True, slots=True)
class Query:
    """One attempt of the client through the VIP; it succeeded if there is no error.

    A client that writes rows says which one it was.
    """

    started: float
    ended: float
    error: str | None = None
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Deed:
    """One move in the history of a node's agent, begun at `at` by the clock of the others.

    `finished` is false where the agent was still to go on with it.
    """

    at: float
    node: str
    verb: str
    reason: str
    code: int
    finished: bool


@dataclass(slots=True)
class Evidence:
    """All of one run; `marks` are the moments it noted, `roles` its nodes, `logs` the agents'.

    `rows` are those that the database had at the end, if the client wrote some.
    """

    marks: dict[str, float] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    hooks: list[Hook] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    routes: list[Route] = field(default_factory=list)
    addresses: list[AddressEvent] = field(default_factory=list)
    queries: list[Query] = field(default_factory=list)
    deeds: list[Deed] = field(default_factory=list)
    logs: dict[str, str] = field(default_factory=dict)
    rows: list[int] = field(default_factory=list)

    def until(self, mark: str) -> "Evidence":
        """What was recorded before this mark; a hook that still ran has no end."""
        end = self.marks[mark]
        return Evidence(
            {name: at for name, at in self.marks.items() if at < end},
            self.roles,
            [_begun(hook, end) for hook in self.hooks if hook.started < end],
            [request for request in self.requests if request.received < end],
            [route for route in self.routes if route.at < end],
            [event for event in self.addresses if event.at < end],
            [query for query in self.queries if query.ended < end],
            [deed for deed in self.deeds if deed.at < end],
            self.logs,
            self.rows,
        )

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Evidence":
        data = json.loads(text)
        return cls(
            data["marks"],
            data["roles"],
            [Hook(**each) for each in data["hooks"]],
            [Request(**each) for each in data["requests"]],
            [Route(**each) for each in data["routes"]],
            [AddressEvent(**each) for each in data["addresses"]],
            [Query(**each) for each in data["queries"]],
            [Deed(**each) for each in data["deeds"]],
            data["logs"],
            data["rows"],
        )


def _begun(hook: Hook, end: float) -> Hook:
    over = hook.ended is not None and hook.ended < end
    return hook if over else replace(hook, ended=None, code=None)
