"""Azure route tables: what is asked of them, and what they answer, in our types.

Rules: every write carries If-Match with the table's etag, which all its routes share; nothing waits for what
was accepted. A route that is there is written by itself. One that is not is added by writing the table:
whether a precondition counts for a route that does not exist yet is nowhere said; for a table it does.
Each write is noted as one to its route, so that what becomes of it is told to whoever reads that.
Source: Azure REST API, "Route Tables", "Routes", "Tags"; azure-mgmt-network, RoutesOperations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING

from vipswitch.deadline import Deadline
from vipswitch.errors import Conflict
from vipswitch.model import Address
from vipswitch.providers.asked import Asked
from vipswitch.providers.azure.api.client import Clients
from vipswitch.providers.azure.ids import ResourceId
from vipswitch.providers.azure.route_table.permissions import READ, WRITE, WRITE_ROUTE, WRITE_TAGS

if TYPE_CHECKING:
    from azure.mgmt.network import models

Network = IPv4Network | IPv6Network

_APPLIANCE = "VirtualAppliance"
_AT_WORK = ("Updating", "Deleting")
_NO_ETAG = 'W/"00000000-0000-0000-0000-000000000000"'
_TAGS_VERSION = "2021-04-01"


@dataclass(frozen=True, slots=True)
class Route:
    """Where one destination of a route table leads: an address, or something that is no node (`kind`)."""

    name: str
    kind: str
    hop: Address | None
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One route table: its etag, whether Azure is at work on it, where it leads, its tags, its subnets."""

    etag: str
    busy: bool
    routes: Mapping[Network, Route]
    tags: Mapping[str, str]
    subnets: tuple[str, ...]

    def tag(self, key: str) -> str | None:
        """The value of a tag; keys compare without regard to case."""
        return next((value for name, value in self.tags.items() if name.lower() == key.lower()), None)


class RouteTables:
    """The route tables of an account. Every method raises our errors only."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def read(self, id: ResourceId, deadline: Deadline) -> Table:
        """One table with all its routes. NotFound, a ConfigError, if there is none."""
        return _table(self._get(id, deadline))

    def replace_route(
        self, id: ResourceId, name: str, to: Network, hop: Address, *, etag: str, deadline: Deadline
    ) -> None:
        """Let a route that is there lead to `hop`; Conflict if the table's etag is another by now."""
        from azure.mgmt.network.models import Route

        with self._clients.network(_writing(WRITE_ROUTE, id, name, deadline), id.subscription) as network:
            network.routes.begin_create_or_update(
                id.group,
                id.name,
                name,
                Route(_document(name, to, hop)),
                headers={"If-Match": etag},
                polling=False,
            )

    def add_route(
        self, id: ResourceId, name: str, to: Network, hop: Address, *, etag: str, deadline: Deadline
    ) -> None:
        """Add a route to `hop`, and leave the rest of the table as it is; Conflict if its etag is another."""
        from azure.mgmt.network.models import Route

        table = self._get(id, deadline)
        if table.etag != etag:
            raise Conflict(f"{_subject(id)}: changed meanwhile")
        table.routes = [*(table.routes or []), Route(_document(name, to, hop))]
        self._write(id, table, name, etag=etag, deadline=deadline)

    def try_writing(self, id: ResourceId, table: Table, to: Network, deadline: Deadline) -> str:
        """Try whether the route may be written, or added, by a write that cannot be made; gives the action.

        What is there is written under an etag that nothing has. PermissionDenied where it may not be.
        """
        route = table.routes.get(to)
        try:
            if route is not None and route.hop is not None:
                self.replace_route(id, route.name, to, route.hop, etag=_NO_ETAG, deadline=deadline)
            else:
                self._write(id, self._get(id, deadline), "", etag=_NO_ETAG, deadline=deadline)
        except Conflict:
            pass
        return WRITE_ROUTE if route is not None and route.hop is not None else WRITE

    def writing(self, id: ResourceId, name: str, deadline: Deadline) -> bool:
        """Whether our last write of that route is still being carried out.

        Raises, once, why it was not: Undone, or what ARM says; Unavailable where that could not be asked.
        """
        return self._clients.operations.look(_route_id(id, name), deadline)

    def tag(self, id: ResourceId, tags: Mapping[str, str], deadline: Deadline) -> None:
        """Put tags on a table, over those of the same keys; the others stay."""
        self._change_tags(id, "Merge", tags, deadline)

    def untag(self, id: ResourceId, tags: Mapping[str, str], deadline: Deadline) -> None:
        """Take off those of the tags that have exactly these values; nothing happens to the others."""
        self._change_tags(id, "Delete", tags, deadline)

    def _write(
        self, id: ResourceId, table: models.RouteTable, route: str, *, etag: str, deadline: Deadline
    ) -> None:
        with self._clients.network(_writing(WRITE, id, route, deadline), id.subscription) as network:
            network.route_tables.begin_create_or_update(
                id.group, id.name, table, headers={"If-Match": etag}, polling=False
            )

    def _change_tags(
        self, id: ResourceId, operation: str, tags: Mapping[str, str], deadline: Deadline
    ) -> None:
        asked = Asked(WRITE_TAGS, _subject(id), deadline, str(id), writes=True)
        body = {"operation": operation, "properties": {"tags": dict(tags)}}
        with self._clients.arm(asked) as arm:
            arm.patch(f"{id}/providers/Microsoft.Resources/tags/default", _TAGS_VERSION, body)

    def _get(self, id: ResourceId, deadline: Deadline) -> models.RouteTable:
        asked = Asked(READ, _subject(id), deadline, str(id))
        with self._clients.network(asked, id.subscription) as network:
            return network.route_tables.get(id.group, id.name)


def _subject(id: ResourceId) -> str:
    return f"route table {id.name}"


def _route_id(id: ResourceId, name: str) -> str:
    return f"{id}/routes/{name}"


def _writing(action: str, id: ResourceId, name: str, deadline: Deadline) -> Asked:
    return Asked(action, _subject(id), deadline, _route_id(id, name), writes=True)


def _document(name: str, to: Network, hop: Address) -> dict[str, object]:
    about = {"addressPrefix": str(to), "nextHopType": _APPLIANCE, "nextHopIpAddress": str(hop)}
    return {"name": name, "properties": about}


def _table(raw: models.RouteTable) -> Table:
    routes = {to: _route(each) for each in raw.routes or [] if (to := _to(each)) is not None}
    at_work = [each.provisioning_state for each in (raw, *(raw.routes or []))]
    return Table(
        etag=raw.etag or "",
        busy=any(state in _AT_WORK for state in at_work),
        routes=routes,
        tags=raw.tags or {},
        subnets=tuple(str(subnet.id) for subnet in raw.subnets or []),
    )


def _to(raw: models.Route) -> Network | None:
    """The destination; None for a service tag."""
    try:
        return ip_network(raw.address_prefix)
    except ValueError:
        return None


def _route(raw: models.Route) -> Route:
    kind = raw.next_hop_type.value if isinstance(raw.next_hop_type, Enum) else str(raw.next_hop_type)
    hop = ip_address(raw.next_hop_ip_address) if kind == _APPLIANCE and raw.next_hop_ip_address else None
    return Route(raw.name or "", kind, hop, failed=raw.provisioning_state == "Failed")
