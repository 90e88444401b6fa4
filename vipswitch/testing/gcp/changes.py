"""Changes of record sets: all of one is done, or nothing.

Rules: deletions must be what is there, to the letter; they are looked at first: one whose set is absent is
not found (404), one that differs fails a precondition (412); an addition whose set is there, and is not
deleted by the same change, exists already (409). What is written is read at once; `pending` becomes `done`
when it was sent to the name servers. Ids are decimal, in a sequence of each zone, of which "0" made the zone.
Sources: Change and dns.changes.create in the discovery document of dns v1; the same rules are in
LocalDnsHelper of google-cloud-java; issue reports (texts).
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from ..documents import Json, copied
from . import zones
from .errors import GcpError
from .operations import Fate, Operation, Work
from .request import Call
from .store import Store

_MOST_TTL = 2**31 - 1


def create(store: Store, call: Call, fate: Fate | None, client: str, keep_old: int) -> Json:
    """Carries a change out, and begins to serve it. Raises GcpError, and nothing is done."""
    body, zone = call.json(), zones.path(call)
    dns_name = zones.of(store, call)["dnsName"]
    deletions = [_set(one, dns_name, f"deletions[{n}]") for n, one in enumerate(body.get("deletions") or ())]
    additions = [_set(one, dns_name, f"additions[{n}]") for n, one in enumerate(body.get("additions") or ())]
    if not deletions and not additions:
        raise GcpError(400, "required", "The 'entity.change' parameter is required but was missing.")
    _check_deletions(store, zone, deletions)
    _check_additions(store, zone, additions, deletions)
    _carry_out(store, zone, deletions, additions, keep_old)
    change: Json = {"kind": "dns#change", "startTime": zones.time(store)}
    change |= {"additions": additions} if additions else {}
    change |= {"deletions": deletions} if deletions else {}
    operation = begin(store, zone, client, fate, change)
    return shown(store, operation)


def get(store: Store, call: Call) -> Json:
    """One change, which counts as a look at it. Raises GcpError if there is none."""
    zones.of(store, call)
    found = store.operations.find(call.resource)
    if found is None:
        raise zones.missing(f"parameters.changeId' resource named '{call.names['changeId']}")
    store.operations.look(found)
    return shown(store, found)


def listed(store: Store, call: Call) -> Json:
    """The changes of a zone, the newest first."""
    zones.of(store, call)
    base = f"{zones.path(call)}/changes"
    found = [
        one for path in store.hidden if path.startswith(f"{base}/") and (one := store.operations.find(path))
    ]
    return {
        "kind": "dns#changesListResponse",
        "changes": [shown(store, one) for one in reversed(found)],
    }


def shown(store: Store, operation: Operation) -> Json:
    change = copied(store.hidden[operation.path])
    return {**change, "id": operation.name, "status": "pending" if operation.running else "done"}


def begin(store: Store, zone: str, client: str, fate: Fate | None, change: Json) -> Operation:
    """What serves the record sets as they now are, when it ends."""
    written = {path: copied(one) for path, one in store.below(f"{zone}/rrsets")}

    def serve() -> list[Json]:
        store.hidden[f"{zone}/served"] = written
        return []

    number = str(sum(1 for path in store.hidden if path.startswith(f"{zone}/changes/")))
    work = Work("change", zone, f"{zone}/rrsets", serve, collection="changes")
    operation = store.operations.begin(work, client, fate, None, name=number)
    store.hidden[operation.path] = change
    return operation


def _carry_out(store: Store, zone: str, deletions: list[Json], additions: list[Json], old: int) -> None:
    after = {_path(zone, one): None for one in deletions} | {_path(zone, one): one for one in additions}
    for path, one in after.items():
        store.keep_old(path, store.find(path), old)
        if one is None:
            store.remove(path)
        else:
            store.put(path, one)


def _check_deletions(store: Store, zone: str, deletions: list[Json]) -> None:
    for number, one in enumerate(deletions):
        present = store.find(_path(zone, one))
        at = f"entity.change.deletions[{number}]"
        if present is None:
            raise zones.missing(f"{at}' resource named '{one['name']} ({one['type']})")
        if not _same(store, one, present):
            raise GcpError(412, "conditionNotMet", f"Precondition not met for '{at}'")


def _check_additions(store: Store, zone: str, additions: list[Json], deletions: list[Json]) -> None:
    gone = [_path(zone, one) for one in deletions]
    for number, one in enumerate(additions):
        if store.find(_path(zone, one)) and _path(zone, one) not in gone:
            place = f"[{one['name']}][{one['type']}]" if store.rules.places_by_name else f"[{number}]"
            at = f"entity.change.additions{place}"
            text = f"The resource '{at}' named '{one['name']} ({one['type']})' already exists"
            raise GcpError(409, "alreadyExists", text)


def _same(store: Store, one: Json, present: Json) -> bool:
    data = (one["rrdatas"], present["rrdatas"])
    if store.rules.rrdatas_reversed:
        data = (data[0], list(reversed(data[1])))
    equal = data[0] == data[1] if store.rules.rrdatas_order_counts else sorted(data[0]) == sorted(data[1])
    return one["ttl"] == present["ttl"] and equal


def _path(zone: str, one: Json) -> str:
    return zones.set_path(zone, one["name"], one["type"])


def _set(body: Json, dns_name: str, at: str) -> Json:
    """A record set of a request, as it is kept. Raises GcpError for one that cannot be."""
    name, type_ = body.get("name", ""), body.get("type", "")
    ttl, data = int(body.get("ttl") or 0), list(body.get("rrdatas") or ())
    at = f"entity.change.{at}"
    if not (name == dns_name or name.endswith(f".{dns_name}")):
        raise _invalid(f"{at}.name", name)
    if not 0 <= ttl <= _MOST_TTL:
        raise _invalid(f"{at}.ttl", ttl)
    if not data:
        raise GcpError(400, "required", f"The '{at}.rrdatas' parameter is required but was missing.")
    for number, wrong in _wrong(type_, data):
        raise _invalid(f"{at}.rrdata[{number}]", wrong)
    return zones.record_set(name.lower(), type_, ttl, data)


def _wrong(type_: str, data: list[str]) -> Iterator[tuple[int, str]]:
    kinds = {"A": IPv4Address, "AAAA": IPv6Address}
    for number, one in enumerate(data):
        try:
            kinds[type_](one) if type_ in kinds else None
        except AddressValueError:
            yield number, one


def _invalid(at: str, value: object) -> GcpError:
    return GcpError(400, "invalid", f"Invalid value for '{at}': '{value}'")
