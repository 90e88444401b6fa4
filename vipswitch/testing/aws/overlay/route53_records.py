"""A record set of a change: what is needed to name it, compare it, and tell it from others.

Sources: Route 53 API Reference, ResourceRecordSet; the texts as quoted in github.com/boto/boto3/issues/2240,
chef-boneyard/route53/issues/100, kubernetes-sigs/external-dns/issues/4345 and
cert-manager/cert-manager/issues/5388.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from moto.route53.exceptions import InvalidActionValue, InvalidInput
from moto.route53.models import RecordSet
from moto.route53.utils import validate_domain_name

from .. import names

Key = tuple[str, str, str | None]

_ACTIONS = ("CREATE", "DELETE", "UPSERT")
_POLICIES = {
    "weight": "as a non-weighted set exists",
    "region": "as a non-latency set exists",
    "failover": "as a non-failover set exists",
    "geo_location": "as a non-geolocation set exists",
    "multi_value_answer": "because a non multivalue answer rrset exists",
}


def record_set(action: str, given: dict[str, Any]) -> Any:
    """What a change is about, as moto keeps it.

    Raises InvalidInput for a change that has too little or too much to be one.
    """
    if action not in _ACTIONS:
        raise InvalidActionValue(action)
    validate_domain_name(given["Name"], code="InvalidChangeBatch")
    identifier = given.get("SetIdentifier", "null")
    about = f"[Action={action}, Name={given['Name']}, Type={given['Type']}, SetIdentifier={identifier}]"
    basic = "TTL" in given and bool(given.get("ResourceRecords"))
    if basic == ("AliasTarget" in given):
        one = "[AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId]"
        found = f"{'more than one' if basic else 'none'} in Change with {about}"
        raise InvalidInput(f"Invalid request: Expected exactly one of {one}, but found {found}")
    values = [record["Value"] for record in given.get("ResourceRecords") or []]
    record = RecordSet({**given, "Name": names.canonical(given["Name"]), "ResourceRecords": values})
    if _policy(record) and not record.set_identifier:
        raise InvalidInput(f"Invalid request: Missing field 'SetIdentifier' in Change with {about}")
    return record


def other_policy(record: Any, same_type: Sequence[Any]) -> Iterator[str]:
    """Why the record set cannot be beside others of its name and type, if they are routed otherwise."""
    policy = _policy(record)
    refused = f"RRSet with DNS name {record.name}, type {record.type}"
    if all(_policy(other) == policy for other in same_type):
        return
    if policy is None:
        yield f"{refused} cannot be created as other RRSets exist with the same name and type."
    else:
        exists = f"{_POLICIES[policy]} with the same name and type."
        yield f"{refused}, SetIdentifier {record.set_identifier} cannot be created {exists}"


def _policy(record: Any) -> str | None:
    """How the record set is routed, None for a simple one."""
    return next((name for name in _POLICIES if getattr(record, name) is not None), None)


def key(record: Any) -> Key:
    """Of the sets with one key, a zone has one."""
    return record.name, record.type, record.set_identifier


def content(record: Any) -> tuple[object, ...]:
    """What DELETE has to match; the order of the values does not count."""
    alias = record.alias_target and {
        **record.alias_target,
        "DNSName": names.canonical(record.alias_target["DNSName"]),
    }
    policies = [getattr(record, name) for name in _POLICIES]
    ttl = None if record.ttl is None else int(record.ttl)
    return ttl, frozenset(record.records or ()), alias, record.health_check_id, *policies


def told(record: Any) -> str:
    """The record set as refusals name it."""
    identifier = f", set-identifier='{record.set_identifier}'" if record.set_identifier else ""
    return f"[name='{record.name}', type='{record.type}'{identifier}]"
