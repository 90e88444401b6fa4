"""DNS zones, public and private: what record sets need of them.

Rules: as record sets, zones have bare etags and flat errors; a public zone's id and type are written
`dnszones`, as the service answers. Both are made at once here; the real private zone takes an operation.
Source: recordings of test_dns_zone_update_if_match and test_PatchRecordSet_IfMatchFailure_ExpectError.
"""

from __future__ import annotations

from ..wire import Answer
from . import etags, ids
from .answers import Json, copied, json_answer
from .errors import ArmError
from .ids import Target
from .request import Call
from .store import Resource, Store

TYPES = frozenset((ids.DNS_ZONE, ids.PRIVATE_ZONE))

_PUBLIC: Json = {
    "maxNumberOfRecordSets": 10000,
    "maxNumberOfRecordsPerRecordSet": None,
    "nameServers": [f"ns{n}-01.azure-dns.{top}." for n, top in enumerate(("com", "net", "org", "info"), 1)],
    "zoneType": "Public",
}
_PRIVATE: Json = {
    "maxNumberOfRecordSets": 25000,
    "maxNumberOfVirtualNetworkLinks": 1000,
    "maxNumberOfVirtualNetworkLinksWithRegistration": 100,
    "numberOfVirtualNetworkLinks": 0,
    "numberOfVirtualNetworkLinksWithRegistration": 0,
    "provisioningState": "Succeeded",
}


def put(store: Store, call: Call, target: Target) -> Answer:
    """Makes a zone or replaces its tags. Raises ArmError."""
    body, present = call.json(), store.find(target.id)
    check(store, call, present, f"Zone {target.name}")
    zone = present or Resource(target, {}, "")
    public = target.type == ids.DNS_ZONE
    tags = {"tags": body.get("tags") or {}} if public or body.get("tags") else {}
    zone.body = {"location": body.get("location", "global"), **tags}
    zone.fixed = copied(_PUBLIC if public else _PRIVATE)
    zone.etag = store.guids.next()
    store.add(zone)
    return json_answer(200 if present else 201, show(store, zone), {"ETag": etag(store, zone)})


def show(store: Store, zone: Resource) -> Json:
    sets = [one for type_ in ("A", "AAAA") for one in store.listed(below(zone, type_))]
    number = len(sets) + (2 if zone.target.type == ids.DNS_ZONE else 1)
    return {
        **head(store, zone),
        **copied(zone.body),
        "properties": {**copied(zone.fixed), "numberOfRecordSets": number},
    }


def below(zone: Resource, type_: str) -> Target:
    """All record sets of a type in a zone."""
    target = zone.target
    return Target(target.subscription, target.group, f"{target.type}/{type_}", target.names)


def of(store: Store, target: Target) -> Resource:
    """The zone that a record set is in. Raises ArmError if there is none."""
    zone = Target(target.subscription, target.group, target.type.rpartition("/")[0], target.names[:1])
    found = store.find(zone.id)
    if found is None:
        text = (
            "Can not perform requested operation on nested resource. Parent resource"
            f" '{zone.name}' not found."
        )
        raise ArmError(404, "ParentResourceNotFound", text)
    return found


def check(store: Store, call: Call, present: Resource | None, what: str) -> None:
    """Raises ArmError if a zone or a record set is not to be written."""
    if present and etags.wanted_absent(call.headers):
        text = f"The {what} exists already and hence cannot be created again."
        raise ArmError(412, "PreconditionFailed", text, flat=True)
    sent = call.headers.get("if-match")
    if sent and not (present and etags.matches(sent, etag(store, present), exact=store.rules.exact_etags)):
        raise ArmError(412, "PreconditionFailed", f"The {what} has been modified (etag mismatch).", flat=True)


def head(store: Store, resource: Resource) -> Json:
    """What zones and record sets begin with."""
    written = resource.id.replace("/dnsZones/", "/dnszones/")
    type_ = resource.target.type.replace("/dnsZones", "/dnszones")
    return {"id": written, "name": resource.target.name, "type": type_, "etag": etag(store, resource)}


def etag(store: Store, resource: Resource) -> str:
    return f'"{resource.etag}"' if store.rules.quoted_dns_etags else resource.etag
