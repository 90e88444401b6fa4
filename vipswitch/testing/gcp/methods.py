"""The methods that this cloud has, in the words of the discovery documents.

Rules: a method is found by its verb and path; it takes the query parameters that are named here and those
that all methods have, and refuses all others; `permissions` are those on the resource that is named in the
path (further ones follow from the body, see `roles`). Sources: the discovery documents of compute v1 and dns
v1; "IAM permissions" of each method in the API reference.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_UPLOAD = ("uploadType", "upload_protocol")
_PLAIN = ("alt", "callback", "fields", "key", "prettyPrint", "quotaUser", "userIp")
COMMON = frozenset(("$.xgafv", "access_token", "oauth_token", *_PLAIN, *_UPLOAD))
_LIST = ("filter", "maxResults", "orderBy", "pageToken")
_AGGREGATED = (*_LIST, "includeAllScopes", "serviceProjectNumber")


@dataclass(frozen=True, slots=True)
class Method:
    """One method; `takes` is the type of its body."""

    id: str
    verb: str
    path: str
    permissions: tuple[str, ...]
    query: tuple[str, ...] = ()
    takes: str | None = None
    pattern: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        parts = re.split(r"\{(\w+)\}", self.path)
        made = "".join(f"(?P<{p}>[^/]+?)" if n % 2 else re.escape(p) for n, p in enumerate(parts))
        object.__setattr__(self, "pattern", re.compile(f"/{made}"))

    @property
    def mutating(self) -> bool:
        """Whether it changes something; looking is also done with POST."""
        return self.verb != "GET" and not self.id.endswith((".wait", ".testIamPermissions"))


def _compute(
    name: str, verb: str, path: str, *permissions: str, query: tuple[str, ...] = (), takes: str | None = None
) -> Method:
    needed = tuple(f"compute.{one}" for one in permissions)
    return Method(f"compute.{name}", verb, f"compute/v1/projects/{path}", needed, query, takes)


def _dns(
    name: str, verb: str, path: str, *permissions: str, query: tuple[str, ...] = (), takes: str | None = None
) -> Method:
    needed = tuple(f"dns.{one}" for one in permissions)
    return Method(f"dns.{name}", verb, f"dns/v1/projects/{path}", needed, query, takes)


def _reads(
    kind: str, scope: str, one: str, *, aggregated: bool = False, more: tuple[str, ...] = ()
) -> list[Method]:
    """get, list, and the list over all scopes; `more` are further parameters of one and of all."""
    path = f"{{project}}/{scope}/{kind}" if scope else f"{{project}}/{kind}"
    get = _compute(f"{kind}.get", "GET", f"{path}/{{{one}}}", f"{kind}.get", query=more)
    some = _compute(f"{kind}.list", "GET", path, f"{kind}.list", query=(*_LIST, *more))
    query, listed = (*_AGGREGATED, *more), f"{{project}}/aggregated/{kind}"
    every = _compute(f"{kind}.aggregatedList", "GET", listed, f"{kind}.list", query=query)
    return [get, some, every] if aggregated else [get, some]


def _tests(kind: str, scope: str) -> Method:
    path = f"{{project}}/{scope}/{kind}/{{resource}}/testIamPermissions"
    return _compute(f"{kind}.testIamPermissions", "POST", path, takes="TestPermissionsRequest")


def _operations(kind: str, scope: str) -> list[Method]:
    path = f"{{project}}/{scope}/operations/{{operation}}"
    return [
        _compute(f"{kind}.get", "GET", path, f"{kind}.get"),
        _compute(f"{kind}.wait", "POST", f"{path}/wait", f"{kind}.get"),
    ]


_ZONE, _REGION = "zones/{zone}", "regions/{region}"
_INSTANCE = f"{{project}}/{_ZONE}/instances/{{instance}}"
_NIC = ("networkInterface", "requestId")
_DNS_ZONE = "{project}/managedZones/{managedZone}"
_DNS_LIST = ("maxResults", "pageToken")
_CLIENT = ("clientOperationId",)

ALL: tuple[Method, ...] = (
    _compute("projects.get", "GET", "{project}", "projects.get"),
    *_reads("zones", "", "zone"),
    *_reads("networks", "global", "network"),
    *_reads("subnetworks", _REGION, "subnetwork", aggregated=True, more=("views",)),
    *_reads("addresses", _REGION, "address", aggregated=True),
    *_reads("instances", _ZONE, "instance", aggregated=True),
    *_reads("routes", "global", "route"),
    _compute(
        "routes.insert", "POST", "{project}/global/routes", "routes.create", query=("requestId",),
        takes="Route",
    ),
    _compute(
        "routes.delete", "DELETE", "{project}/global/routes/{route}", "routes.delete", query=("requestId",)
    ),
    _compute(
        "instances.updateNetworkInterface", "PATCH", f"{_INSTANCE}/updateNetworkInterface",
        "instances.updateNetworkInterface", query=_NIC, takes="NetworkInterface",
    ),
    _compute(
        "instances.addAccessConfig", "POST", f"{_INSTANCE}/addAccessConfig", "instances.addAccessConfig",
        query=_NIC, takes="AccessConfig",
    ),
    _compute(
        "instances.deleteAccessConfig", "POST", f"{_INSTANCE}/deleteAccessConfig",
        "instances.deleteAccessConfig", query=(*_NIC, "accessConfig"),
    ),
    _compute(
        "instances.setLabels", "POST", f"{_INSTANCE}/setLabels", "instances.setLabels", query=("requestId",),
        takes="InstancesSetLabelsRequest",
    ),
    _tests("instances", _ZONE),
    _tests("subnetworks", _REGION),
    _tests("addresses", _REGION),
    _tests("routes", "global"),
    *_operations("zoneOperations", _ZONE),
    *_operations("regionOperations", _REGION),
    *_operations("globalOperations", "global"),
    _dns("managedZones.get", "GET", _DNS_ZONE, "managedZones.get", query=_CLIENT),
    _dns(
        "managedZones.list", "GET", "{project}/managedZones", "managedZones.list",
        query=(*_DNS_LIST, "dnsName"),
    ),
    _dns(
        "managedZones.testIamPermissions", "POST", f"{_DNS_ZONE}:testIamPermissions",
        takes="GoogleIamV1TestIamPermissionsRequest",
    ),
    _dns(
        "resourceRecordSets.list", "GET", f"{_DNS_ZONE}/rrsets", "resourceRecordSets.list",
        query=(*_DNS_LIST, "name", "type", "filter"),
    ),
    _dns(
        "resourceRecordSets.get", "GET", f"{_DNS_ZONE}/rrsets/{{name}}/{{type}}", "resourceRecordSets.get",
        query=_CLIENT,
    ),
    _dns(
        "changes.create", "POST", f"{_DNS_ZONE}/changes", "changes.create", query=_CLIENT, takes="Change"
    ),
    _dns("changes.get", "GET", f"{_DNS_ZONE}/changes/{{changeId}}", "changes.get", query=_CLIENT),
    _dns(
        "changes.list", "GET", f"{_DNS_ZONE}/changes", "changes.list",
        query=(*_DNS_LIST, "sortBy", "sortOrder"),
    ),
)  # fmt: skip

BY_ID: Mapping[str, Method] = {method.id: method for method in ALL}


def find(verb: str, path: str) -> tuple[Method, dict[str, str]] | None:
    """The method that a request means, and the names in its path."""
    for method in ALL:
        if method.verb == verb and (match := method.pattern.fullmatch(path)):
            return method, match.groupdict()
    return None
