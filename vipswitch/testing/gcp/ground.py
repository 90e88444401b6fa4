"""The cloud past its APIs: what a test makes, changes and sees of it at once.

Rules: nothing here meets faults, tokens, permissions or the journal. What is changed so is what a stranger's
hand has done: whoever follows the cloud hears of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from ipaddress import ip_network
from typing import Any

from ..wire import Request
from . import links, lists, request, routes, seeds
from .answers import Json, copied
from .api import Api

PROJECT = "vipswitch-test"
NUMBER = "123456789012"
REGION = "europe-west1"
NETWORK = "global/networks/vpc"


class Ground:
    """What there is, behind the APIs of one cloud; resources are named as `path` says."""

    project = PROJECT
    number = NUMBER
    region = REGION

    def __init__(self, api: Api) -> None:
        self.api = api
        self.add_project(PROJECT, NUMBER)

    def path(self, name: str) -> str:
        """A resource's path, from `projects/` on; an instance may be named `ZONE/NAME`."""
        if name.startswith("projects/") or "://" in name:
            return self.api.store.path(name, PROJECT)
        zone, _, instance = name.partition("/")
        if "-" in zone and "/" not in instance:
            return f"projects/{PROJECT}/zones/{zone}/instances/{instance}"
        return f"projects/{PROJECT}/{name}"

    def link(self, name: str) -> str:
        """A resource's URL, as the API now tells it."""
        return links.full(self.path(name), self.api.rules, self.api.store.projects)

    def get(self, name: str) -> Json:
        """A resource as the API would now tell it, past faults and the like; nothing is looked at.

        Raises GcpError if there is none.
        """
        with self.api.working:
            path = self.path(name)
            return lists.shown(self.api.store, path.split("/")[-2], self.api.store.get(path))

    def in_effect(self, name: str) -> Json | None:
        """What of a resource is in effect: what packets follow while an operation still runs.

        Links in it are paths; what an instance's NICs have besides (`mac`) is by their names.
        """
        with self.api.working:
            self.api.store.operations.settle()
            path = self.path(name)
            found = self.api.store.find(path)
            return {**copied(found), **self.api.store.hidden.get(path, {})} if found else None

    def routes(self, network: str = NETWORK) -> list[Json]:
        """The routes of a network that are there, the best first; those in effect have no such warning."""
        with self.api.working:
            self.api.store.operations.settle()
            wanted, store = self.path(network), self.api.store
            found = [
                routes.show(store, one) for _, one in store.of_kind("routes") if one["network"] == wanted
            ]
            return sorted(found, key=lambda one: (one["priority"], one["name"]))

    def next_hops(self, destination: str, network: str = NETWORK) -> list[str]:
        """The instances that now get a destination's packets, by their paths; several share them."""
        with self.api.working:
            self.api.store.operations.settle()
            return routes.effective(self.api.store, self.path(network), ip_network(destination))

    def served(self, zone: str) -> dict[tuple[str, str], Json]:
        """A zone's record sets by name and type, as its name servers now answer."""
        with self.api.working:
            self.api.store.operations.settle()
            found = self.api.store.hidden.get(f"{self.path(f'managedZones/{zone}')}/served", {})
            return {(one["name"], one["type"]): copied(one) for one in found.values()}

    def write(self, method: str, name: str, body: Mapping[str, Any] | None = None, **query: str) -> None:
        """Does a write of somebody's at once, past faults, tokens and permissions: `POST global/routes`,
        `DELETE global/routes/NAME`, `PATCH ZONE/NAME/updateNetworkInterface`.

        Raises GcpError as the service would refuse it, also inside the operation.
        """
        asked = "&".join(f"{key}={value}" for key, value in query.items())
        target = f"/compute/v1/{self._written(name)}?{asked}"
        data = b"" if body is None else json.dumps(body).encode()
        self.api.seed(request.parse(Request(method, target, {}, data)))

    def _written(self, name: str) -> str:
        """The path of a method: of an instance that is named `ZONE/NAME`, or of anything else."""
        first, _, last = name.rpartition("/")
        return f"{self.path(first)}/{last}" if "-" in first.partition("/")[0] else self.path(name)

    def records(self, zone: str, *sets: tuple[str, str, int, Sequence[str]]) -> None:
        """Makes these record sets (name, type, ttl, data) those of their names and types; no data: none."""
        with self.api.working:
            seeds.records(self.api.store, self.path(f"managedZones/{zone}"), sets)

    def add_project(self, project: str, number: str) -> None:
        """Makes a project with one region of three zones, to be a host project perhaps."""
        with self.api.working:
            seeds.project(self.api.store, project, number, REGION)

    def add_network(self, name: str, *, project: str = PROJECT) -> str:
        """Makes a network; returns its path."""
        with self.api.working:
            return seeds.network(self.api.store, project, name)

    def add_subnetwork(
        self,
        name: str,
        network: str,
        cidr: str,
        *,
        ipv6_cidr: str | None = None,
        secondary: Mapping[str, str] | None = None,
    ) -> str:
        """Makes a subnetwork in the network's project; returns its path."""
        with self.api.working:
            return seeds.subnetwork(
                self.api.store, name, self.path(network), REGION, cidr, ipv6_cidr, secondary or {}
            )

    def add_instance(self, name: str, *nics: seeds.Nic, **more: Any) -> str:
        """Makes an instance `ZONE/NAME` of NICs; returns its path. See `seeds.instance` for what more."""
        with self.api.working:
            return seeds.instance(self.api.store, self.path(name), nics, **more)

    def add_address(self, name: str, address: str, *, subnetwork: str | None = None) -> str:
        """Reserves an external address, or an internal one in a subnetwork; returns its path."""
        with self.api.working:
            path = self.path(f"regions/{REGION}/addresses/{name}")
            return seeds.address(self.api.store, path, address, subnetwork)

    def add_zone(self, name: str, dns_name: str, *, private: bool = False) -> str:
        """Makes a managed zone; returns its path."""
        with self.api.working:
            return seeds.zone(self.api.store, self.path(f"managedZones/{name}"), dns_name, private=private)

    def use_address(self, name: str, user: str) -> None:
        """Lets something that is no instance use an address."""
        with self.api.working:
            path = self.path(f"regions/{REGION}/addresses/{name}")
            self.api.store.hidden[path] = {"users": [self.path(user)]}

    def set_instance(self, name: str, **values: Any) -> None:
        """Gives an instance other values at once: `status="TERMINATED"`, `canIpForward=False`, `labels=`."""
        path = self.path(name)
        with self.api.working:
            self.api.store.change(path, **values)
            self.api.store.operations.tell(path)

    def remove(self, name: str) -> None:
        """Takes a resource away at once."""
        path = self.path(name)
        with self.api.working:
            self.api.store.remove(path)
            self.api.store.operations.tell(path)

    def settle(self) -> None:
        """Ends the operations whose time is over; every request does so first."""
        with self.api.working:
            self.api.store.operations.settle()

    def finish(self, *, stuck: bool = False) -> None:
        """Ends all operations that run, those that are stuck only if told so."""
        with self.api.working:
            for operation in self.api.store.operations.running():
                operation.fate = None if operation.stuck and stuck else operation.fate
                self.api.store.operations.finish(operation)

    def subscribe(self, listener: Callable[[str], object]) -> Callable[[], None]:
        """Calls `listener` with the path of each route, instance or zone's `rrsets` that has changed.

        It may look at `in_effect` and the like, and must not wait for a request. Returns what ends that.
        """
        return self.api.store.operations.subscribe(listener)

    def token(self, client: str = "test") -> str:
        """A new token of a client."""
        return self.api.tokens.give(client)
