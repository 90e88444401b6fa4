"""Providers of Azure that each break one rule, in a few lines, as real scripts and agents do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from vipswitch.deadline import Deadline
from vipswitch.errors import Conflict, Halfway, Unavailable, VipswitchError
from vipswitch.model import Holding, NodeId, Place
from vipswitch.provider import Capabilities
from vipswitch.providers.asked import Asked
from vipswitch.providers.azure.configurations import Nic
from vipswitch.providers.azure.footing import Footing
from vipswitch.providers.azure.ip_configuration.provider import AzureIpConfiguration
from vipswitch.providers.azure.nics import Nics
from vipswitch.providers.azure.public_ip.provider import AzurePublicIp
from vipswitch.providers.azure.route_table.provider import AzureRouteTable
from vipswitch.providers.azure.route_table.tables import RouteTables
from vipswitch.providers.handover.moving import holder


class BlindNics(Nics):
    """Writes whatever has become of an interface since it was read."""

    def write(self, nic: Nic, part: str, subject: str, deadline: Deadline) -> None:
        super().write(replace(nic, etag="*"), part, subject, deadline)


class WritesBlindly(AzureIpConfiguration):
    """Leaves out If-Match."""

    def __init__(self, settings: Any, vip: Any, machine: Any) -> None:
        super().__init__(settings, vip, machine)
        self._azure = Footing(settings, machine, connect=BlindNics)


class MovesPublicIpBlindly(AzurePublicIp):
    """Leaves out If-Match."""

    def __init__(self, settings: Any, vip: Any, machine: Any) -> None:
        super().__init__(settings, vip, machine)
        self._azure = Footing(settings, machine, connect=BlindNics)


class WritesItsOwnFirst(AzureIpConfiguration):
    """Gives the address to its own interface before the old one is free, and gives up when it is refused."""

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        what = self._moved(place, deadline)
        own = self._handover._recalled(place, seen).own
        self._azure.api.write(what.put_on(own), what.part, str(place), deadline)


class StopsHalfway(AzureIpConfiguration):
    """Takes the first of two writes for the whole."""

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        try:
            super().claim(place, node, seen, deadline)
        except Halfway:
            return


class FreesWhoeverHasIt(AzureIpConfiguration):
    """Looks again after a conflict, and takes the address off whoever has it by then."""

    def release(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        try:
            super().release(place, node, seen, deadline)
        except Conflict:
            what = self._moved(place, deadline)
            if (has := holder(what, self._readings.of_all(self.node(deadline), deadline))) is not None:
                self._azure.api.write(what.taken_off(has), what.part, str(place), deadline)


class WaitsForNobody(AzureIpConfiguration):
    """Has no takeover gap, so that the agent restores what is between two writes."""

    capabilities: ClassVar[Capabilities] = replace(AzureIpConfiguration.capabilities, takeover_gap_s=0.0)


class TakesLossForTrouble(AzureIpConfiguration):
    """Says "try again later" once it has written and another node is there."""

    wrote = False

    def read(self, places: Sequence[Place], deadline: Deadline) -> Mapping[Place, Holding | VipswitchError]:
        answers = super().read(places, deadline)
        holders = {answer.holder for answer in answers.values() if isinstance(answer, Holding)}
        if self.wrote and holders - {None, self._me}:
            return dict.fromkeys(places, Unavailable("held by another node for now"))
        return answers

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        self.wrote = True
        super().claim(place, node, seen, deadline)


class WaitsForTheOther(AzureIpConfiguration):
    """Takes what nobody holds for the middle of a takeover, which somebody else will finish."""

    wrote = False

    def read(self, places: Sequence[Place], deadline: Deadline) -> Mapping[Place, Holding | VipswitchError]:
        answers = super().read(places, deadline)
        return {p: self._not_mine_to_finish(answer) for p, answer in answers.items()}

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        self.wrote = True
        super().claim(place, node, seen, deadline)

    def _not_mine_to_finish(self, answer: Holding | VipswitchError) -> Holding | VipswitchError:
        vacant = isinstance(answer, Holding) and answer.holder is None
        return replace(answer, busy=True) if vacant and not self.wrote else answer  # type: ignore[type-var]


class DeletesItsRoute(AzureRouteTable):
    """Deletes the route at `down`, by its name and whoever it leads to."""

    def release(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        id = self._id(place.id, deadline)
        asked = Asked("Microsoft.Network/routeTables/routes/delete", place.id, deadline, str(id), writes=True)
        with self._azure.clients.network(asked) as network:
            network.routes.begin_delete(id.group, id.name, "vip", polling=False)


class BlindTables(RouteTables):
    """Writes whatever has become of a table since it was read."""

    def replace_route(self, *args: Any, etag: str, **kwargs: Any) -> None:
        super().replace_route(*args, etag="*", **kwargs)


class RoutesBlindly(AzureRouteTable):
    """Leaves out If-Match."""

    def __init__(self, settings: Any, vip: Any, machine: Any) -> None:
        super().__init__(settings, vip, machine)
        self._azure = Footing(settings, machine, connect=BlindTables)


class RestoresByForce(AzureRouteTable):
    """Restores as if it were an order."""

    def restore(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        self.claim(place, node, self._now(place, deadline), deadline)
