"""`vipswitch check` for route tables: all that a failover needs of AWS, looked at before it happens.

Rules: changes nothing (permissions are tried with DryRun, which EC2 answers after it has looked at the
policies); what could not be looked at is a warning, never fine; every finding that is not fine says how to
mend it. Source: EC2 API Reference, "Common query parameters", DryRun.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from vipswitch.deadline import Deadline
from vipswitch.errors import Conflict, VipswitchError
from vipswitch.model import NodeId
from vipswitch.provider import Finding, Level
from vipswitch.providers.aws.interfaces import Interface, Interfaces
from vipswitch.providers.aws.looked_at import caller, own_interface
from vipswitch.providers.aws.route_table.settings import TableId, switching_off
from vipswitch.providers.aws.route_table.tables import Network, RouteTables, Table
from vipswitch.providers.looked_at import trouble
from vipswitch.providers.marks import key_of


class Preflight:
    """One look at the tables, the interface and the permissions of a VIP on this node."""

    def __init__(
        self,
        tables: RouteTables,
        interfaces: Interfaces,
        *,
        routes: Sequence[tuple[TableId, Network]],
        node: Callable[[Deadline], NodeId],
        fixes: bool,
    ) -> None:
        self._tables = tables
        self._interfaces = interfaces
        self._routes = routes
        self._node = node
        self._fixes = fixes

    def findings(self, deadline: Deadline) -> Iterator[Finding]:
        """Everything found; without credentials that is all that there is to find."""
        asking = caller(self._tables.caller, deadline)
        yield asking
        if asking.level is Level.ERROR:
            return
        interface = own_interface(self._node, self._interfaces, deadline)
        if isinstance(interface, Finding):
            yield interface
            yield from self._of_tables(None, deadline)
            return
        yield Finding(Level.OK, f"network interface {interface.id}", f"in {interface.vpc} {interface.subnet}")
        denied = self._denied_to_switch_off(interface, deadline) if self._fixes else None
        yield _of_check(interface, denied, fixes=self._fixes)
        yield from self._of_tables(interface, deadline)

    def _denied_to_switch_off(self, interface: Interface, deadline: Deadline) -> VipswitchError | None:
        try:
            self._interfaces.stop_checking(interface.id, deadline, dry_run=True)
        except VipswitchError as wrong:
            return wrong
        return None

    def _of_tables(self, interface: Interface | None, deadline: Deadline) -> Iterator[Finding]:
        ids = list(dict.fromkeys(id for id, _ in self._routes))
        try:
            tables = self._tables.describe(ids, deadline)
        except VipswitchError as wrong:
            yield trouble("route tables", wrong)
            return
        for id in ids:
            yield _where(id, tables.get(id), interface)
        for id, to in self._routes:
            if id in tables:
                yield from _of_route(tables[id], to, interface)
        for id in tables:
            yield self._permissions(id, interface, deadline)
            yield self._marking(id, deadline)

    def _permissions(self, id: TableId, interface: Interface | None, deadline: Deadline) -> Finding:
        subject = f"route table {id}"
        if interface is None:
            return Finding(
                Level.WARNING, subject, "permissions not tried", "mend the network interface first"
            )
        to = next(to for table, to in self._routes if table == id)
        try:
            self._tables.replace_route(id, to, interface.id, deadline, dry_run=True)
            self._tables.create_route(id, to, interface.id, deadline, dry_run=True)
        except Conflict:
            pass
        except VipswitchError as wrong:
            return trouble(subject, wrong)
        return Finding(Level.OK, subject, "ec2:ReplaceRoute and ec2:CreateRoute are permitted")

    def _marking(self, id: TableId, deadline: Deadline) -> Finding:
        """Never an error: without marks `up` and `down` go well, and others heal less by themselves."""
        subject = f"release marks on {id}"
        tags = {key_of(to.network_address): "tried" for table, to in self._routes if table == id}
        try:
            self._tables.tag(id, tags, deadline, dry_run=True)
            self._tables.untag(id, tags, deadline, dry_run=True)
        except VipswitchError as wrong:
            found = trouble(f"route table {id}", wrong)
            return Finding(Level.WARNING, subject, f"{found.message}; {_UNMARKED}", found.fix)
        return Finding(Level.OK, subject, "ec2:CreateTags and ec2:DeleteTags are permitted")


_UNMARKED = "without marks only an authority heals a VIP whose holder has let go"


def _of_check(interface: Interface, denied: VipswitchError | None, *, fixes: bool) -> Finding:
    """The source/destination check, which `up` switches off where it may and is not told to leave it."""
    subject, fix = "source/destination check", f"run {switching_off(interface.id)}"
    state = "is on: it drops packets to the VIP" if interface.checked else "is off"
    if denied is not None:
        level = trouble(subject, denied).level if interface.checked else Level.WARNING
        return Finding(level, subject, f"{state}; {denied.message}", f"{denied.hint}, or {fix}")
    if not interface.checked:
        return Finding(Level.OK, subject, state)
    if fixes:
        return Finding(Level.WARNING, subject, f"{state}, until the next `up` switches it off", fix)
    return Finding(Level.ERROR, subject, state, fix)


def _where(id: TableId, table: Table | None, interface: Interface | None) -> Finding:
    subject = f"route table {id}"
    if table is None:
        return Finding(Level.ERROR, subject, "not found", "see to its id, the region and the account")
    if interface is not None and interface.vpc != table.vpc:
        message = f"belongs to {table.vpc}, this node to {interface.vpc}"
        return Finding(Level.ERROR, subject, message, f"name route tables of {interface.vpc}")
    return Finding(Level.OK, subject, f"in {table.vpc}")


def _of_route(table: Table, to: Network, interface: Interface | None) -> Iterator[Finding]:
    subject = f"route table {table.id} {to}"
    inside = next((b for b in table.local if to.network_address in b), None)
    if inside is not None:
        message = f"lies inside the VPC's range {inside}: packets would not follow the route"
        yield Finding(Level.ERROR, subject, message, "choose an address outside every CIDR block of the VPC")
        return
    route = table.routes.get(to)
    if route is None:
        yield Finding(Level.OK, subject, "no route yet; the first `up` creates it")
    elif route.blackhole:
        message = f"blackhole: {route.target} is stopped or gone"
        yield Finding(Level.WARNING, subject, message, "run `vipswitch up` on the node that should hold it")
    elif not route.to_interface:
        message = f"leads to {route.target}, which is no node; `up` would replace it"
        yield Finding(Level.WARNING, subject, message, "see who else needs this route")
    else:
        mine = interface is not None and interface.id == route.target
        yield Finding(Level.OK, subject, f"held by {'this node' if mine else route.target}")
