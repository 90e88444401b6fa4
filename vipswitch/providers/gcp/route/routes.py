"""Static routes of Google Cloud: what is asked of them, and what they answer, in our types.

Rules: nothing waits for what was accepted. What becomes of a write that moves a place is noted for the place,
by the family of its routes' names. Routes are looked for by destination and told by network here: the URL of
a network is written in several ways.
Source: Compute Engine API reference, "routes".
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from vipswitch.deadline import Deadline
from vipswitch.model import Address
from vipswitch.providers.asked import Asked
from vipswitch.providers.gcp.api.client import Clients
from vipswitch.providers.gcp.api.meanings import NotFound, NotReady
from vipswitch.providers.gcp.ids import Resource, last, resource

Network = IPv4Network | IPv6Network

LIST = "compute.routes.list"
INSERT = "compute.routes.insert"
DELETE = "compute.routes.delete"

_HOLDER = "vipswitch: "
_HOPS = tuple(
    f"nextHop{kind}"
    for kind in ("Instance", "Ip", "Gateway", "Ilb", "VpnTunnel", "Peering", "Network", "Hub")
)


@dataclass(frozen=True, slots=True)
class Route:
    """One static route, in the network of that name, and where it leads: to an instance, or an address.

    `hop` is what people should know of it, whatever it is; `told` is the instance that the description names.
    `warnings` are Google's codes for what is wrong with the next hop.
    """

    name: str
    network: str
    to: Network
    priority: int
    hop: str
    instance: Resource | None = None
    address: Address | None = None
    told: Resource | None = None
    tags: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class Routes:
    """The routes of projects. Every method raises our errors only."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def read(self, project: str, to: Collection[Network], deadline: Deadline) -> list[Route]:
        """All routes of a project with one of these destinations, whatever they are called."""
        where = f"projects/{project}"
        wanted = " OR ".join(f'(destRange = "{each}")' for each in to)
        with self._clients.compute(Asked(LIST, f"routes of {project}", deadline, where)) as compute:
            pages = list(compute.pages(f"{where}/global/routes", filter=wanted))
        return [_route(each) for page in pages for each in page.get("items", ())]

    def insert(
        self,
        network: Resource,
        name: str,
        to: Network,
        priority: int,
        *,
        hop: Resource | Address,
        holder: Resource,
        of: str,
        deadline: Deadline,
    ) -> None:
        """Add a route of the family `of` to that instance or address, which are the holder's.

        Exists, a Conflict, if there is one of that name.
        """
        body = {
            "name": name,
            "description": f"{_HOLDER}{holder}",
            "network": str(network),
            "destRange": str(to),
            "priority": priority,
            "nextHopInstance" if isinstance(hop, Resource) else "nextHopIp": str(hop),
        }
        where = _where(network.project)
        with self._clients.compute(_writing(INSERT, name, f"{where}/{of}", deadline)) as compute:
            compute.post(where, body)

    def delete(self, project: str, name: str, *, of: str, deadline: Deadline) -> bool:
        """Delete the route of that name of the family `of`; whether there was one."""
        where = _where(project)
        with self._clients.compute(_writing(DELETE, name, f"{where}/{of}", deadline)) as compute:
            try:
                compute.delete(f"{where}/{name}")
            except NotFound:
                return False
        return True

    def discard(self, project: str, name: str, deadline: Deadline) -> None:
        """Delete a route that has no effect; nobody wants to know how that goes on.

        One that Google is still at work on is being deleted already, or is left to the next takeover.
        """
        with contextlib.suppress(NotReady):
            self.delete(project, name, of=name, deadline=deadline)
        self._clients.operations.forget(f"{_where(project)}/{name}")

    def writing(self, project: str, of: str, deadline: Deadline) -> bool:
        """Whether this machine's last write to the family is still being carried out.

        Raises, once, why it was not: Undone, or what Google says; Unavailable where that could not be asked.
        """
        return self._clients.operations.look(f"{_where(project)}/{of}", deadline)


def _where(project: str) -> str:
    return f"projects/{project}/global/routes"


def _writing(action: str, name: str, resource: str, deadline: Deadline) -> Asked:
    return Asked(action, f"route {name}", deadline, resource, writes=True)


def _route(raw: Mapping[str, Any]) -> Route:
    instance, hops = raw.get("nextHopInstance"), [raw[key] for key in _HOPS if raw.get(key)]
    description = str(raw.get("description") or "")
    return Route(
        name=raw["name"],
        network=last(raw["network"]),
        to=ip_network(raw["destRange"]),
        priority=int(raw["priority"]),
        hop=last(str(hops[0])) if hops else "nowhere",
        instance=resource(instance) if instance else None,
        address=ip_address(raw["nextHopIp"]) if raw.get("nextHopIp") else None,
        told=resource(description.removeprefix(_HOLDER)) if description.startswith(_HOLDER) else None,
        tags=tuple(raw.get("tags") or ()),
        warnings=tuple(str(each["code"]) for each in raw.get("warnings") or ()),
    )
