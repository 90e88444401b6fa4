"""A method of Azure whose merges are tried, on the local one: the real provider over the real SDK."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from azure.core.credentials import AccessTokenInfo
from azure.core.rest import HttpRequest, HttpResponse

from tests.merges.method import Ends, Line, Method
from vipswitch.model import NodeId
from vipswitch.providers.asked import current
from vipswitch.providers.azure.api.client import Clients
from vipswitch.providers.azure.settings import Account
from vipswitch.testing.azure import AzureCloud, addresses, build, etags, ids
from vipswitch.testing.azure.answers import copied
from vipswitch.testing.azure.inprocess import InProcessTransport
from vipswitch.testing.azure.store import Resource
from vipswitch.testing.cloud import NODES
from vipswitch.testing.wire import Answer, Request

_HELD = "held"
"""Which network interface has which address: one object, because each write asks it whether one is free."""

_NEVER = 2**31

_SPACE = uuid.UUID(int=0)

_TAGS = "/providers/Microsoft.Resources/tags/default"

_TAG = {"changed-by": "somebody"}

_HOST = {"host": "arm.test"}

_TRIES = 6


class Guids(etags.Guids):
    """Guids that tell of which state of which object they are, and depend on nothing else."""

    def __init__(self, made: dict[str, str]) -> None:
        super().__init__()
        self.of = ""
        self.counts: Counter[str] = Counter()
        self._made = made

    def next(self) -> str:
        self.counts[self.of] += 1
        made = str(uuid.uuid5(_SPACE, f"{self.of} {self.counts[self.of]}"))
        self._made[made] = self.of
        return made


class Token:
    """A token that is good for as long as any play."""

    def __init__(self, secret: str) -> None:
        self._token = AccessTokenInfo(secret, int(time.time()) + 86400)

    def get_token_info(self, *_: str, **__: object) -> AccessTokenInfo:
        return self._token

    def refused(self, secret: str) -> bool:
        return False


class Transport(InProcessTransport):
    """As the network would be: what was sent may have been done."""

    def send(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        current().sent = True
        return super().send(request, **kwargs)


class AzureMethod(Method):
    """With one place; `made` has the object of each operation by its id."""

    gap_s: ClassVar[float] = 120.0

    def __init__(self, holder: str | None, made: dict[str, str], ends: Ends) -> None:
        self.azure = AzureCloud(operation_gets=_NEVER if ends is Ends.AT_ANY_TURN else 0)
        self._ends_by_itself = ends is Ends.AT_ANY_TURN
        self._made = made
        self._guids = self.azure.arm.store.guids = Guids(made)
        self.topology = build(self.azure, nodes=len(NODES), together=True)
        self.nodes = dict(zip(NODES, self.topology.nodes, strict=True))
        self._token = self.azure.token()
        self.account = Account(**self._account())
        self.seed(holder)

    def seed(self, holder: str | None) -> None:
        """Make what the VIP is."""
        raise NotImplementedError

    def clients(self, line: Line, _: Path) -> Clients:
        clients = Clients(self.account, None, through=Transport(line))  # type: ignore[arg-type]
        clients.tokens = Token("held")  # type: ignore[assignment]
        return clients

    def node_id(self, name: str) -> NodeId:
        return NodeId(f"{self.azure.group}/{self.nodes[name].nic}")

    def object_of(self, name: str) -> str:
        """The id of what a node writes to when it takes the VIP."""
        return self.nodes[name].nic_id

    # somebody else

    def meddle(self, line: Line) -> bool:
        """Put a tag on what is there, and wait."""
        target = f"{self.object_of('a')}?api-version=2024-05-01"
        for _ in range(_TRIES):
            found = json.loads(line.handle(Request("GET", target, _HOST)).body)
            found["tags"] = {**found.get("tags", {}), **_TAG}
            headers = {**_HOST, "if-match": found["etag"]}
            if line.handle(Request("PUT", target, headers, json.dumps(found).encode())).status < 400:
                line.handle(Request("GET", target, _HOST))
                return True
        return False

    def meddled(self, documents: Mapping[str, Any]) -> bool:
        tags: dict[str, str] = documents[self.object_of("a").lower()].get("tags", {})
        return _TAG.items() <= tags.items()

    # what a request meets

    def answer(self, what: Request | str) -> Answer:
        self._guids.of = self._object(what)
        if isinstance(what, str):
            self._end(what)
            return Answer(200)
        token = {"authorization": f"Bearer {self._token}"}
        return self.azure.handle(replace(what, headers={**what.headers, **token}))

    def running(self) -> list[str]:
        running = self.azure.arm.operations.running() if self._ends_by_itself else ()
        return [operation.resource.lower() for operation in running]

    def _end(self, object_: str) -> None:
        for operation in self.azure.arm.operations.running():
            if operation.resource.lower() == object_:
                operation.finish()

    def short(self, asked: Request) -> str:
        """By its path; an operation by what it is on."""
        path = asked.path
        on = f"{self._object(path)} operation" if "/operations/" in path else path
        return f"{asked.method} {re.split('/providers/microsoft.network/', on, flags=re.IGNORECASE)[-1]}"

    def looked_at(self, what: Request | str, *, writes: bool) -> set[str]:
        found = self._object(what)
        return {found, _HELD} if writes and f"/{ids.NIC}/".lower() in found else {found}

    def _object(self, what: Request | str) -> str:
        """What a request is about: an operation is part of what it is on."""
        path = what if isinstance(what, str) else what.path
        if "/operations/" in path:
            return self._made.get(path.rpartition("/")[2], path.lower())
        target = ids.parse(path.removesuffix(_TAGS))
        assert target is not None, path
        return (target.parent if target.embedded else target).id.lower()

    def objects(self) -> Mapping[str, object]:
        store = self.azure.arm.store
        nics, tables = list(store.all(ids.NIC)), list(store.all(ids.TABLE))
        held = sorted((h.what, h.by) for nic in nics for h in addresses.holds(nic) | nic.held)
        public = {
            ip.id.lower(): [by for what, by in held if ids.same(what, ip.id)]
            for ip in store.all(ids.PUBLIC_IP)
        }
        return {_HELD: held, **public, **{r.id.lower(): _as_is(r) for r in (*nics, *tables)}}

    def documents(self) -> Mapping[str, Any]:
        store = self.azure.arm.store
        found = [*store.all(ids.NIC), *store.all(ids.TABLE)]
        return {r.id.lower(): {"state": r.state, "busy": bool(r.busy), **copied(r.body)} for r in found}

    def fingerprint(self) -> str:
        operations = [(one, self.azure.arm.operations.find(one)) for one in self._made]
        known = [(one, found.status, found.seen) for one, found in operations if found]
        counts = sorted(self._guids.counts.items())
        return json.dumps([self.objects(), self.documents(), known, counts], sort_keys=True)

    def _account(self) -> dict[str, Any]:
        azure = self.azure
        return {
            "subscription": azure.subscription,
            "resource_group": azure.group,
            "endpoint": "https://arm.test",
        }

    def _change(self, name: str, change: Callable[[list[dict[str, Any]]], object]) -> None:
        nic = self.azure.get(self.nodes[name].nic_id)
        change(nic["properties"]["ipConfigurations"])
        self.azure.put(self.nodes[name].nic_id, nic)

    def _entries(self, name: str) -> list[dict[str, Any]]:
        found = self.azure.arm.store.find(self.nodes[name].nic_id)
        assert found
        return found.children()


def _as_is(resource: Resource) -> tuple[object, ...]:
    running = resource.busy
    return (resource.etag, resource.state, running.seen if running else None)
