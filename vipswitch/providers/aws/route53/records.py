"""The batches that make a VIP's name in Route 53 name another holder.

Rules: as for all record sets that change in batches, and one more: beside the name people may be told who
holds it, by a text in whose place a mark stands. What they are told is no condition of anything.
Source: Route 53 API Reference, ResourceRecordSet and ChangeResourceRecordSets.
"""

from __future__ import annotations

from dataclasses import dataclass

from vipswitch.model import Holding, NodeId
from vipswitch.providers import record_sets
from vipswitch.providers.record_sets import Batch, Found, RecordSet


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a batch: CREATE, DELETE or UPSERT."""

    action: str
    record: RecordSet


def changes(
    node: NodeId, name: str, *, ttl: int, seen: Holding | None, told: bool, restoring: bool = False
) -> tuple[Change, ...]:
    """The batch that makes a node the holder in place of what was seen, or of anything without `seen`.

    It fails as a whole unless all that it deletes and creates is still as it was seen; when `restoring` a
    released name, its mark too. If people are `told`, that follows whatever that decides. Empty when all is
    as it should be.
    """
    if seen is None:
        batch, made = Batch(), [Change("UPSERT", record) for record in record_sets.named(node, name, ttl)]
    else:
        batch = record_sets.taking(node, name, ttl=ttl, seen=seen, restoring=restoring)
        made = [*_of(batch)]
    over_a_mark = any(record.type == "TXT" for record in batch.gone)
    text = Change("CREATE" if over_a_mark else "UPSERT", _told(node, name, ttl))
    return (*made, *([text] if told else []))


def marking(found: Found, node: NodeId, name: str, *, ttl: int, generation: object) -> tuple[Change, ...]:
    """The batch that puts the mark of a node in the place of the text that was found."""
    return _of(record_sets.marking(found, node, name, ttl=ttl, generation=generation))


def unmarking(found: Found, node: NodeId, name: str, *, ttl: int, told: bool) -> tuple[Change, ...]:
    """The batch that takes away a mark that names the node; empty where there is none."""
    return _of(record_sets.unmarking(found, node, _told(node, name, ttl) if told else None))


def _of(batch: Batch) -> tuple[Change, ...]:
    gone = [Change("DELETE", record) for record in batch.gone]
    return (*gone, *(Change("CREATE", record) for record in batch.new))


def _told(node: NodeId, name: str, ttl: int) -> RecordSet:
    return record_sets.text(name, ttl, f"held by {node}")
