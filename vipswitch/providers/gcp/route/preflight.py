"""`vipswitch check` for Google Cloud routes: all that a failover needs, looked at before it happens.

Rules: changes nothing; what could not be looked at is a warning, never fine; every finding that is not fine
says how to mend it.
Source: Google Cloud docs, "Static routes"; Compute Engine API reference, "networks", "subnetworks".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from ipaddress import ip_network

from vipswitch.deadline import Deadline
from vipswitch.errors import VipswitchError
from vipswitch.model import Address
from vipswitch.provider import Finding, Level
from vipswitch.providers.gcp.api.client import Clients
from vipswitch.providers.gcp.ids import Resource
from vipswitch.providers.gcp.instance_findings import granted_on
from vipswitch.providers.gcp.instances import Instance, instance, switching_on
from vipswitch.providers.gcp.looked_at import caller, permitted
from vipswitch.providers.gcp.networks import Subnet, exists, subnets
from vipswitch.providers.gcp.route import permissions
from vipswitch.providers.gcp.route.holdings import Standing, standing
from vipswitch.providers.gcp.route.routes import Routes
from vipswitch.providers.gcp.route.slots import FEW, family
from vipswitch.providers.looked_at import trouble


class Preflight:
    """One look at the networks, the routes, the instance and the permissions of a VIP on this node."""

    def __init__(
        self,
        routes: Routes,
        clients: Clients,
        *,
        networks: Mapping[str, Resource],
        addresses: Sequence[Address],
        node: Callable[[Deadline], Resource],
        project: Callable[[Deadline], str],
    ) -> None:
        self._routes = routes
        self._clients = clients
        self._networks = networks
        self._addresses = addresses
        self._node = node
        self._project = project

    def findings(self, deadline: Deadline) -> Iterator[Finding]:
        """Everything found; without credentials that is all that there is to find."""
        asking = caller(self._clients, deadline)
        yield asking
        if asking.level is Level.ERROR:
            return
        yield from self._of_instance(deadline)
        for name, network in self._networks.items():
            yield from self._of_network(name, network, deadline)
        for project in dict.fromkeys(network.project for network in self._networks.values()):
            yield permitted(self._clients, project, permissions.MOVES, deadline)

    def _of_instance(self, deadline: Deadline) -> Iterator[Finding]:
        """What cannot be looked at here does not stand in the way of a failover."""
        try:
            id = self._node(deadline)
            own = instance(id, self._clients, deadline)
        except VipswitchError as wrong:
            yield Finding(Level.WARNING, "instance", f"not looked at: {wrong.message}", wrong.hint)
            return
        yield _of_forwarding(id, own)
        yield from (_of_interface(id, own, each) for each in self._networks.values())
        if id.project in {network.project for network in self._networks.values()}:
            subject = f"permissions on {id.place}/{id.name}"
            yield granted_on(self._clients, str(id), subject, [permissions.USE], deadline)

    def _of_network(self, name: str, network: Resource, deadline: Deadline) -> Iterator[Finding]:
        subject = f"network {name}"
        try:
            exists(network, self._clients, deadline)
            found = subnets(network, self._clients, deadline)
        except VipswitchError as wrong:
            yield trouble(subject, wrong)
        else:
            yield Finding(Level.OK, subject, f"has {len(found)} subnetworks")
            yield from (_of_address(address, network, found) for address in self._addresses)
        yield from self._of_routes(name, network, deadline)

    def _of_routes(self, name: str, network: Resource, deadline: Deadline) -> Iterator[Finding]:
        destinations = [ip_network(address) for address in self._addresses]
        try:
            listed = self._routes.read(network.project, destinations, deadline)
        except VipswitchError as wrong:
            yield trouble(f"routes of {name}", wrong)
            return
        for address in self._addresses:
            there = [r for r in listed if r.network == network.name and r.to == ip_network(address)]
            found = standing(there, family(network.name, address))
            yield from _of_standing(f"route {ip_network(address)} in {name}", found)


def _of_forwarding(id: Resource, own: Instance) -> Finding:
    subject = "IP forwarding"
    if own.forwards:
        return Finding(Level.OK, subject, "is on")
    return Finding(Level.ERROR, subject, "is off: Google drops packets to the VIP", f"run {switching_on(id)}")


def _of_interface(id: Resource, own: Instance, network: Resource) -> Finding:
    subject = f"instance {id.place}/{id.name}"
    if network.name in own.networks:
        return Finding(Level.OK, subject, f"has an interface in {network.name}")
    message = f"has no interface in {network.name}: a route there cannot lead to it"
    return Finding(Level.ERROR, subject, message, "correct networks, or give the instance an interface there")


def _of_address(address: Address, network: Resource, found: Sequence[Subnet]) -> Finding:
    subject = f"address {address}"
    around = next((each for each in found if each.has(address)), None)
    if around is None:
        return Finding(Level.OK, subject, f"outside all subnetworks of {network.name}")
    return Finding(
        Level.ERROR,
        subject,
        f"lies inside subnetwork {around.name} of {network.name}: Google makes no route to it",
        "choose an address outside every subnetwork, or gcp-alias-ip for one inside",
    )


def _of_standing(subject: str, found: Standing) -> Iterator[Finding]:
    if not found.best:
        yield Finding(Level.OK, subject, "no route yet; the first `up` creates it")
        return
    best = found.best[0]
    yield Finding(Level.OK, subject, f"{best.name} leads to {best.hop}")
    for foreign in found.foreign:
        message = f"{foreign.name} was not made by vipswitch, and would count if its own routes were gone"
        yield Finding(Level.WARNING, subject, message, "delete it, if nobody else needs it")
    if len(found.best) > 1:
        names = ", ".join(route.name for route in found.best)
        yield Finding(Level.WARNING, subject, f"{names} share its traffic", "run `vipswitch up`")
    if best.priority < FEW:
        message = f"priority {best.priority}: so many takeovers are left"
        fix = "in a quiet moment run `vipswitch down`, then `up`, on the node that holds it"
        yield Finding(Level.WARNING, subject, message, fix)
