"""`vipswitch check` for Elastic IPs: all that a failover needs of AWS, looked at before it happens.

Rules: as for route tables. DisassociateAddress can only be tried on an association that there is: where
another node has the Elastic IP, a policy that is meant for this node's own interface may well deny it.
Source: EC2 API Reference, "Common query parameters", DryRun; EC2 User Guide, "Elastic IP addresses"; VPC User
Guide, "Internet gateways".
"""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from ipaddress import IPv4Address

from vipswitch.deadline import Deadline
from vipswitch.errors import Conflict, VipswitchError
from vipswitch.model import NodeId
from vipswitch.provider import Finding, Level
from vipswitch.providers.aws.api.meanings import no_elastic_ip
from vipswitch.providers.aws.elastic_ip.allocations import Allocations, Association, ElasticIp
from vipswitch.providers.aws.elastic_ip.settings import AllocationId
from vipswitch.providers.aws.interfaces import Interface, Interfaces
from vipswitch.providers.aws.looked_at import caller, own_interface
from vipswitch.providers.aws.route_table.tables import RouteTables, Table
from vipswitch.providers.looked_at import trouble

_GATEWAYS = ("igw-", "cagw-")
_LISTED = "list under private_address one secondary private address of each node for each Elastic IP"


class Preflight:
    """One look at the Elastic IPs of a VIP, this node's interface, the way out and the permissions."""

    def __init__(
        self,
        allocations: Allocations,
        tables: RouteTables,
        interfaces: Interfaces,
        *,
        ids: Sequence[AllocationId],
        public: Sequence[IPv4Address],
        listed: Sequence[IPv4Address],
        node: Callable[[Deadline], NodeId],
    ) -> None:
        self._allocations = allocations
        self._tables = tables
        self._interfaces = interfaces
        self._ids = ids
        self._public = public
        self._listed = listed
        self._node = node

    def findings(self, deadline: Deadline) -> Iterator[Finding]:
        """Everything found; without credentials that is all that there is to find."""
        asking = caller(self._tables.caller, deadline)
        yield asking
        if asking.level is Level.ERROR:
            return
        found = self._described(deadline)
        yield from [found] if isinstance(found, Finding) else self._existence(found)
        interface = own_interface(self._node, self._interfaces, deadline)
        if isinstance(interface, Finding):
            yield interface
            return
        yield Finding(Level.OK, f"network interface {interface.id}", f"in {interface.vpc} {interface.subnet}")
        yield from _private_addresses(self._ids, self._listed, interface)
        yield from _on_this_host(_usable(self._listed, interface)[: len(self._ids)])
        yield from self._pushed_off(interface, deadline)
        yield self._way_out(interface, deadline)
        if not isinstance(found, Finding):
            for id in (id for id in self._ids if id in found):
                yield from self._permissions(found[id], interface.id, deadline)

    def _described(self, deadline: Deadline) -> dict[AllocationId, ElasticIp] | Finding:
        try:
            return self._allocations.describe(self._ids, deadline)
        except VipswitchError as wrong:
            return trouble("Elastic IPs", wrong)

    def _existence(self, found: Mapping[AllocationId, ElasticIp]) -> Iterator[Finding]:
        for id in self._ids:
            subject = f"Elastic IP {id}"
            if id in found:
                yield Finding(Level.OK, subject, f"is {found[id].public}")
            else:
                yield trouble(subject, no_elastic_ip(subject))
        yield from _together(self._public, {each.public for each in found.values()})

    def _pushed_off(self, interface: Interface, deadline: Deadline) -> Iterator[Finding]:
        """A private address has one Elastic IP at most: whatever else is mapped to it goes."""
        try:
            others = [
                each for each in self._allocations.on(interface.id, deadline) if each.id not in self._ids
            ]
        except VipswitchError:
            return
        wanted = _usable(self._listed, interface)[: len(self._ids)]
        for other in others:
            if other.association is not None and other.association.private in wanted:
                message = f"has {other.id} ({other.public}) now, which `up` ends without a word"
                subject = f"private address {other.association.private}"
                yield Finding(Level.WARNING, subject, message, _LISTED)

    def _way_out(self, interface: Interface, deadline: Deadline) -> Finding:
        subject = "internet gateway"
        try:
            table = self._tables.of_subnet(interface.subnet, interface.vpc, deadline)
        except VipswitchError as wrong:
            return trouble(subject, wrong)
        return _way_out(subject, interface, table)

    def _permissions(self, elastic: ElasticIp, node: NodeId, deadline: Deadline) -> Iterator[Finding]:
        subject = f"Elastic IP {elastic.id}"
        try:
            self._allocations.associate(elastic.id, node, None, deadline, dry_run=True)
            yield Finding(Level.OK, subject, "ec2:AssociateAddress is permitted")
        except VipswitchError as wrong:
            yield trouble(subject, wrong)
        if elastic.association is not None:
            yield self._ending(subject, elastic.id, elastic.association, node, deadline)

    def _ending(
        self, subject: str, id: AllocationId, association: Association, node: NodeId, deadline: Deadline
    ) -> Finding:
        try:
            self._allocations.disassociate(id, association.id, deadline, dry_run=True)
        except Conflict:
            return Finding(Level.WARNING, subject, "changed hands meanwhile", "run `vipswitch check` again")
        except VipswitchError as wrong:
            told = trouble(subject, wrong)
            if association.interface == node:
                return told
            message = f"{told.message}, tried on {association.interface}, which has it"
            return Finding(Level.WARNING, subject, message, told.fix)
        return Finding(Level.OK, subject, "ec2:DisassociateAddress is permitted")


def _together(given: Sequence[IPv4Address], found: set[IPv4Address]) -> Iterator[Finding]:
    """The `address` of the config is a public address of these allocations."""
    for address in given:
        if found and address not in found:
            message = f"is none of the allocations', which are {', '.join(map(str, sorted(found)))}"
            yield Finding(Level.ERROR, f"address {address}", message, "correct address, or leave it out")


def _private_addresses(
    ids: Sequence[AllocationId], listed: Sequence[IPv4Address], interface: Interface
) -> Iterator[Finding]:
    """What each Elastic IP maps to on this node."""
    usable = _usable(listed, interface)
    for number, id in enumerate(ids):
        if number < len(usable):
            yield _mapping(id, usable[number], primary=IPv4Address(interface.private[0]))
        else:
            yield _without_address(id, listed, interface)


def _usable(listed: Sequence[IPv4Address], interface: Interface) -> list[IPv4Address]:
    has = [IPv4Address(each) for each in interface.private]
    return [each for each in listed if each in has] if listed else has[:1]


def _mapping(id: AllocationId, private: IPv4Address, *, primary: IPv4Address) -> Finding:
    if private != primary:
        return Finding(Level.OK, "private address", f"{id} maps to {private}")
    message = (
        f"{id} maps to the interface's primary address {private}: without it this node has no way into the"
        " internet, nor to the EC2 API; a public address that EC2 assigned to it is lost for good"
    )
    return Finding(Level.WARNING, "private address", message, _LISTED)


def _on_this_host(wanted: Sequence[IPv4Address]) -> Iterator[Finding]:
    """Assigned in EC2 is not enough: packets come with this address, and the host has to know it."""
    for private in wanted:
        if not _has(private):
            fix = "add it to the interface for good, in the host's network configuration"
            message = "is not on this host, which drops what comes for the Elastic IP"
            yield Finding(Level.WARNING, f"private address {private}", message, fix)


def _has(address: IPv4Address) -> bool:
    """Whether a socket of this host can have the address."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((str(address), 0))
        except OSError as wrong:
            return wrong.errno != errno.EADDRNOTAVAIL
    return True


def _without_address(id: AllocationId, listed: Sequence[IPv4Address], interface: Interface) -> Finding:
    if not listed:
        message = f"{id} has none: the primary address can have one Elastic IP only"
        return Finding(Level.ERROR, "private address", message, _LISTED)
    wanted, there = (", ".join(map(str, each)) for each in (listed, interface.private))
    message = f"{id} has none: of {wanted} too few are on {interface.id}, which has {there}"
    fix = f"aws ec2 assign-private-ip-addresses --network-interface-id {interface.id} --private-ip-addresses"
    return Finding(Level.ERROR, "private address", message, f"{fix} ADDRESS")


def _way_out(subject: str, interface: Interface, table: Table | None) -> Finding:
    """Without a route to an internet gateway the answers to clients leave by another way, or not at all."""
    routes = table.routes.items() if table else ()
    ways = {str(to): way for to, way in routes if way.target.startswith(_GATEWAYS) and to.version == 4}
    where = f"{table.id} of {interface.subnet}" if table else interface.subnet
    live = [to for to, way in ways.items() if not way.blackhole]
    if live:
        gateway = ways[live[0]].target
        return Finding(Level.OK, subject, f"{where} sends {', '.join(live)} to {gateway}")
    state = "only a blackhole for a route to one" if ways else "no route to one"
    fix = "attach an internet gateway to the VPC, and give the table a route to it, 0.0.0.0/0 for example"
    return Finding(Level.WARNING, subject, f"{where} has {state}: clients get no answer", fix)
