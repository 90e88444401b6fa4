"""How the places of a route VIP are read: what this machine has begun, and the routes that are there.

Rules: what has been begun is looked at first, because a list from before its end would hide what it did. One
request lists all routes to a VIP in one project, whatever their networks. What could not be read of one place
says nothing of the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from vipswitch.deadline import Deadline
from vipswitch.errors import Unavailable, VipswitchError
from vipswitch.model import Holding, NodeId, Place
from vipswitch.providers.gcp.footing import Footing
from vipswitch.providers.gcp.ids import Resource
from vipswitch.providers.gcp.route.holdings import Standing, holding, standing
from vipswitch.providers.gcp.route.places import Networks, destination, family_of
from vipswitch.providers.side_by_side import side_by_side

if TYPE_CHECKING:
    from vipswitch.providers.gcp.route.routes import Route, Routes


class Readings:
    """The places of one VIP, as this node reads them."""

    def __init__(self, networks: Networks, footing: Footing[Routes]) -> None:
        self._networks = networks
        self._gcp = footing

    def read(self, places: Sequence[Place], deadline: Deadline) -> Mapping[Place, Holding | VipswitchError]:
        """Who holds each place."""
        networks = {place: self._networks.network(place.id, deadline) for place in places}
        begun = side_by_side([partial(self.writing, p, networks[p], deadline) for p in places])
        projects = list(dict.fromkeys(network.project for network in networks.values()))
        read = side_by_side([partial(self._listed, each, places, deadline) for each in projects])
        listed = dict(zip(projects, read, strict=True))
        return {
            place: self._answer(place, networks[place], listed[networks[place].project], writing, deadline)
            for place, writing in zip(places, begun, strict=True)
        }

    def now(self, place: Place, deadline: Deadline) -> Holding:
        """Who holds one place. Raises what stood in the way; Unavailable while it is being written."""
        answer = self.read([place], deadline)[place]
        if isinstance(answer, VipswitchError):
            raise answer
        if answer.busy:
            raise Unavailable(f"{place}: {answer.note}", hint="try again shortly")
        return answer

    def standing(self, place: Place, network: Resource, deadline: Deadline) -> Standing:
        """The routes of one place, as they are listed now."""
        listed = self._gcp.api.read(network.project, [destination(place)], deadline)
        return _of_place(listed, place, network)

    def writing(self, place: Place, network: Resource, deadline: Deadline) -> bool | VipswitchError:
        """Whether this machine's last write to the place is still being carried out, or why it was not."""
        try:
            return self._gcp.api.writing(network.project, family_of(place, network), deadline)
        except VipswitchError as wrong:
            return wrong

    def _listed(
        self, project: str, places: Sequence[Place], deadline: Deadline
    ) -> list[Route] | VipswitchError:
        try:
            return self._gcp.api.read(project, dict.fromkeys(map(destination, places)), deadline)
        except VipswitchError as wrong:
            return wrong

    def _answer(
        self,
        place: Place,
        network: Resource,
        listed: list[Route] | VipswitchError,
        writing: bool | VipswitchError,
        deadline: Deadline,
    ) -> Holding | VipswitchError:
        if isinstance(writing, VipswitchError):
            return writing
        if isinstance(listed, VipswitchError):
            return listed
        found, project = _of_place(listed, place, network), self._gcp.project(deadline)
        mine, own = (
            self._mine(network, deadline) if any(route.address for route in found.best) else (None, ())
        )
        return holding(found, spell=lambda id: id.node(project), mine=mine, own=own, writing=writing)

    def _mine(self, network: Resource, deadline: Deadline) -> tuple[NodeId | None, tuple[str, ...]]:
        """This node and its addresses there, if they can be found out: only routes to addresses need them."""
        try:
            own = self._gcp.home.identity(deadline).addresses_in(network)
            return self._gcp.node(deadline), tuple(map(str, own))
        except VipswitchError:
            return None, ()


def _of_place(listed: Iterable[Route], place: Place, network: Resource) -> Standing:
    to = destination(place)
    there = [route for route in listed if route.network == network.name and route.to == to]
    return standing(there, family_of(place, network))
