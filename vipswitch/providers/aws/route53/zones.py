"""Route 53's hosted zones: what is asked of them, and what they answer, in our types.

Source: Route 53 API Reference, ListResourceRecordSets, ChangeResourceRecordSets, GetChange, GetHostedZone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, cast

from vipswitch.deadline import Deadline
from vipswitch.providers.asked import Asked
from vipswitch.providers.aws.api.client import Clients
from vipswitch.providers.aws.route53.dns import same, up_to
from vipswitch.providers.aws.route53.records import Change
from vipswitch.providers.aws.route53.settings import ZoneId
from vipswitch.providers.dns_names import text_of
from vipswitch.providers.record_sets import Found, RecordSet, subject

if TYPE_CHECKING:
    from mypy_boto3_route53.type_defs import ChangeTypeDef, ResourceRecordSetOutputTypeDef

_PAGE = 10
"""More record sets than one name usually has, and less than a large answer."""


@dataclass(frozen=True, slots=True)
class HostedZone:
    """A zone: its domain, and the VPCs that see it if it is a private one."""

    id: ZoneId
    domain: str
    private: bool
    vpcs: tuple[str, ...] = ()


class HostedZones:
    """The hosted zones of an account. Every method raises our errors only."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def record_sets(self, zone: ZoneId, name: str, deadline: Deadline) -> Found:
        """All record sets of one name, and the text beside it.

        The listing only begins at the name: where there is no such record it shows the next one, and where
        there are more than a page up to the text they are all asked for.
        """
        asked = Asked("route53:ListResourceRecordSets", subject(name, zone), deadline, f"hostedzone/{zone}")
        with self._clients.route53(asked) as route53:
            pages = route53.get_paginator("list_resource_record_sets").paginate(
                HostedZoneId=zone,
                StartRecordName=name,  # type: ignore[call-arg]  # the stubs know only StartingToken
                PaginationConfig={"PageSize": _PAGE},
            )
            listed = (raw for page in pages for raw in page["ResourceRecordSets"])
            return _found(takewhile(lambda raw: up_to(raw["Name"], text_of(name)), listed), name)

    def change(
        self, zone: ZoneId, name: str, changes: Sequence[Change], deadline: Deadline, *, comment: str
    ) -> str:
        """Make all changes or none, in one request; the id to ask for what became of them.

        Conflict if a record set is not as the changes have it.
        """
        asked = Asked(
            "route53:ChangeResourceRecordSets",
            subject(name, zone),
            deadline,
            f"hostedzone/{zone}",
            writes=True,
        )
        with self._clients.route53(asked) as route53:
            answer = route53.change_resource_record_sets(
                HostedZoneId=zone,
                ChangeBatch={"Comment": comment, "Changes": [_asked_for(c) for c in changes]},
            )
            return answer["ChangeInfo"]["Id"].rpartition("/")[2]

    def in_sync(self, change: str, deadline: Deadline) -> bool:
        """Whether all name servers know of a change."""
        asked = Asked("route53:GetChange", f"change {change}", deadline, f"change/{change}")
        with self._clients.route53(asked) as route53:
            return route53.get_change(Id=change)["ChangeInfo"]["Status"] == "INSYNC"

    def describe(self, zone: ZoneId, deadline: Deadline) -> HostedZone:
        """One zone; ConfigError if there is none with this id."""
        asked = Asked("route53:GetHostedZone", f"hosted zone {zone}", deadline, f"hostedzone/{zone}")
        with self._clients.route53(asked) as route53:
            found = route53.get_hosted_zone(Id=zone)
        about = found["HostedZone"]
        vpcs = tuple(vpc.get("VPCId", "") for vpc in found.get("VPCs", []))
        private = about.get("Config", {}).get("PrivateZone", False)
        return HostedZone(zone, about["Name"].removesuffix("."), private, vpcs)

    def caller(self, deadline: Deadline) -> str:
        """Who the requests are made as."""
        with self._clients.sts(Asked("sts:GetCallerIdentity", "AWS credentials", deadline)) as sts:
            return sts.get_caller_identity()["Arn"]


def _found(listed: Iterable[ResourceRecordSetOutputTypeDef], name: str) -> Found:
    """Between a name and its text there may be other names below it."""
    own: list[RecordSet] = []
    texts: list[RecordSet] = []
    for raw in listed:
        if same(raw["Name"], name):
            own.append(_record_set(raw, name))
        elif raw["Type"] == "TXT" and same(raw["Name"], text_of(name)):
            texts.append(_record_set(raw, text_of(name)))
    return Found(tuple(own), next(iter(texts), None))


def _record_set(raw: ResourceRecordSetOutputTypeDef, name: str) -> RecordSet:
    values = tuple(record["Value"] for record in raw.get("ResourceRecords", []))
    return RecordSet(name, raw["Type"], raw.get("TTL", 0), values, _nature(cast(Mapping[str, object], raw)))


def _nature(raw: Mapping[str, object]) -> str:
    if "AliasTarget" in raw:
        return "is an alias of another AWS resource"
    routed = next((told for key, told in _ROUTING.items() if key in raw), None)
    if routed or "SetIdentifier" in raw:
        return f"is one of several with {routed or 'a'} routing policy ({raw.get('SetIdentifier')})"
    if "TrafficPolicyInstanceId" in raw:
        return "is made by a traffic policy"
    return "has a health check" if "HealthCheckId" in raw else ""


_ROUTING = {
    "Weight": "a weighted",
    "Region": "a latency",
    "Failover": "a failover",
    "GeoLocation": "a geolocation",
    "GeoProximityLocation": "a geoproximity",
    "MultiValueAnswer": "a multivalue answer",
    "CidrRoutingConfig": "an IP-based",
}


def _asked_for(change: Change) -> ChangeTypeDef:
    record = change.record
    raw = {
        "Action": change.action,
        "ResourceRecordSet": {
            "Name": record.name,
            "Type": record.type,
            "TTL": record.ttl,
            "ResourceRecords": [{"Value": value} for value in record.values],
        },
    }
    return cast("ChangeTypeDef", raw)
