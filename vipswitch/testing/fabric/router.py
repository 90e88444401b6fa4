"""The router of the virtual network: its kernel routes follow the cloud's route tables.

Rules: never answers with an error where a cloud is silent; changes a route in place (`ip route replace`: no
packet falls between two holders); applies differences only. One kernel table per route table, chosen by the
port a packet came in by; a packet that no rule routes is dropped without a word.
The main table has a route for each host and, behind them, a blackhole for each subnet: what is sent to an
address that nobody has is dropped. `addresses` adds those that a NIC has besides.
A route through a NIC whose source/destination check is on is a blackhole: the cloud drops those packets too;
`source_check` is the other half. A node is cut off by a rule for what it sends and by a false neighbour entry
for what is sent to it, so that neither side sees its link go down. The preferences below order the rules.
IPv4 for now: a second family is a second `ip -6` batch with the same preferences.
Source: ip-rule(8), ip-neighbour(8); Amazon VPC user guide, "Route tables" and "NAT instances" (the check).
"""

import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from typing import NewType, Protocol

from vipswitch.testing.fabric.host import Host
from vipswitch.testing.fabric.namespaces import Namespace
from vipswitch.testing.fabric.source_check import Allowed, SourceCheck

Network = IPv4Network | IPv6Network
TableId = NewType("TableId", str)
InterfaceId = NewType("InterfaceId", str)
Effective = dict[tuple[TableId, Network], InterfaceId | None]

_CUT = 1000
_CHECK = 2000
_LOCAL = 3000
_TABLE = 40000
_DROP = 50000
_NOBODY = "02:00:00:00:00:ff"


class Routes(Protocol):
    """What the router reads from the fake cloud, each time the cloud has changed."""

    def tables(self) -> Mapping[TableId, Mapping[Network, InterfaceId | None]]:
        """Per route table the routes to interfaces, without the local ones; None is a blackhole."""

    def sources(self, interface: InterfaceId) -> Allowed:
        """The addresses of this interface; None when its source/destination check is off."""


@dataclass(frozen=True, slots=True)
class RouteChange:
    """From `at` (time.monotonic) on, packets to `destination` under `table` reach `holder`, or nobody."""

    at: float
    table: TableId
    destination: Network
    holder: InterfaceId | None


class Router:
    """A namespace that forwards between hosts as the followed route tables say."""

    def __init__(self, namespace: Namespace) -> None:
        self.namespace = namespace
        self.history: list[RouteChange] = []
        self._interfaces: dict[InterfaceId, Host] = {}
        self._tables: list[TableId] = []
        self._effective: Effective = {}
        self._check = SourceCheck(first=_CHECK, then=_LOCAL)
        self._lock = threading.Lock()
        namespace.sysctl("net/ipv4/ip_forward", "1")
        namespace.sysctl("net/ipv4/conf/all/rp_filter", "0")
        namespace.sysctl("net/ipv4/conf/default/rp_filter", "0")
        namespace.batch([f"rule add pref {_LOCAL} lookup main", f"rule add pref {_DROP} blackhole"])

    def attach(self, host: Host) -> None:
        """Forward for this host, whose cable ends in a port of the same name."""
        self.namespace.batch(
            [
                f"address add {host.gateway}/32 dev {host.name}",
                f"route replace blackhole {host.network}",
                f"route add {host.address} dev {host.name}",
            ]
        )

    def follow(
        self, routes: Routes, interfaces: Mapping[InterfaceId, Host], tables: Mapping[TableId, Iterable[Host]]
    ) -> None:
        """Follow these `tables`, each with the hosts whose subnets use it; `interfaces` are the NICs."""
        self._interfaces = dict(interfaces)
        self._tables = list(tables)
        self.namespace.batch(
            [
                f"rule add pref {_TABLE} iif {host.name} lookup {self._number(table)}"
                for table, hosts in tables.items()
                for host in hosts
            ]
        )
        self.refresh(routes)

    def refresh(self, routes: Routes) -> None:
        """Make the kernel's routes what `routes` says now; safe to call from several threads."""
        with self._lock:
            sources = {interface: routes.sources(interface) for interface in self._interfaces}
            wanted = self._reachable(routes, {holder for holder, own in sources.items() if own is not None})
            changed = dict(wanted.items() - self._effective.items())
            gone = self._effective.keys() - wanted.keys()
            self.namespace.batch(
                [self._route(table, to, holder) for (table, to), holder in changed.items()]
                + [f"route del {to} table {self._number(table)}" for table, to in gone]
                + self._checks(sources)
            )
            self._record({**changed, **dict.fromkeys(gone)})
            self._effective = wanted

    def cut(self, host: Host) -> None:
        """Drop everything from and to this host from now on, silently; its links stay up."""
        self.namespace.batch(
            [
                f"rule add pref {_CUT} iif {host.name} blackhole",
                f"neighbour replace {host.address} lladdr {_NOBODY} nud permanent dev {host.name}",
            ]
        )

    def heal(self, host: Host) -> None:
        """End `cut`."""
        self.namespace.batch(
            [f"rule del pref {_CUT} iif {host.name}", f"neighbour del {host.address} dev {host.name}"]
        )

    def split(self, one: Host, two: Host) -> None:
        """Drop everything between these two hosts' own addresses; both keep all other paths."""
        self._between("add", one, two)

    def join(self, one: Host, two: Host) -> None:
        """End `split`."""
        self._between("del", one, two)

    def _between(self, verb: str, one: Host, two: Host) -> None:
        self.namespace.batch(
            [
                f"rule {verb} pref {_CUT} iif {source.name} to {target.address} blackhole"
                for source, target in ((one, two), (two, one))
            ]
        )

    def _reachable(self, routes: Routes, checked: set[InterfaceId]) -> Effective:
        """The routes of the followed tables; nobody, where the packets would be dropped at the interface."""
        return {
            (table, to): holder if holder in self._interfaces and holder not in checked else None
            for table, entries in routes.tables().items()
            if table in self._tables
            for to, holder in entries.items()
        }

    def _route(self, table: TableId, to: Network, holder: InterfaceId | None) -> str:
        if holder is None:
            return f"route replace blackhole {to} table {self._number(table)}"
        host = self._interfaces[holder]
        return f"route replace {to} via {host.address} dev {host.name} table {self._number(table)}"

    def _checks(self, sources: Mapping[InterfaceId, Allowed]) -> list[str]:
        return self._check.changes({self._interfaces[each]: own for each, own in sources.items()})

    def _record(self, changed: Effective) -> None:
        at = time.monotonic()
        self.history += [RouteChange(at, table, to, holder) for (table, to), holder in changed.items()]

    def _number(self, table: TableId) -> int:
        return 1000 + self._tables.index(table)
