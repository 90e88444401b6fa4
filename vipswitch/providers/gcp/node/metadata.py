"""The metadata service of Google Cloud: which instance this is, its interfaces, and a token for it.

Rules: asked with `Metadata-Flavor: Google`, without a proxy, and by its address: a failover does not depend
on DNS. `GCE_METADATA_HOST` has the meaning that google-auth gives it: where the service is. The service calls
projects by their numbers, except this instance's own.
Source: Compute Engine docs, "About VM metadata", "Predefined VM metadata keys".
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vipswitch.deadline import Deadline
from vipswitch.errors import ConfigError, PermissionDenied, Unavailable
from vipswitch.providers.gcp.ids import last
from vipswitch.providers.metadata import Conversation, good

_ROOT = "/computeMetadata/v1"
_INTERFACES = "instance/network-interfaces/?recursive=true"
_ACCOUNT = "instance/service-accounts/default"
_HEADERS = {"Metadata-Flavor": "Google"}
_HINT = (
    "set project, and node for this machine, in the config, or let it reach the metadata service at"
    " 169.254.169.254"
)
_TOKEN_HINT = "see to the metadata service at 169.254.169.254, or set credentials_file in [gcp]"
_NO_ACCOUNT_HINT = "give this instance a service account, or set credentials_file in [gcp]"


@dataclass(frozen=True, slots=True)
class Attached:
    """One network interface of this instance; `network` is `projects/NUMBER/networks/NAME`."""

    mac: str
    nic: str
    network: str
    private: tuple[str, ...]
    public: tuple[str, ...]
    ipv6: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """This instance, as far as it is used here; `number` is the other name of its project."""

    project: str
    number: str
    zone: str
    instance: str
    interfaces: tuple[Attached, ...]

    def interface(self, mac: str) -> Attached:
        """The network interface with that MAC; ConfigError if it is none of this instance's."""
        found = next((each for each in self.interfaces if each.mac == mac), None)
        if found is None:
            raise ConfigError(
                f"interface {mac}: no network interface of this instance",
                hint="see to the VIP's `interface`: it must be one that Compute Engine has attached",
            )
        return found


@dataclass(frozen=True, slots=True)
class Token:
    """What proves who asks, and until when, on the wall clock."""

    secret: str
    expires_at: float


def document(deadline: Deadline) -> Document:
    """Which instance this is. Raises Unavailable, ConfigError."""
    service = _conversation(deadline, _HINT)
    try:
        zone, interfaces = _get(service, "instance/zone"), json.loads(_get(service, _INTERFACES))
        return Document(
            project=_get(service, "project/project-id"),
            number=zone.split("/")[1],
            zone=last(zone),
            instance=_get(service, "instance/name"),
            interfaces=tuple(_interface(n, each) for n, each in enumerate(interfaces)),
        )
    except (ValueError, KeyError, TypeError, IndexError) as exc:
        raise Unavailable("metadata service: gave no description of this instance", hint=_HINT) from exc


def token(deadline: Deadline) -> Token:
    """A token of the instance's service account. PermissionDenied where it has none; Unavailable."""
    service = _conversation(deadline, _TOKEN_HINT)
    status, body = service.ask("GET", f"{_ROOT}/{_ACCOUNT}/token", _HEADERS)
    if status == 404:
        raise PermissionDenied(
            "Google Cloud credentials: this instance has no service account", hint=_NO_ACCOUNT_HINT
        )
    try:
        raw = json.loads(good(status, body, hint=_TOKEN_HINT))
        return Token(raw["access_token"], time.time() + float(raw["expires_in"]))
    except (ValueError, KeyError, TypeError) as exc:
        raise Unavailable("metadata service: gave no token", hint=_TOKEN_HINT) from exc


def account(deadline: Deadline) -> str:
    """The e-mail address of the instance's service account; empty where it has none. Raises Unavailable."""
    status, body = _conversation(deadline, _TOKEN_HINT).ask("GET", f"{_ROOT}/{_ACCOUNT}/email", _HEADERS)
    return "" if status == 404 else good(status, body, hint=_TOKEN_HINT).strip()


def _get(service: Conversation, path: str) -> str:
    return good(*service.ask("GET", f"{_ROOT}/{path}", _HEADERS), hint=_HINT).strip()


def _interface(number: int, raw: Mapping[str, Any]) -> Attached:
    public = [each.get("externalIp") for each in raw.get("accessConfigs", ())]
    return Attached(
        raw["mac"].lower(),
        f"nic{number}",
        raw["network"],
        private=(raw["ip"],),
        public=tuple(filter(None, public)),
        ipv6=tuple(raw.get("ipv6s", ())),
    )


def _conversation(deadline: Deadline, hint: str) -> Conversation:
    host = os.environ.get("GCE_METADATA_HOST") or "169.254.169.254"
    return Conversation(f"http://{host}", deadline, hint=hint)
