"""A method whose merges are tried, on the local Azure: what it moves, and what a request meets there."""

from __future__ import annotations

import json
import re
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, ClassVar

from vipswitch.model import NodeId, Vip
from vipswitch.providers.azure.settings import Account
from vipswitch.testing.azure import AzureCloud, addresses, build, etags, ids
from vipswitch.testing.azure.answers import copied
from vipswitch.testing.azure.store import Resource
from vipswitch.testing.cloud import NODES
from vipswitch.testing.wire import Answer, Request

_HELD = "held"
"""Which network interface has which address: one object, because each write asks it whether one is free."""

_NEVER = 2**31

_SPACE = uuid.UUID(int=0)

_TAGS = "/providers/Microsoft.Resources/tags/default"


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


class Method:
    """One method on a cloud of its own, in which `holder` holds the VIP.

    An operation ends when it was looked at so many times, or, without a number, when it is ended. `made` has
    the object of each operation by its id.
    """

    name: ClassVar[str]
    vip: ClassVar[Vip]
    provider: ClassVar[type[Any]]
    gap_s: ClassVar[float] = 120.0

    def __init__(self, holder: str | None, made: dict[str, str], *, operation_gets: int | None) -> None:
        self.azure = AzureCloud(operation_gets=_NEVER if operation_gets is None else operation_gets)
        self._ends_by_itself = operation_gets is None
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

    def settings(self) -> Account:
        """The provider's."""
        raise NotImplementedError

    def node_id(self, name: str) -> NodeId:
        """A node as a holder."""
        return NodeId(f"{self.azure.group}/{self.nodes[name].nic}")

    def holders(self) -> tuple[str, ...]:
        """Who really holds the VIP."""
        return tuple(name for name in NODES if self.holds(name))

    def holds(self, name: str) -> bool:
        """Whether that node does."""
        raise NotImplementedError

    def object_of(self, name: str) -> str:
        """The id of what a node writes to when it takes the VIP."""
        return self.nodes[name].nic_id

    # what a request meets

    def answer(self, what: Request | str) -> Answer:
        """What the cloud answers; or the operation on an object ends."""
        self._guids.of = self._object(what)
        if isinstance(what, str):
            self._end(what)
            return Answer(200)
        token = {"authorization": f"Bearer {self._token}"}
        return self.azure.handle(replace(what, headers={**what.headers, **token}))

    def running(self) -> list[str]:
        """The objects whose operations can be ended."""
        running = self.azure.arm.operations.running() if self._ends_by_itself else ()
        return [operation.resource.lower() for operation in running]

    def _end(self, object_: str) -> None:
        for operation in self.azure.arm.operations.running():
            if operation.resource.lower() == object_:
                operation.finish()

    def short(self, path: str) -> str:
        """The path as it is shown; an operation by what it is on."""
        on = f"{self._object(path)} operation" if "/operations/" in path else path
        return re.split("/providers/microsoft.network/", on, flags=re.IGNORECASE)[-1]

    def looked_at(self, what: Request | str, *, writes: bool) -> set[str]:
        """The objects that a request looks at."""
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
        """All that requests can change, as it is now."""
        store = self.azure.arm.store
        nics, tables = list(store.all(ids.NIC)), list(store.all(ids.TABLE))
        held = sorted((h.what, h.by) for nic in nics for h in addresses.holds(nic) | nic.held)
        public = {
            ip.id.lower(): [by for what, by in held if ids.same(what, ip.id)]
            for ip in store.all(ids.PUBLIC_IP)
        }
        return {_HELD: held, **public, **{r.id.lower(): _as_is(r) for r in (*nics, *tables)}}

    def documents(self) -> Mapping[str, Any]:
        """All objects by their ids, as they are now, whatever the etags."""
        store = self.azure.arm.store
        found = [*store.all(ids.NIC), *store.all(ids.TABLE)]
        return {r.id.lower(): {"state": r.state, "busy": bool(r.busy), **copied(r.body)} for r in found}

    def fingerprint(self) -> str:
        """All that later answers depend on."""
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
