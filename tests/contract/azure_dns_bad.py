"""Bad ways to move a name in a zone of Azure DNS, each of which a contract test is to notice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from vipswitch.deadline import Deadline
from vipswitch.errors import OutcomeUnknown, VipswitchError
from vipswitch.model import Holding, NodeId, Place
from vipswitch.providers.asked import Asked
from vipswitch.providers.azure.dns.provider import ZoneRecords

Answers = Mapping[Place, Holding | VipswitchError]


class PutsBlindly(ZoneRecords):
    """As most scripts do: whatever stands there is replaced, also by a write that was decided on old news."""

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        records = [{"ipv4Address": node}]
        _ask(self, "PUT", place, deadline, {"properties": {"TTL": 10, "ARecords": records}})


class CreatesBlindly(PutsBlindly):
    """Fills a name that was seen empty, and does not ask whether it still is."""

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        if seen is not None and seen.holder is None:
            super().claim(place, node, seen, deadline)
        else:
            ZoneRecords.claim(self, place, node, seen, deadline)


class MarksByDeleting(ZoneRecords):
    """Lets go by taking the record away; resolvers then keep that there is no such name."""

    def mark(self, place: Place, node: NodeId, generation: int, deadline: Deadline) -> None:
        _ask(self, "DELETE", place, deadline)


class DeletesOnDown(ZoneRecords):
    """Tidies up whatever record is there, by reading it right before."""

    def read(self, places: Sequence[Place], deadline: Deadline) -> Answers:
        mine = self.node(deadline)
        answers = super().read(places, deadline)
        return {p: replace(a, holder=mine) if isinstance(a, Holding) else a for p, a in answers.items()}

    def release(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        _ask(self, "DELETE", place, deadline)


class RepeatsALostWrite(ZoneRecords):
    """Writes again when the answer was lost, without looking."""

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        try:
            super().claim(place, node, seen, deadline)
        except OutcomeUnknown:
            super().claim(place, node, None, deadline)


def _ask(
    provider: ZoneRecords,
    method: str,
    place: Place,
    deadline: Deadline,
    body: dict[str, object] | None = None,
) -> None:
    """A plain request for a record set, bound to nothing that was read."""
    clients = provider._azure.clients
    with clients.arm(Asked(method, str(place), deadline, writes=True)) as arm:
        url = f"{clients.endpoint}{provider._record(place, deadline)}?api-version=2018-05-01"
        arm.ask(method, url, body)
