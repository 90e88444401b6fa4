"""ChangeResourceRecordSets: the whole batch or nothing, each change against the records as they then are.

moto deletes whatever was set once, lets CREATE pass over another value, and takes a stale DELETE with a
CREATE as success, so that compare-and-set never fails. Route 53 looks at the changes in their order, each
seeing what those before it left, and refuses the batch with one text for each change that it cannot make.
Sources: Route 53 API Reference, ChangeResourceRecordSets; Route 53 Developer Guide, "Protecting records from
changes" (how a refusal by a protection reads is not documented: that text is a guess); the other texts as
quoted in github.com: hashicorp/terraform/issues/{9732,18509}, RJPearson94/terraform-aws-open-next/issues/24,
kubernetes-sigs/external-dns/issues/{732,4241,4345,5939}, chef-boneyard/route53/issues/100,
cert-manager/cert-manager/issues/5388, barnybug/cli53/issues/317, boto/boto3/issues/2240,
capitalone/Particle-Cloud-Framework/issues/113, meltwater/terraform-aws-asg-dns-handler/issues/38.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from moto.route53.exceptions import Route53ClientError
from moto.route53.models import Route53Backend

from .. import names
from . import route53_values
from .correction import Correction
from .route53_records import Key, content, key, other_policy, record_set, told


def corrections() -> Iterator[Correction]:
    yield Correction(Route53Backend, "change_resource_record_sets", _change_resource_record_sets)


def protections(zone: Any) -> dict[tuple[str, str], str]:
    """The protections of a zone: names and types that may not be changed, with their comments."""
    found: dict[tuple[str, str], str] = vars(zone).setdefault("vipswitch_protections", {})
    return found


def _change_resource_record_sets(original: Callable[..., Any]) -> Callable[..., Any]:
    def change_resource_record_sets(backend: Any, zoneid: str, change_list: list[dict[str, Any]]) -> None:
        zone = backend.get_hosted_zone(zoneid)
        changes = [(change["Action"], change["ResourceRecordSet"]) for change in change_list]
        records = [record_set(action, given) for action, given in changes]
        batch = _Batch(zone)
        for (action, _), record in zip(changes, records, strict=True):
            batch.change(action, record)
        batch.refuse_or_keep()

    return change_resource_record_sets


class _Batch:
    """The record sets of a zone as the changes so far leave them, and what was wrong with changes."""

    def __init__(self, zone: Any) -> None:
        self._zone = zone
        self._records: dict[Key, Any] = {key(record): record for record in zone.rrsets}
        self._made: set[tuple[str, Key]] = set()
        self._refusals: list[str] = []

    def change(self, action: str, record: Any) -> None:
        """Makes one change, also one that is refused: its consequences are not refused again."""
        self._refusals += self._refused(action, record)
        self._made.add((action, key(record)))
        if action == "DELETE":
            self._records.pop(key(record), None)
        else:
            self._records[key(record)] = record

    def refuse_or_keep(self) -> None:
        """The changes become the zone's. Raises Route53ClientError, and none does, if one is refused."""
        refusals = self._refusals or list(self._missing())
        if refusals:
            raise Route53ClientError("InvalidChangeBatch", f"[{', '.join(refusals)}]")
        self._zone.rrsets = list(self._records.values())

    def _refused(self, action: str, record: Any) -> Iterator[str]:
        """Why this change cannot be made; the first kind of reason that there is."""
        for reasons in (self._outside, self._protected, self._twice, self._action(action)):
            if refusals := list(reasons(action, record)):
                yield from refusals
                return

    def _action(self, action: str) -> Callable[[str, Any], Iterator[str]]:
        return {"DELETE": self._undeletable, "CREATE": self._taken, "UPSERT": self._conflicting}[action]

    def _outside(self, _: str, record: Any) -> Iterator[str]:
        if not names.inside(record.name, self._zone.name):
            yield f"RRSet with DNS name {record.name} is not permitted in zone {self._zone.name}"

    def _protected(self, _: str, record: Any) -> Iterator[str]:
        comment = protections(self._zone).get((record.name, record.type))
        if comment is not None:
            text = f"The resource record set {told(record)} is protected from changes"
            yield f"{text}: {comment}" if comment else text

    def _twice(self, action: str, record: Any) -> Iterator[str]:
        if (action, key(record)) in self._made:
            yield (
                "The request contains an invalid set of changes for a resource record set "
                f"'{record.type} {record.name}'"
            )

    def _undeletable(self, _: str, record: Any) -> Iterator[str]:
        current = self._records.get(key(record))
        tried = f"Tried to delete resource record set {told(record)}"
        if current is None:
            yield f"{tried} but it was not found"
        elif content(current) != content(record):
            yield f"{tried} but the values provided do not match the current values"

    def _taken(self, action: str, record: Any) -> Iterator[str]:
        if key(record) in self._records:
            yield f"Tried to create resource record set {told(record)} but it already exists"
        else:
            yield from self._conflicting(action, record)

    def _conflicting(self, _: str, record: Any) -> Iterator[str]:
        yield from route53_values.refusals(record.type, record.records)
        others = [other for other in self._records.values() if other.name == record.name]
        types = {other.type for other in others}
        if record.type == "CNAME":
            yield from self._no_cname(record, types)
        elif "CNAME" in types:
            yield (
                f"RRSet of type {record.type} with DNS name {record.name} is not permitted because a "
                "conflicting RRSet of type CNAME with the same DNS name already exists in zone "
                f"{self._zone.name}"
            )
        yield from other_policy(record, [other for other in others if other.type == record.type])

    def _no_cname(self, record: Any, types: set[str]) -> Iterator[str]:
        zone = self._zone.name
        refused = f"RRSet of type CNAME with DNS name {record.name} is not permitted"
        if record.name == zone:
            yield f"{refused} at apex in zone {zone}"
        elif types - {"CNAME"}:
            yield f"{refused} as it conflicts with other records with the same DNS name in zone {zone}"

    def _missing(self) -> Iterator[str]:
        if (self._zone.name, "NS", None) not in self._records:
            yield "A HostedZone must contain at least one NS record for the zone itself."
        if (self._zone.name, "SOA", None) not in self._records:
            yield "A HostedZone must contain exactly one SOA record."
