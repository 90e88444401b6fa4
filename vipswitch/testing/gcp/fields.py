"""What requests may have in their bodies.

Rules: the front end knows the fields of each message type and refuses all others, and values of another type;
this is a table of those types alone that the methods here take. The names are those of the discovery
documents, which a test compares. Text where a number is meant is taken, as JSON mappings of protocol buffers
take it (google-cloud-dns sends `ttl` so).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .answers import Json
from .errors import GcpError, unknown_field

STRING, INTEGER, BOOLEAN, ANY, MAP = "string", "integer", "boolean", "any", "map"

TYPES: Mapping[str, Mapping[str, str]] = {
    "Route": {
        "asPaths": ANY, "creationTimestamp": STRING, "description": STRING, "destRange": STRING,
        "id": STRING, "kind": STRING, "name": STRING, "network": STRING, "nextHopGateway": STRING,
        "nextHopHub": STRING, "nextHopIlb": STRING, "nextHopInstance": STRING,
        "nextHopInterRegionCost": INTEGER, "nextHopInterconnectAttachment": STRING, "nextHopIp": STRING,
        "nextHopMed": INTEGER, "nextHopNetwork": STRING, "nextHopOrigin": STRING, "nextHopPeering": STRING,
        "nextHopVpnTunnel": STRING, "params": ANY, "priority": INTEGER, "routeStatus": STRING,
        "routeType": STRING, "selfLink": STRING, "tags": "[string]", "warnings": ANY,
    },
    "NetworkInterface": {
        "accessConfigs": "[AccessConfig]", "aliasIpRanges": "[AliasIpRange]", "aliasIpv6Ranges": ANY,
        "enableVpcScopedDns": BOOLEAN, "fingerprint": STRING, "igmpQuery": STRING,
        "internalIpv6PrefixLength": INTEGER, "ipv6AccessConfigs": "[AccessConfig]", "ipv6AccessType": STRING,
        "ipv6Address": STRING, "kind": STRING, "name": STRING, "network": STRING, "networkAttachment": STRING,
        "networkIP": STRING, "nicType": STRING, "parentNicName": STRING, "queueCount": INTEGER,
        "serviceClassId": STRING, "stackType": STRING, "subnetwork": STRING, "vlan": INTEGER,
    },
    "AliasIpRange": {"ipCidrRange": STRING, "subnetworkRangeName": STRING},
    "AccessConfig": {
        "externalIpv6": STRING, "externalIpv6PrefixLength": INTEGER, "ipCollection": STRING, "kind": STRING,
        "name": STRING, "natIP": STRING, "networkTier": STRING, "publicPtrDomainName": STRING,
        "securityPolicy": STRING, "setPublicPtr": BOOLEAN, "type": STRING,
    },
    "InstancesSetLabelsRequest": {"labelFingerprint": STRING, "labels": MAP},
    "TestPermissionsRequest": {"permissions": "[string]"},
    "GoogleIamV1TestIamPermissionsRequest": {"permissions": "[string]"},
    "Change": {
        "additions": "[ResourceRecordSet]", "deletions": "[ResourceRecordSet]", "id": STRING,
        "isServing": BOOLEAN, "kind": STRING, "startTime": STRING, "status": STRING,
    },
    "ResourceRecordSet": {
        "kind": STRING, "name": STRING, "routingPolicy": ANY, "rrdatas": "[string]",
        "signatureRrdatas": "[string]", "ttl": INTEGER, "type": STRING,
    },
}  # fmt: skip


def check(body: Json, type_: str, at: str = "") -> None:
    """Raises GcpError for a field that the type has not, or a value that is no such."""
    known = TYPES[type_]
    for name, value in body.items():
        if name not in known:
            raise unknown_field(name, at)
        _check_value(value, known[name], f"{at}.{name}" if at else name)


def _check_value(value: Any, kind: str, at: str) -> None:
    if value is None or kind == ANY:
        return
    if kind.startswith("["):
        if not isinstance(value, list):
            raise _mismatch(at, kind, value)
        for number, one in enumerate(value):
            _check_value(one, kind.strip("[]"), f"{at}[{number}]")
    elif kind in TYPES:
        if not isinstance(value, dict):
            raise _mismatch(at, kind, value)
        check(value, kind, at)
    elif not _fits(value, kind):
        raise _mismatch(at, kind, value)


def _fits(value: Any, kind: str) -> bool:
    if kind == INTEGER:
        text = isinstance(value, str) and value.lstrip("-").isdigit()
        return text or (isinstance(value, int) and not isinstance(value, bool))
    return isinstance(value, {STRING: str, BOOLEAN: bool, MAP: dict}[kind])


def _mismatch(at: str, kind: str, value: Any) -> GcpError:
    text = f"Invalid value at '{at}' ({kind.upper()}), {value!r}"
    return GcpError(400, "invalid", text)
