"""Route 53's REST calls as an action and flat parameters, and the record changes of a batch.

The action stands in method and path, the parameters in path, query and an XML body. Lists are numbered, and a
change has few and readable keys (`RecordChange.params`). Calls that vipswitch has no use for are not told.
Source: Route 53 API Reference, "Actions"; Route 53 Developer Guide, "Normalizing Route 53 condition key
values".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from ..wire import Request
from . import names

_ZONE = r"hostedzone/(?P<HostedZoneId>[^/]+)"
_TAGS = r"tags/(?P<ResourceType>[^/]+)"
_ACTIONS = {
    "ChangeResourceRecordSets": ("POST", rf"{_ZONE}/rrset"),
    "ListResourceRecordSets": ("GET", rf"{_ZONE}/rrset"),
    "GetChange": ("GET", r"change/(?P<Id>[^/]+)"),
    "CreateHostedZone": ("POST", r"hostedzone"),
    "GetHostedZone": ("GET", _ZONE),
    "DeleteHostedZone": ("DELETE", _ZONE),
    "UpdateHostedZoneComment": ("POST", _ZONE),
    "AssociateVPCWithHostedZone": ("POST", rf"{_ZONE}/associatevpc"),
    "DisassociateVPCFromHostedZone": ("POST", rf"{_ZONE}/disassociatevpc"),
    "ListHostedZones": ("GET", r"hostedzone"),
    "ListHostedZonesByName": ("GET", r"hostedzonesbyname"),
    "ListHostedZonesByVPC": ("GET", r"hostedzonesbyvpc"),
    "GetHostedZoneCount": ("GET", r"hostedzonecount"),
    "ListTagsForResource": ("GET", rf"{_TAGS}/(?P<ResourceId>[^/]+)"),
    "ChangeTagsForResource": ("POST", rf"{_TAGS}/(?P<ResourceId>[^/]+)"),
    "ListTagsForResources": ("POST", _TAGS),
}
_QUERY = {
    "name": "StartRecordName",
    "type": "StartRecordType",
    "identifier": "StartRecordIdentifier",
    "maxitems": "MaxItems",
    "marker": "Marker",
    "dnsname": "DNSName",
    "hostedzoneid": "HostedZoneId",
    "vpcid": "VPCId",
    "vpcregion": "VPCRegion",
}
_LISTS = ("AddTags", "RemoveTagKeys", "ResourceIds")


@dataclass(frozen=True, slots=True)
class RecordChange:
    """One change of a batch, with the name as it was sent; an alias has neither TTL nor values."""

    action: str
    name: str
    type: str
    ttl: int | None = None
    values: tuple[str, ...] = ()
    set_identifier: str | None = None

    @property
    def normalized_name(self) -> str:
        """The name as IAM compares it: lower case, escaped, without a dot at the end."""
        return names.canonical(self.name).removesuffix(".")

    def params(self, number: int) -> Iterator[tuple[str, str]]:
        """`Changes.1.Action`, `.Name`, `.Type`, `.TTL`, `.Values` and `.SetIdentifier`, where given."""
        given = {
            "Action": self.action,
            "Name": self.name,
            "Type": self.type,
            "TTL": None if self.ttl is None else str(self.ttl),
            "Values": ", ".join(self.values) or None,
            "SetIdentifier": self.set_identifier,
        }
        yield from ((f"Changes.{number}.{key}", text) for key, text in given.items() if text is not None)


@dataclass(frozen=True, slots=True)
class ApiCall:
    """What a request asks; protocol.ApiRequest says of which service, and who asked."""

    action: str
    params: Mapping[str, str]
    changes: tuple[RecordChange, ...] = ()


def parse(request: Request) -> ApiCall | None:
    """The call in a request, or None for one that is not told."""
    for action, (method, path) in _ACTIONS.items():
        found = re.fullmatch(rf"/[\d-]+/{path}/?", unquote(request.path))
        if found and request.method == method:
            query = dict(parse_qsl(request.query, keep_blank_values=True))
            named = {_QUERY.get(key, key): text for key, text in query.items()}
            return _with_body(action, {**found.groupdict(), **named}, _document(request.body))
    return None


def _with_body(action: str, params: dict[str, str], body: Element | None) -> ApiCall:
    if body is None:
        return ApiCall(action, params)
    if action != "ChangeResourceRecordSets":
        return ApiCall(action, params | dict(_leaves(body)))
    changes = tuple(map(_change, body.findall("{*}ChangeBatch/{*}Changes/{*}Change")))
    told = (pair for number, change in enumerate(changes, start=1) for pair in change.params(number))
    comment = body.findtext("{*}ChangeBatch/{*}Comment")
    return ApiCall(action, params | ({"Comment": comment} if comment else {}) | dict(told), changes)


def _change(element: Element) -> RecordChange:
    records = element.findall("{*}ResourceRecordSet/{*}ResourceRecords/{*}ResourceRecord/{*}Value")
    ttl = element.findtext("{*}ResourceRecordSet/{*}TTL", "")
    return RecordChange(
        action=element.findtext("{*}Action", ""),
        name=element.findtext("{*}ResourceRecordSet/{*}Name", ""),
        type=element.findtext("{*}ResourceRecordSet/{*}Type", ""),
        ttl=int(ttl) if ttl.isdigit() else None,
        values=tuple(record.text or "" for record in records),
        set_identifier=element.findtext("{*}ResourceRecordSet/{*}SetIdentifier"),
    )


def _leaves(element: Element, prefix: str = "") -> Iterator[tuple[str, str]]:
    """`VPC.VPCId`, `AddTags.1.Key` and so on, without the name of the document."""
    for number, child in enumerate(element, start=1):
        name = str(number) if _tag(element) in _LISTS else _tag(child)
        if len(child):
            yield from _leaves(child, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", child.text or ""


def _tag(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _document(body: bytes) -> Element | None:
    try:
        return ElementTree.fromstring(body) if body else None
    except ElementTree.ParseError:
        return None
