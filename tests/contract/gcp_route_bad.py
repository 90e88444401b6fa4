"""Providers of Google Cloud routes with one mistake each, as scripts around `gcloud compute` make them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vipswitch.deadline import Deadline
from vipswitch.errors import Conflict, OutcomeUnknown, VipswitchError
from vipswitch.model import Holding, NodeId, Place
from vipswitch.providers.gcp.route import slots
from vipswitch.providers.gcp.route.holdings import parsed
from vipswitch.providers.gcp.route.places import destination, family_of
from vipswitch.providers.gcp.route.provider import GcpRoute

FIXED = 1000


class Scripted(GcpRoute):
    """What the bad ones make their mistakes with."""

    def put(self, place: Place, node: NodeId, name: str, priority: int, deadline: Deadline) -> None:
        """A route of any name and priority."""
        network = self._networks.network(place.id, deadline)
        holder, family = self._gcp.instance_of(node, deadline), family_of(place, network)
        self._gcp.api.insert(
            network,
            name,
            destination(place),
            priority,
            hop=holder,
            holder=holder,
            of=family,
            deadline=deadline,
        )

    def drop(self, place: Place, name: str, deadline: Deadline) -> None:
        """The route of that name goes, and this waits until it is gone."""
        network = self._networks.network(place.id, deadline)
        family = family_of(place, network)
        self._gcp.api.delete(network.project, name, of=family, deadline=deadline)
        while self._gcp.api.writing(network.project, family, deadline):
            pass

    def family(self, place: Place, deadline: Deadline) -> str:
        """What its names begin with."""
        return family_of(place, self._networks.network(place.id, deadline))


class DeletesThenInserts(Scripted):
    """Frees the name before it is used again: whoever dies in between leaves nobody."""

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        for name in parsed(seen.token).names if seen and seen.holder else ():
            self.drop(place, name, deadline)
        self.put(place, node, slots.name_of(self.family(place, deadline), FIXED), FIXED, deadline)


class ReleasesByAFixedName(DeletesThenInserts):
    """There is one name for the route, so `down` knows it without a look."""

    def release(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        self.drop(place, slots.name_of(self.family(place, deadline), FIXED), deadline)


class TakesAnyBetterSlot(GcpRoute):
    """Is better than what was seen by a random number, so that no two want one name."""

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        seen = seen or self._readings.now(place, deadline)
        best = parsed(seen.token).priority if seen.holder else slots.WORST
        self._insert(place, node, self._chance.randrange(best), deadline)


class NamesRoutesByTheirNode(Scripted):
    """Each node has one name, and uses it again."""

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        seen = seen or self._readings.now(place, deadline)
        best = parsed(seen.token).priority if seen.holder else slots.WORST
        name = f"{self.family(place, deadline)}-{node.rpartition('/')[2]}"
        self.put(place, node, name, best - 1, deadline)


class ReleasesOverOldOnes(GcpRoute):
    """Deletes its own route, whatever comes into effect by that."""

    def release(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        network = self._networks.network(place.id, deadline)
        for name in parsed(seen.token).names:
            self._gcp.api.delete(network.project, name, of=family_of(place, network), deadline=deadline)


class RestoresLikeAnOrder(GcpRoute):
    """Has one range of priorities for everything."""

    def restore(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        self._fill(place, node, slots.ORDERED, deadline)


class RestoresByABetterRoute(GcpRoute):
    """Takes the place from whoever has come since."""

    def restore(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        self.claim(place, node, None, deadline)


class TidiesEverythingElse(GcpRoute):
    """Deletes all other routes to the address, whoever made them."""

    def tidy(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        network = self._networks.network(place.id, deadline)
        found = self._readings.standing(place, network, deadline)
        for route in (*found.left, *found.foreign):
            self._gcp.api.discard(network.project, route.name, deadline)

    def release(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        self.tidy(place, node, seen, deadline)
        super().release(place, node, seen, deadline)


class ForgetsWhatItHasBegun(GcpRoute):
    """Believes the list of routes, in which one that is being deleted looks like any other."""

    def read(self, places: Sequence[Place], deadline: Deadline) -> Mapping[Place, Holding | VipswitchError]:
        for place in places:
            network = self._networks.network(place.id, deadline)
            family = family_of(place, network)
            self._gcp.clients.operations.forget(f"projects/{network.project}/global/routes/{family}")
        return super().read(places, deadline)


class RepeatsALostWrite(GcpRoute):
    """Writes again when the answer was lost, as a client with its default retries does."""

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        try:
            super().claim(place, node, seen, deadline)
        except OutcomeUnknown:
            super().claim(place, node, None, deadline)


class TakesAConflictForDone(GcpRoute):
    """Takes a name that is there for its own."""

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        try:
            super().claim(place, node, seen, deadline)
        except Conflict:
            return
