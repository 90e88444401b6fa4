"""`gcp-route`: a /32 or /128 route in each VPC network, whose next hop is the holder.

Rules: make before break. A route cannot be changed, so a takeover inserts a better one, and only when the VIP
has moved it deletes those that this has put out of effect: at no moment is there none. What somebody else
made is never deleted. `down` deletes this node's route, by its own name, and only where no other would come
into effect by that. A write is accepted at once and carried out in seconds; until then the place looks as
before, so this machine remembers what it has begun.

A node is its instance. A route leads to the instance itself where the network is in the instance's project;
else, with a Shared VPC, to the address of its interface, and the description names the instance.
Source: Compute Engine API reference, "routes"; Google Cloud docs, "Static routes".
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from vipswitch.deadline import Deadline
from vipswitch.errors import Conflict, Halfway, Refused, VipswitchError
from vipswitch.model import Holding, NodeId, Place, Vip
from vipswitch.provider import Call, Capabilities, Finding, Grant, Level, Machine, PolicyForm
from vipswitch.providers.gcp.footing import Footing
from vipswitch.providers.gcp.role import ROLE
from vipswitch.providers.gcp.route import permissions, slots
from vipswitch.providers.gcp.route.holdings import parsed
from vipswitch.providers.gcp.route.places import Networks, destination, family_of, hop_to
from vipswitch.providers.gcp.route.readings import Readings
from vipswitch.providers.gcp.route.settings import RouteSettings
from vipswitch.providers.side_by_side import side_by_side

if TYPE_CHECKING:
    from vipswitch.providers.gcp.api.client import Clients
    from vipswitch.providers.gcp.ids import Resource
    from vipswitch.providers.gcp.route.routes import Route, Routes


class GcpRoute:
    """Moves a VIP by a better route in each of several networks."""

    Settings = RouteSettings
    policy: ClassVar[PolicyForm] = ROLE
    capabilities: ClassVar[Capabilities] = Capabilities(needs_address=True, announces=False, life_s=90.0)

    def __init__(self, settings: RouteSettings, vip: Vip, machine: Machine) -> None:
        self._addresses = vip.addresses
        self._gcp = Footing(settings, machine, connect=_routes)
        self._networks = Networks(settings.networks, self._gcp)
        self._readings = Readings(self._networks, self._gcp)
        self._chance = random.SystemRandom()

    @property
    def places(self) -> tuple[Place, ...]:
        """One place for each network and address."""
        return tuple(Place(network, address) for network in self._networks.ids for address in self._addresses)

    @property
    def tags(self) -> Mapping[str, Sequence[str]]:
        """None: the only thing to find is the network of this node's interface."""
        return {}

    def discover(self, deadline: Deadline, *, anew: bool = False) -> None:
        """Find that network, where the config names none; `anew`, also who this node is."""
        if anew:
            self._gcp.renew(deadline)
        self._networks.discover(deadline)

    def node(self, deadline: Deadline) -> NodeId:
        """The instance that the config gives this machine, else what the metadata service says."""
        return self._gcp.node(deadline)

    def spelt(self, node: NodeId, deadline: Deadline) -> NodeId:
        """An instance as `read` names it, however the config writes it."""
        return self._gcp.spelt(node, deadline)

    def read(self, places: Sequence[Place], deadline: Deadline) -> Mapping[Place, Holding | VipswitchError]:
        """Who holds each place, by one request for each project."""
        return self._readings.read(places, deadline)

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        """Insert a route that is better than the best one that was seen, or is there now.

        Conflict if another has done so since; Refused where no better priority is left.
        """
        seen = seen or self._readings.now(place, deadline)
        if seen.holder is None:
            self._fill(place, node, slots.ORDERED, deadline)
            return
        priority = slots.better_than(parsed(seen.token).priority)
        if priority is None:
            raise Refused(
                f"{place}: its route has priority 0, and there is no better one",
                hint="in a quiet moment run `vipswitch down`, then `up`, on the node that holds it",
            )
        self._insert(place, node, priority, deadline)

    def restore(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        """Insert a route where there is none; Conflict where there is one. It yields to one of an order."""
        if seen.holder is not None:
            raise Conflict(f"{place}: is held by {seen.holder}")
        self._fill(place, node, slots.RESTORED, deadline)

    def _fill(self, place: Place, node: NodeId, of: range, deadline: Deadline) -> None:
        """The first route. Others that fill the place too may take another number, and the best counts."""
        now = self._readings.now(place, deadline)
        if now.holder is not None:
            raise Conflict(f"{place}: is held by {now.holder} by now")
        self._insert(place, node, slots.first(of, self._chance), deadline)

    def _insert(self, place: Place, node: NodeId, priority: int, deadline: Deadline) -> None:
        network = self._networks.network(place.id, deadline)
        holder, family = self._gcp.instance_of(node, deadline), family_of(place, network)
        self._gcp.api.insert(
            network,
            slots.name_of(family, priority),
            destination(place),
            priority,
            hop=hop_to(holder, place, network, self._gcp, deadline),
            holder=holder,
            of=family,
            deadline=deadline,
        )

    def release(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        """Delete this node's route if it still is the best one, and the last one.

        Those of ours that it has put out of effect go first (Halfway). Refused where somebody else's leads
        here, or would come into effect; Conflict where the place is not as it was seen.
        """
        if seen.holder != node:
            raise Conflict(f"{place}: is held by {seen.holder}")
        network = self._networks.network(place.id, deadline)
        now, names = self._readings.standing(place, network, deadline), parsed(seen.token).names
        if tuple(route.name for route in now.best) != names:
            raise Conflict(f"{place}: its best route is not {' or '.join(names)} any more")
        family = family_of(place, network)
        _refuse_of_others(place, network, [*now.best, *now.foreign], family)
        for name in [route.name for route in now.left] or names:
            if not self._gcp.api.delete(network.project, name, of=family, deadline=deadline) and not now.left:
                raise Conflict(f"{place}: {name} is gone")
        if now.left:
            raise Halfway(f"{place}: what had no effect is deleted")

    def tidy(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        """Delete the routes that were seen to have no effect any more, each by its name."""
        project = self._networks.network(place.id, deadline).project
        left = parsed(seen.token).left
        side_by_side([partial(self._gcp.api.discard, project, name, deadline) for name in left])

    def contention_key(self, place: Place) -> str:
        """The place: routes to others are made beside it."""
        return f"gcp-route:{place}"

    def prepare(self, node: NodeId, deadline: Deadline) -> Iterable[str]:
        """See whether this instance takes packets for addresses of others; it is not made to."""
        from vipswitch.providers.gcp.instances import instance, switching_on

        try:
            id = self._gcp.instance(deadline)
            forwards = instance(id, self._gcp.clients, deadline).forwards
        except VipswitchError as wrong:
            return [f"IP forwarding: not looked at: {wrong.message}"]
        off = f"IP forwarding: is off: Google drops packets to the VIP; run {switching_on(id)}"
        return [] if forwards else [off]

    def calls(self, call: Call, places: Sequence[Place], node: NodeId) -> list[str]:
        """The requests of Compute Engine that `call` makes, by the ids of its methods."""
        match call:
            case "read":
                return [f"compute.routes.list {place.id} destRange={destination(place)}" for place in places]
            case "claim":
                return [f"compute.routes.insert {_leading(p, node)} priority=as read - 1" for p in places]
            case "release":
                return [f"compute.routes.delete {_leading(p, node)} name=as read" for p in places]
            case "prepare":
                return [f"compute.instances.get {node}"]
            case "tidy":
                return [f"compute.routes.delete {p.id} destRange={destination(p)} worse ones" for p in places]
        return []

    def grants(self, deadline: Deadline) -> Sequence[Grant]:
        """Moving routes in the networks' projects, and a look at networks and nodes."""
        self.discover(deadline)
        networks = [self._networks.network(id, deadline) for id in self._networks.ids]
        projects = list(dict.fromkeys(network.project for network in networks))
        own = self._gcp.project(deadline)
        return [*permissions.on_networks(projects), *permissions.on_nodes(own)]

    def check(self, deadline: Deadline) -> Iterable[Finding]:
        """Everything that a failover needs of Google Cloud, changing nothing, as far as one can look."""
        try:
            self.discover(deadline)
            networks = {id: self._networks.network(id, deadline) for id in self._networks.ids}
            routes, clients = self._gcp.api, self._gcp.clients
        except VipswitchError as wrong:
            return [Finding(Level.ERROR, "Google Cloud", wrong.message, wrong.hint)]
        from vipswitch.providers.gcp.route.preflight import Preflight

        return Preflight(
            routes,
            clients,
            networks=networks,
            addresses=self._addresses,
            node=self._gcp.instance,
            project=self._gcp.project,
        ).findings(deadline)


def _routes(clients: Clients) -> Routes:
    from vipswitch.providers.gcp.route.routes import Routes

    return Routes(clients)


def _refuse_of_others(place: Place, network: Resource, routes: Iterable[Route], family: str) -> None:
    for route in routes:
        if not slots.is_ours(route.name, route.priority, family):
            raise Refused(
                f"{place}: {route.name}, which vipswitch did not make, would have the packets",
                hint=f"gcloud compute routes delete {route.name} --project {network.project}",
            )


def _leading(place: Place, node: NodeId) -> str:
    return f"{place.id} destRange={destination(place)} nextHopInstance={node}"
