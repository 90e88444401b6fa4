"""A method of Google Cloud whose merges are tried, on the local one: the real provider over google-auth.

Rules: all that makes a difference to who holds the VIP is one object: the routes of a network, the record
sets of a name. What has been accepted and is not in effect yet is another one. Which instance has which
address is one object as well, because each write asks it whether one is free.
"""

from __future__ import annotations

import json
import re
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

from requests import PreparedRequest, Response

from tests.merges.method import Ends, Line, Method
from vipswitch.model import NodeId
from vipswitch.providers.asked import current
from vipswitch.providers.gcp.api.client import Clients
from vipswitch.providers.gcp.settings import Account
from vipswitch.testing.cloud import NODES
from vipswitch.testing.gcp import GcpCloud, addresses, build, ids
from vipswitch.testing.gcp.inprocess import InProcessAdapter
from vipswitch.testing.gcp.operations import Operation
from vipswitch.testing.wire import Answer, Request

_HELD = "held"

_NEVER = 2**31

_SPACE = uuid.UUID(int=0)

_OBJECT = re.compile(
    r"projects/[^/]+/(global/routes|zones/[^/]+/instances/[^/]+|regions/[^/]+/addresses/[^/]+"
    r"|managedZones/[^/]+(/rrsets/[^/]+)?)"
)

_VERSIONS = frozenset(("id", "fingerprint", "creationTimestamp"))


class OwnIds(ids.Ids):
    """Numbers that tell of which state of which object they are, and depend on nothing else."""

    def __init__(self, made: dict[str, str]) -> None:
        super().__init__()
        self.counts: Counter[str] = Counter()
        self._made = made

    def next(self, of: str) -> str:
        object_ = _object(of) or of
        self.counts[object_] += 1
        number = uuid.uuid5(_SPACE, object_).int % 10**12 * 10**6 + self.counts[object_]
        self._made[f"operation-{number}"] = object_
        return str(number)


class Adapter(InProcessAdapter):
    """As the network would be: what was sent may have been done."""

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        current().sent = True
        return super().send(request, *args, **kwargs)


class GoogleMethod(Method):
    """With one place; `made` has the object of each operation by its name."""

    takes_back = True

    def __init__(self, holder: str | None, made: dict[str, str], ends: Ends) -> None:
        self._ends_by_itself = ends is Ends.AT_ANY_TURN
        self.gcp = GcpCloud(operation_gets=_NEVER if self._ends_by_itself else 0, now=lambda: 0.0)
        self.gcp.rules.done_at_once = ends is Ends.AT_ONCE
        self._made = made
        self._wanted: dict[str, str] = {}
        self._store = self.gcp.api.store
        self._ids = self._store.ids = OwnIds(made)
        self.topology = build(self.gcp, nodes=len(NODES), together=True)
        self.nodes = dict(zip(NODES, self.topology.nodes, strict=True))
        self._token = self.gcp.token()
        self.account = Account(**self._account())
        self.seed(holder)

    def seed(self, holder: str | None) -> None:
        """Make what the VIP is."""
        raise NotImplementedError

    def clients(self, line: Line, folder: Path) -> Clients:
        clients = Clients(self.account, folder=folder, through=Adapter(line))
        clients.tokens.token = "held"
        return clients

    def node_id(self, name: str) -> NodeId:
        return NodeId(self.nodes[name].instance)

    def _account(self) -> dict[str, Any]:
        return {"project": self.gcp.project, "endpoint": "https://{service}.test"}

    # what a request meets

    def answer(self, what: Request | str) -> Answer:
        if isinstance(what, str):
            self._end(what)
            return Answer(200)
        token = {"authorization": f"Bearer {self._token}"}
        asked = anonymous(what)
        answer = self.gcp.handle(replace(asked, headers={**what.headers, **token}))
        if what.method != "GET" and answer.status < 400:
            self._wanted[json.loads(answer.body).get("name", "")] = f"{asked.target} {asked.body.decode()}"
        return answer

    def running(self) -> list[str]:
        return self.unfinished() if self._ends_by_itself else []

    def unfinished(self) -> list[str]:
        return [_told(one) for one in self._store.operations.running()]

    def _end(self, told: str) -> None:
        found = next(one for one in self._store.operations.running() if _told(one) == told)
        self._store.operations.finish(found)

    def short(self, asked: Request) -> str:
        """By its path and what is looked for; an operation by what it is on."""
        if "/operations/" in asked.path:
            return f"{asked.method} {_short(self._object(asked))} operation"
        query = {name: values for name, values in parse_qs(asked.query).items() if name != "requestId"}
        told = " ".join(value for values in query.values() for value in values)
        return f"{asked.method} {_short(asked.path)} {told}".rstrip()

    def looked_at(self, what: Request | str, *, writes: bool) -> set[str]:
        """Where an operation ends at a look, whoever looks finds out whether there is one, and ends it."""
        found = self._object(what)
        if writes:
            return {found, _writes(found), _HELD, *self._read(found, what)}
        ends = set() if self._ends_by_itself else {found, _writes(found)}
        return self._read(found, what) | ends | ({_HELD} if ends and self._at_work(found) else set())

    def _read(self, object_: str, what: Request | str) -> set[str]:
        """What a request looks at, whatever else it does."""
        if isinstance(what, str):
            return {object_}
        if operation := self._store.operations.find(_path(what)):
            return {operation.path}
        return {f"{object_}/rrsets/{name}" for name in _sets(what)} or {object_}

    def _at_work(self, object_: str) -> bool:
        return any(_object(one.work.target) == object_ for one in self._store.operations.running())

    def _object(self, what: Request | str) -> str:
        """What a request is about: an operation is part of what it is on."""
        path = what if isinstance(what, str) else what.path
        if "/operations/" in path:
            return self._made[path.rpartition("/")[2]]
        found = _object(path)
        assert found, path
        return found

    def objects(self) -> Mapping[str, object]:
        """What is in effect, what is about to be written to it, and what is told of each operation."""
        found: dict[str, list[object]] = {}
        for path, document in self._documents():
            found.setdefault(_object(path), []).append((path, self._shown(path, document)))
        for one in self._operations():
            found.setdefault(_writes(_object(one.work.target)), []).append((one.path, one.running))
            found[one.path] = [one.running]
        return {_HELD: self._held(), **found}

    def _shown(self, path: str, document: Any) -> Any:
        return addresses.show(self._store, document) if "/addresses/" in path else document

    def _held(self) -> list[object]:
        """The addresses of all instances, and those that are about to be."""
        nics = [
            (path, nic.get("aliasIpRanges"), nic.get("accessConfigs"))
            for path, document in self._documents()
            for nic in document.get("networkInterfaces", ())
        ]
        return [
            *nics,
            *sorted(claim for one in self._store.operations.running() for claim in one.work.claims),
        ]

    def documents(self) -> Mapping[str, Any]:
        running = [f"{_told(one)} {self._wanted.get(one.name)}" for one in self._operations() if one.running]
        return {
            "running": sorted(running),
            **{path: _without_version(one) for path, one in self._documents()},
        }

    def fingerprint(self) -> str:
        operations = [
            (one.path, one.shown(), self._wanted.get(one.name) if one.running else None)
            for one in self._operations()
        ]
        changes = [(path, one) for path, one in self._store.hidden.items() if "/changes/" in path]
        known: list[Iterable[Any]] = [self._documents(), operations, changes, self._ids.counts.items()]
        return json.dumps([sorted(each) for each in known], sort_keys=True)

    def _operations(self) -> Iterable[Operation]:
        return self._store.operations.all()

    def _documents(self) -> list[tuple[str, Any]]:
        """All that requests can change, by its path."""
        return [(path, one) for path, one in self._store.below("projects") if _OBJECT.match(path)]


def anonymous(asked: Request) -> Request:
    """A request without its id, by which the cloud would know it in another play."""
    query = {name: values for name, values in parse_qs(asked.query).items() if name != "requestId"}
    target = f"{asked.path}?{urlencode(query, doseq=True)}" if query else asked.path
    return replace(asked, target=target)


def _sets(asked: Request) -> set[str]:
    """The names whose record sets are read or changed."""
    if asked.path.endswith("/changes"):
        body = json.loads(asked.body)
        return {one["name"] for one in (*body["deletions"], *body["additions"])}
    return set(parse_qs(asked.query).get("name", ())) if asked.path.endswith("/rrsets") else set()


def _object(path: str) -> str:
    """What a path is about; empty for what no request changes."""
    found = _OBJECT.search(path)
    return found[0] if found else ""


def _writes(object_: str) -> str:
    """The name of what is being written to an object: it decides over the next write, and shows to nobody."""
    return f"{object_} writes"


def _path(asked: Request) -> str:
    """The path from `projects/` on."""
    return asked.path[asked.path.index("projects/") :]


def _short(path: str) -> str:
    return re.sub(r".*projects/[^/]+/", "", path)


def _told(operation: Operation) -> str:
    """An operation, as it is shown; but for a zone's changes no two of them run on one resource."""
    target = operation.path if "/changes/" in operation.path else operation.work.target
    return f"{operation.work.kind} {target}"


def _without_version(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in _VERSIONS}
