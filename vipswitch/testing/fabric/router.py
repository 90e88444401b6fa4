"""The router of the virtual network: its kernel routes follow the cloud's route tables.

Rules: never answers with an error where a cloud is silent; changes a route in place (`ip route replace`: no
packet falls between two holders); applies differences only. One kernel table per route table, chosen by the
port a packet came in by; a packet that no rule routes is dropped without a word.
A route through a NIC whose source/destination check is on is a blackhole: the cloud drops those packets too.
A node is cut off by a rule for what it sends and by a false neighbour entry for what is sent to it, so that
neither side sees its link go down. The preferences below order the rules. IPv4 for now: a second family is a
second `ip -6` batch with the same preferences.
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

    def checked(self, interface: InterfaceId) -> bool:
        """Whether the source/destination check of this interface is on."""


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
        self._hosts: list[Host] = []
        self._interfaces: dict[InterfaceId, Host] = {}
        self._tables: list[TableId] = []
        self._effective: Effective = {}
        self._checked: set[InterfaceId] = set()
        self._lock = threading.Lock()
        namespace.sysctl("net/ipv4/ip_forward", "1")
        namespace.sysctl("net/ipv4/conf/all/rp_filter", "0")
        namespace.sysctl("net/ipv4/conf/default/rp_filter", "0")
        namespace.batch([f"rule add pref {_LOCAL} lookup main", f"rule add pref {_DROP} blackhole"])

    def attach(self, host: Host) -> None:
        """Forward for this host, whose cable ends in a port of the same name."""
        self._hosts.append(host)
        self.namespace.ip("address", "add", f"{host.gateway}/{host.network.prefixlen}", "dev", host.name)

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
            checked = {interface for interface in self._interfaces if routes.checked(interface)}
            wanted = self._reachable(routes, checked)
            changed = dict(wanted.items() - self._effective.items())
            gone = self._effective.keys() - wanted.keys()
            self.namespace.batch(
                [self._route(table, to, holder) for (table, to), holder in changed.items()]
                + [f"route del {to} table {self._number(table)}" for table, to in gone]
                + self._checks(checked)
            )
            self._record({**changed, **dict.fromkeys(gone)})
            self._effective, self._checked = wanted, checked

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
        """Drop everything between these two hosts' subnets; both keep all other paths."""
        self._between("add", one, two)

    def join(self, one: Host, two: Host) -> None:
        """End `split`."""
        self._between("del", one, two)

    def _between(self, verb: str, one: Host, two: Host) -> None:
        self.namespace.batch(
            [
                f"rule {verb} pref {_CUT} iif {source.name} to {target.network} blackhole"
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

    def _checks(self, checked: set[InterfaceId]) -> list[str]:
        """Rules that drop what a newly checked interface sends under a foreign address, or their removal."""
        changed = [("add", interface) for interface in checked - self._checked]
        changed += [("del", interface) for interface in self._checked - checked]
        hosts = [(verb, self._interfaces[interface]) for verb, interface in changed]
        return [line for verb, host in hosts for line in self._check(verb, host)]

    def _check(self, verb: str, host: Host) -> list[str]:
        pref = _CHECK + 2 * self._hosts.index(host)
        return [
            f"rule {verb} pref {pref} iif {host.name} from {host.address} goto {_LOCAL}",
            f"rule {verb} pref {pref + 1} iif {host.name} blackhole",
        ]

    def _record(self, changed: Effective) -> None:
        at = time.monotonic()
        self.history += [RouteChange(at, table, to, holder) for (table, to), holder in changed.items()]

    def _number(self, table: TableId) -> int:
        return 1000 + self._tables.index(table)
