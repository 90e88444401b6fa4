"""Bad ways to move a name in a zone of Cloud DNS, each of which a contract test is to notice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from vipswitch.deadline import Deadline
from vipswitch.errors import OutcomeUnknown, VipswitchError
from vipswitch.model import Holding, NodeId, Place
from vipswitch.providers import record_sets
from vipswitch.providers.gcp.cloud_dns.provider import GcpCloudDns
from vipswitch.providers.record_sets import Batch, Found

Answers = Mapping[Place, Holding | VipswitchError]


class ReadsAgainFirst(GcpCloudDns):
    """As most scripts do: what is deleted is read right before, so that it is never old, whoever has come."""

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        super().claim(place, node, None, deadline)


class DeletesThenAdds(GcpCloudDns):
    """In two changes: whoever dies between them leaves a name that does not exist."""

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        batch = self._taking(node, seen or Holding(None))
        self._take(place, node, Batch(gone=batch.gone), deadline)
        self._take(place, node, Batch(new=batch.new), deadline)


class RestoresByClaiming(GcpCloudDns):
    """Compares only the addresses: the mark may be gone by now."""

    def restore(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        self.claim(place, node, seen, deadline)


class RestoresBlindly(GcpCloudDns):
    """Fills a name that was seen empty, and deletes whatever is there by now."""

    def restore(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        self.claim(place, node, None, deadline)


class MarksInPlaceOfTheRecord(GcpCloudDns):
    """A mark that overwrites: the address goes when its holder lets go."""

    def mark(self, place: Place, node: NodeId, generation: int, deadline: Deadline) -> None:
        zone, about = self._zone(place, deadline), self._settings
        found = self._found(zone, deadline)
        mark = record_sets.marking(found, node, about.name, ttl=about.ttl, generation=generation)
        self._change_text(place, Batch((*mark.gone, *found.records), mark.new), deadline)


class DeletesOnDown(GcpCloudDns):
    """Tidies up whatever record is there, by reading it right before."""

    def read(self, places: Sequence[Place], deadline: Deadline) -> Answers:
        mine = self.node(deadline)
        answers = super().read(places, deadline)
        return {p: replace(a, holder=mine) if isinstance(a, Holding) else a for p, a in answers.items()}

    def release(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        found = self._found(self._zone(place, deadline), deadline)
        self._change_text(place, Batch(gone=found.records), deadline)


class RepeatsALostWrite(GcpCloudDns):
    """Writes again when the answer was lost, without looking."""

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        try:
            super().claim(place, node, seen, deadline)
        except OutcomeUnknown:
            super().claim(place, node, None, deadline)


class FollowsNothing(GcpCloudDns):
    """Takes a change for done as soon as it was accepted."""

    def _take(self, place: Place, node: NodeId, batch: Batch, deadline: Deadline) -> None:
        self._gcp.api.change(self._zone(place, deadline), self._settings.name, batch, deadline)


class SortsTheValues(GcpCloudDns):
    """Describes what it deletes in an order of its own."""

    def _found(self, zone: object, deadline: Deadline) -> Found:
        found = super()._found(zone, deadline)  # type: ignore[arg-type]
        text = found.text and replace(found.text, values=tuple(sorted(found.text.values)))
        return replace(found, text=text)
