"""What the cloud holds: resources by id, with their etags, states and what they still hold.

Rules: a resource is kept as it was last written, completed by the service's own values; what is shown of it
is made from that at each read, so that nothing of it can grow old. An address or a public IP that a NIC has
given up stays held until the operation that gives it up has ended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from . import ids
from .answers import Json, copied
from .etags import Guids
from .ids import Target
from .operations import Operation, Operations
from .rules import Rules


@dataclass(frozen=True, slots=True, order=True)
class Hold:
    """Something that only one can have (`what`), and the id of the IP configuration that has it."""

    what: str
    by: str


@dataclass(slots=True, eq=False)
class Resource:
    """One resource.

    `body` is what was asked, `effective` what of it was last carried out; `fixed` are the service's own
    properties, which no write changes; `held` is what it gave up and what is not free yet.
    """

    target: Target
    body: Json
    etag: str
    state: str = "Succeeded"
    fixed: Json = field(default_factory=dict)
    operation: Operation | None = None
    effective: Json = field(default_factory=dict)
    held: set[Hold] = field(default_factory=set)

    @property
    def id(self) -> str:
        return self.target.id

    @property
    def busy(self) -> Operation | None:
        """The operation that runs on it."""
        return self.operation if self.operation and self.operation.running else None

    def snapshot(self) -> Resource:
        """As it is now, for reads that are to be old."""
        return replace(self, body=copied(self.body), fixed=copied(self.fixed), held=set(self.held))

    def children(self) -> list[Json]:
        """The list that is within it; changing the list changes the resource."""
        properties: Json = self.body.setdefault("properties", {})
        found: list[Json] = properties.setdefault(ids.CHILDREN[self.target.type], [])
        return found

    def child(self, name: str) -> Json | None:
        """The entry of that name in the list."""
        return next((one for one in self.children() if ids.same(one["name"], name)), None)


class Store:
    """Everything that one cloud knows."""

    def __init__(self, rules: Rules, operations: Operations, now: Callable[[], float]) -> None:
        self.rules = rules
        self.operations = operations
        self.now = now
        self.guids = Guids()
        self._resources: dict[str, Resource] = {}

    def find(self, id_: str) -> Resource | None:
        return self._resources.get(id_.lower())

    def add(self, resource: Resource) -> None:
        self._resources[resource.id.lower()] = resource

    def remove(self, resource: Resource) -> None:
        self._resources.pop(resource.id.lower(), None)

    def all(self, type_: str) -> Iterator[Resource]:
        """The resources of a type, in the order in which they came."""
        return (one for one in tuple(self._resources.values()) if one.target.type == type_)

    def listed(self, target: Target) -> Iterable[Resource]:
        """Those of a type, in a group if the target has one, and below its parent if it has one."""
        for one in self.all(target.type):
            group = target.group is None or ids.same(one.target.group or "", target.group)
            if group and [n.lower() for n in one.target.names[:-1]] == [n.lower() for n in target.names]:
                yield one
