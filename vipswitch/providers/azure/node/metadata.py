"""The instance metadata service of Azure: which virtual machine this is, its addresses, and a token for it.

Rules: asked with `Metadata: true`, without a proxy. `AZURE_POD_IDENTITY_AUTHORITY_HOST` has the meaning that
azure-identity gives it: where the service is.
Source: Azure docs, "Azure Instance Metadata Service for virtual machines"; "How to use managed identities
for Azure resources on an Azure VM to acquire an access token"; "Retrieve load balancer information by using
Azure Instance Metadata Service".
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from vipswitch.deadline import Deadline
from vipswitch.errors import ConfigError, PermissionDenied, Unavailable
from vipswitch.providers.metadata import Conversation, good

_INSTANCE = "/metadata/instance?api-version=2021-02-01&format=json"
_BALANCER = "/metadata/loadbalancer?api-version=2020-10-01&format=json"
_TOKEN = "/metadata/identity/oauth2/token"
_HEADERS = {"Metadata": "true"}
_HINT = (
    "set subscription, resource_group and node for this machine in the config, or let it reach the metadata"
    " service at 169.254.169.254"
)
_TOKEN_HINT = "see to the metadata service at 169.254.169.254, or configure a service principal in [azure]"


@dataclass(frozen=True, slots=True)
class Attached:
    """One network interface of this machine, and its addresses; the first private one is its primary."""

    mac: str
    private: tuple[str, ...]
    public: tuple[str, ...]
    ipv6: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """This machine, as far as it is used here."""

    subscription: str
    group: str
    location: str
    machine: str
    interfaces: tuple[Attached, ...]

    def interface(self, mac: str) -> Attached:
        """The network interface with that MAC; ConfigError if it is none of this machine's."""
        found = next((each for each in self.interfaces if each.mac == mac), None)
        if found is None:
            raise ConfigError(
                f"interface {mac}: no network interface of this virtual machine",
                hint="see to the VIP's `interface`: it must be one that Azure has attached",
            )
        return found


@dataclass(frozen=True, slots=True)
class Token:
    """What proves who asks, and until when, on the wall clock."""

    secret: str
    expires_at: float


def document(deadline: Deadline) -> Document:
    """Which machine this is. Raises Unavailable, ConfigError."""
    body = good(*_conversation(deadline, _HINT).ask("GET", _INSTANCE, _HEADERS), hint=_HINT)
    try:
        return _document(json.loads(body))
    except (ValueError, KeyError, TypeError) as exc:
        raise Unavailable("metadata service: gave no description of this machine", hint=_HINT) from exc


def frontends(deadline: Deadline) -> dict[str, str]:
    """The public addresses that the document of this machine leaves empty, by the private ones they map to.

    Those are the ones of the Standard SKU. Raises Unavailable.
    """
    status, body = _conversation(deadline, _HINT).ask("GET", _BALANCER, _HEADERS)
    if status == 404:
        return {}
    try:
        found = json.loads(good(status, body, hint=_HINT))["loadbalancer"]["publicIpAddresses"]
        return {each["privateIpAddress"]: each["frontendIpAddress"] for each in found}
    except (ValueError, KeyError, TypeError) as exc:
        raise Unavailable("metadata service: gave no public addresses", hint=_HINT) from exc


def token(audience: str, client_id: str | None, deadline: Deadline) -> Token:
    """A token of the machine's identity, or of the one with that client id.

    Raises PermissionDenied where the machine has no such identity, Unavailable.
    """
    query = {"api-version": "2018-02-01", "resource": audience}
    if client_id:
        query["client_id"] = client_id
    status, body = _conversation(deadline, _TOKEN_HINT).ask("GET", f"{_TOKEN}?{urlencode(query)}", _HEADERS)
    if status == 400:
        raise _refused(body, client_id)
    try:
        raw = json.loads(good(status, body, hint=_TOKEN_HINT))
        until = float(raw.get("expires_on") or time.time() + float(raw["expires_in"]))
        return Token(raw["access_token"], until)
    except (ValueError, KeyError, TypeError) as exc:
        raise Unavailable("metadata service: gave no token", hint=_TOKEN_HINT) from exc


def _refused(body: str, client_id: str | None) -> PermissionDenied:
    try:
        said = str(json.loads(body)["error_description"])
    except (ValueError, KeyError, TypeError):
        said = "this machine has no such identity"
    return PermissionDenied(
        f"Azure credentials: {said.rstrip('.')}",
        hint=f"assign the identity {client_id} to this machine, or correct client_id"
        if client_id
        else "give this machine a managed identity; where it has several, say which by client_id in [azure]",
    )


def _document(raw: Mapping[str, Any]) -> Document:
    compute = raw["compute"]
    return Document(
        subscription=compute["subscriptionId"],
        group=compute["resourceGroupName"],
        location=compute["location"],
        machine=compute["resourceId"],
        interfaces=tuple(_interface(each) for each in raw["network"]["interface"]),
    )


def _interface(raw: Mapping[str, Any]) -> Attached:
    digits = raw["macAddress"].lower()
    mac = ":".join(digits[i : i + 2] for i in range(0, len(digits), 2))
    return Attached(
        mac,
        private=tuple(_addresses(raw, "ipv4", "privateIpAddress")),
        public=tuple(_addresses(raw, "ipv4", "publicIpAddress")),
        ipv6=tuple(_addresses(raw, "ipv6", "privateIpAddress")),
    )


def _addresses(raw: Mapping[str, Any], family: str, key: str) -> Iterator[str]:
    for each in raw.get(family, {}).get("ipAddress", []):
        if each.get(key):
            yield str(each[key])


def _conversation(deadline: Deadline, hint: str) -> Conversation:
    url = os.environ.get("AZURE_POD_IDENTITY_AUTHORITY_HOST") or "http://169.254.169.254"
    return Conversation(url, deadline, hint=hint)
