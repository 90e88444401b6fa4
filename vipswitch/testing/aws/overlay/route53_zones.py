"""Hosted zones: the two record sets that one is born with, and the two lists in the order of names.

moto shows the text of a Python dict as the SOA's value, its name servers without their dots, names as they
were sent; it cannot page through sets that differ in their identifier only, and finds zones of exactly the
given name. Route 53 escapes names, and lists from the given name on, whether or not there is such a one.
Sources: Route 53 API Reference, ListResourceRecordSets, ListHostedZonesByName; Route 53 Developer Guide, "NS
and SOA records that Amazon Route 53 creates for a public hosted zone".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from moto.core.responses import ActionResult
from moto.route53.exceptions import InvalidInput
from moto.route53.models import RecordSet, Route53Backend
from moto.route53.responses import Route53

from .. import names
from .correction import Correction

_PAGE = 300
_START = ("StartRecordName", "StartRecordType", "StartRecordIdentifier")


def corrections() -> Iterator[Correction]:
    yield Correction(Route53Backend, "create_hosted_zone", _create_hosted_zone)
    yield Correction(Route53, "list_resource_record_sets", _list_resource_record_sets)
    yield Correction(Route53, "list_hosted_zones_by_name", _list_hosted_zones_by_name)


def _create_hosted_zone(original: Callable[..., Any]) -> Callable[..., Any]:
    def create_hosted_zone(backend: Any, name: str, *args: Any, **given: Any) -> Any:
        zone = original(backend, names.canonical(name), *args, **given)
        servers = [f"{server.removesuffix('.')}." for server in zone.delegation_set.name_servers]
        soa = f"{servers[0]} awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400"
        zone.rrsets = [_apex(zone, "NS", 172800, servers), _apex(zone, "SOA", 900, [soa])]
        return zone

    return create_hosted_zone


def _apex(zone: Any, type_: str, ttl: int, values: list[str]) -> Any:
    return RecordSet({"Name": zone.name, "Type": type_, "TTL": ttl, "ResourceRecords": values})


def _list_resource_record_sets(_: Callable[..., Any]) -> Callable[..., Any]:
    def list_resource_record_sets(response: Any) -> Any:
        zone = response.backend.get_hosted_zone(response._get_param("HostedZoneId"))
        size = min(response._get_int_param("MaxItems", _PAGE), _PAGE)
        begin = _begin(
            *(response._get_param(f"StartRecord{part}") for part in ("Name", "Type", "Identifier"))
        )
        found = [record for record in sorted(zone.rrsets, key=_position) if _position(record) >= begin]
        return ActionResult(_page(found[:size], found[size:], size))

    return list_resource_record_sets


def _begin(name: str | None, type_: str | None, identifier: str | None) -> tuple[str, str, str]:
    if type_ and not name:
        raise InvalidInput("The input is not valid")
    return (names.sort_key(name) if name else "", type_ or "", identifier or "")


def _position(record: Any) -> tuple[str, str, str]:
    return names.sort_key(record.name), record.type, record.set_identifier or ""


def _page(shown: list[Any], left: list[Any], size: int) -> dict[str, Any]:
    page = {"ResourceRecordSets": shown, "IsTruncated": bool(left), "MaxItems": size}
    if left:
        page |= {"NextRecordName": left[0].name, "NextRecordType": left[0].type}
        page |= {"NextRecordIdentifier": left[0].set_identifier} if left[0].set_identifier else {}
    return page


def _list_hosted_zones_by_name(_: Callable[..., Any]) -> Callable[..., Any]:
    def list_hosted_zones_by_name(response: Any) -> Any:
        name, id_ = response._get_param("DNSName"), response._get_param("HostedZoneId")
        size = response._get_int_param("MaxItems", 100)
        begin = (names.sort_key(name) if name else "", id_ or "")
        places = {(names.sort_key(z.name), z.resource_id): z for z in response.backend.zones.values()}
        found = [zone for place, zone in sorted(places.items()) if place >= begin]
        page = {"HostedZones": found[:size], "IsTruncated": len(found) > size, "MaxItems": size}
        page |= {"DNSName": name} if name else {}
        if left := found[size:]:
            page |= {"NextDNSName": left[0].name, "NextHostedZoneId": left[0].resource_id}
        return ActionResult(page)

    return list_hosted_zones_by_name
