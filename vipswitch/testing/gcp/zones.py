"""Managed zones and their record sets, as they are read.

Rules: names end with a dot and are lower case; a set is known by its name and type; data are text as in a
zone file; a signed zone's signatures are not told here (`signatureRrdatas` is empty). A new zone has its NS
and SOA. What is served follows what is written when the change is done. Sources: ManagedZone and
ResourceRecordSet in the discovery document of dns v1; "Records overview", Cloud DNS.
"""

from __future__ import annotations

from datetime import UTC, datetime

from . import errors
from .answers import Json
from .errors import GcpError
from .request import Call
from .store import Store

_SERVERS = [f"ns-cloud-a{number}.googledomains.com." for number in (1, 2, 3, 4)]
_SOA = "ns-cloud-a1.googledomains.com. cloud-dns-hostmaster.google.com. 1 21600 3600 259200 300"


def zone(store: Store, path: str, dns_name: str, *, private: bool) -> Json:
    """A zone, as it is when it is made."""
    return {
        "kind": "dns#managedZone",
        "name": path.rpartition("/")[2],
        "dnsName": dns_name,
        "description": "",
        "id": store.id(path),
        "nameServers": [] if private else list(_SERVERS),
        "creationTime": time(store),
        "visibility": "private" if private else "public",
    }


def first_sets(dns_name: str) -> list[Json]:
    """What every zone has."""
    return [
        record_set(dns_name, "NS", 21600, list(_SERVERS)),
        record_set(dns_name, "SOA", 21600, [_SOA]),
    ]


def record_set(name: str, type_: str, ttl: int, data: list[str]) -> Json:
    return {
        "kind": "dns#resourceRecordSet",
        "name": name,
        "type": type_,
        "ttl": ttl,
        "rrdatas": data,
        "signatureRrdatas": [],
    }


def path(call: Call) -> str:
    return f"projects/{call.names['project']}/managedZones/{call.names['managedZone']}"


def of(store: Store, call: Call) -> Json:
    """The zone that a call is about. Raises GcpError if there is none."""
    found = store.find(path(call))
    if found is None:
        raise missing(f"parameters.managedZone' resource named '{call.names['managedZone']}")
    return found


def missing(what: str) -> GcpError:
    return errors.GcpError(404, "notFound", f"The '{what}' does not exist.")


def listed(store: Store, call: Call) -> Json:
    """The zones of a project, all or that of a name."""
    base, wanted = f"projects/{call.names['project']}/managedZones", call.query.get("dnsName")
    every = [one for _, one in store.read_below(base)]
    found = [one for one in every if wanted in (None, one["dnsName"])]
    return {"kind": "dns#managedZonesListResponse", "managedZones": found}


def sets(store: Store, call: Call) -> Json:
    """The record sets of a zone, all or those of a name, and of that of a type. Raises GcpError."""
    of(store, call)
    name, type_ = call.query.get("name"), call.query.get("type")
    if type_ and not name:
        text = "The 'parameters.type' parameter requires 'parameters.name'."
        raise GcpError(400, "invalid", text)
    every = [one for _, one in store.read_below(f"{path(call)}/rrsets", 2)]
    found = [one for one in every if name in (None, one["name"]) and type_ in (None, one["type"])]
    return {"kind": "dns#resourceRecordSetsListResponse", "rrsets": [_shown(store, one) for one in found]}


def one_set(store: Store, call: Call) -> Json:
    """One record set. Raises GcpError if there is none."""
    of(store, call)
    name, type_ = call.names["name"], call.names["type"]
    found = store.read(set_path(path(call), name, type_))
    if found is None:
        raise missing(f"parameters.name' resource named '{name} ({type_})")
    return _shown(store, found)


def set_path(zone_path: str, name: str, type_: str) -> str:
    return f"{zone_path}/rrsets/{name}/{type_}"


def _shown(store: Store, one: Json) -> Json:
    data = list(reversed(one["rrdatas"])) if store.rules.rrdatas_reversed else list(one["rrdatas"])
    return {**one, "rrdatas": data}


def time(store: Store) -> str:
    """As Cloud DNS writes it: UTC."""
    at = datetime.fromtimestamp(store.wall(), UTC).isoformat(timespec="milliseconds")
    return at.replace("+00:00", "Z")
