"""Record sets of public and private DNS zones: A, AAAA and CNAME.

Rules: all is done at once, without operations; etags are bare guids, in the body and as a header; errors are
flat, but for a zone that is missing. A set may be empty; auto-registered private ones cannot be written; a
CNAME suffers nothing else at its name. Public and private zones differ in the spelling of keys and in what
the service adds, and in nothing else. Texts of the refusals beside a CNAME: public issue reports.
Source: recordings of test_dns_if_none_match, test_PatchRecordSet_IfMatchFailure_ExpectError and
test_PutRecordSet_IfNoneMatchFailure_ExpectError.
"""

from __future__ import annotations

from ipaddress import AddressValueError, IPv4Address, IPv6Address

from ..wire import Answer
from . import ids, zones
from .answers import Json, copied, json_answer
from .errors import ArmError
from .ids import Target
from .request import Call
from .store import Resource, Store

_LONGEST_TTL = 2**31 - 1
_KEYS = {
    f"{ids.DNS_ZONE}/A": ("TTL", "ARecords", "ipv4Address"),
    f"{ids.DNS_ZONE}/AAAA": ("TTL", "AAAARecords", "ipv6Address"),
    f"{ids.PRIVATE_ZONE}/A": ("ttl", "aRecords", "ipv4Address"),
    f"{ids.PRIVATE_ZONE}/AAAA": ("ttl", "aaaaRecords", "ipv6Address"),
}
_CNAMES = {
    f"{ids.DNS_ZONE}/CNAME": ("TTL", "CNAMERecord", "cname"),
    f"{ids.PRIVATE_ZONE}/CNAME": ("ttl", "cnameRecord", "cname"),
}
_ALL = {**_KEYS, **_CNAMES}
_READ_ONLY = ("fqdn", "provisioningState", "isAutoRegistered")
RECORD_SETS = frozenset(_ALL)


def get(store: Store, target: Target, found: Resource | None) -> Answer:
    """One record set. Raises ArmError if there is none."""
    zones.of(store, target)
    if found is None:
        text = (
            f"The resource record '{target.name}' does not exist in resource group '{target.group}' of"
            f" subscription '{target.subscription}'."
        )
        raise ArmError(404, "NotFound", text, flat=True)
    return _answer(store, 200, found)


def put(store: Store, call: Call, target: Target) -> Answer:
    """Makes a record set or replaces it, PATCH only the properties that are given. Raises ArmError."""
    zone, present = zones.of(store, target), store.find(target.id)
    _check(store, call, present, target)
    _check_beside(store, target)
    before = present.body["properties"] if present and call.method == "PATCH" else {}
    properties = _properties(target, before, call.json().get("properties") or {})
    record = present or Resource(target, {}, "")
    record.body = {"properties": properties}
    record.fixed = {"fqdn": _fqdn(target, zone), **_added(target, properties)}
    record.etag, record.effective = store.guids.next(), copied(record.body)
    store.add(record)
    return _answer(store, 200 if present else 201, record)


def delete(store: Store, call: Call, target: Target) -> Answer:
    """Takes a record set away; one that is absent is no mistake. Raises ArmError."""
    zones.of(store, target)
    present = store.find(target.id)
    if present is None and not call.headers.get("if-match"):
        return json_answer(204)
    _check(store, call, present, target)
    if present:
        store.remove(present)
    return json_answer(200)


def listed(store: Store, target: Target) -> Answer:
    """The record sets of a zone and type. Raises ArmError."""
    zones.of(store, target)
    return json_answer(200, {"value": [show(store, one) for one in store.listed(target)]})


def show(store: Store, record: Resource) -> Json:
    properties = {**copied(record.body["properties"]), **copied(record.fixed)}
    return {**zones.head(store, record), "properties": properties}


def _answer(store: Store, status: int, record: Resource) -> Answer:
    return json_answer(status, show(store, record), {"ETag": zones.etag(store, record)})


def _check(store: Store, call: Call, present: Resource | None, target: Target) -> None:
    """Raises ArmError if the set is not to be written."""
    if present and present.fixed.get("isAutoRegistered"):
        raise _bad(f"The Record set {target.name} is auto registered and cannot be changed.")
    zones.check(store, call, present, f"Record set {target.name}")


def _check_beside(store: Store, target: Target) -> None:
    """Raises ArmError for a CNAME and anything else at one name."""
    own = target.type in _CNAMES
    zone = target.type.rpartition("/")[0]
    for type_ in (each for each in _ALL if each.rpartition("/")[0] == zone):
        other = Target(target.subscription, target.group, type_, target.names)
        if own != (type_ in _CNAMES) and store.find(other.id):
            what = ("The CNAME record", "another record") if own else ("The record", "a CNAME record")
            text = f"{what[0]} could not be created because {what[1]} with the same name already exists"
            raise ArmError(409, "Conflict", f"{text} in this zone.", flat=True)


def _properties(target: Target, before: Json, asked: Json) -> Json:
    """What is kept of a request, over what was there. Raises ArmError for what cannot be."""
    ttl_key, records_key, address_key = _ALL[target.type]
    given = {_spelling(target, name): value for name, value in asked.items() if name not in _READ_ONLY}
    properties = {**before, **given}
    _check_ttl(properties.get(ttl_key))
    if target.type in _CNAMES:
        return properties
    properties[records_key] = properties.get(records_key) or []
    for record in properties[records_key]:
        _check_address(address_key, record.get(address_key))
    return properties


def _spelling(target: Target, name: str) -> str:
    """Keys are taken in either service's spelling."""
    return next((key for key in _ALL[target.type][:2] if ids.same(key, name)), name)


def _check_ttl(ttl: object) -> None:
    if not isinstance(ttl, int) or not 0 < ttl <= _LONGEST_TTL:
        raise _bad(f"The TTL of the record set must be between 1 and {_LONGEST_TTL} seconds.")


def _check_address(key: str, text: object) -> None:
    parse = IPv4Address if key == "ipv4Address" else IPv6Address
    try:
        parse(str(text))
    except AddressValueError:
        raise _bad(f"The value '{text}' for the record is not valid.") from None


def _bad(text: str) -> ArmError:
    return ArmError(400, "BadRequest", text, flat=True)


def _added(target: Target, properties: Json) -> Json:
    """What the service says of a set besides what was asked."""
    if target.type.startswith(ids.PRIVATE_ZONE):
        return {"isAutoRegistered": False}
    return {"targetResource": properties.get("targetResource") or {}, "provisioningState": "Succeeded"}


def _fqdn(target: Target, zone: Resource) -> str:
    return f"{zone.target.name}." if target.name == "@" else f"{target.name}.{zone.target.name}."
