"""Clients of the local Azure: the official SDKs unchanged, and plain requests."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from azure.core.credentials import AccessToken
from azure.mgmt.dns import DnsManagementClient
from azure.mgmt.network import NetworkManagementClient
from azure.mgmt.privatedns import PrivateDnsManagementClient

from vipswitch.testing.azure import AzureCloud
from vipswitch.testing.azure.inprocess import InProcessTransport
from vipswitch.testing.wire import Answer, Request

VERSION = "api-version=2024-05-01"


@dataclass(frozen=True, slots=True)
class Credential:
    """A bearer token that does not end."""

    token: str = "bearer"

    def get_token(self, *_: str, **__: Any) -> AccessToken:
        return AccessToken(self.token, int(time.time()) + 3600)


def network(cloud: AzureCloud, token: str = "bearer", **options: Any) -> NetworkManagementClient:
    """A client that never retries, and does not wait between two looks at an operation."""
    return NetworkManagementClient(Credential(token), cloud.subscription, **_options(cloud, options))


def dns(cloud: AzureCloud, **options: Any) -> DnsManagementClient:
    return DnsManagementClient(Credential(), cloud.subscription, **_options(cloud, options))


def private_dns(cloud: AzureCloud, **options: Any) -> PrivateDnsManagementClient:
    return PrivateDnsManagementClient(Credential(), cloud.subscription, **_options(cloud, options))


def _options(cloud: AzureCloud, options: dict[str, Any]) -> dict[str, Any]:
    """In this process, unless an address is given."""
    inside = {} if "base_url" in options else {"transport": InProcessTransport(cloud)}
    return {"retry_total": 0, "polling_interval": 0, **inside, **options}


@dataclass(frozen=True, slots=True)
class Plain:
    """Requests without any SDK."""

    cloud: AzureCloud
    token: str | None = "bearer"

    def __call__(
        self, method: str, path: str, body: object = None, *, query: str = VERSION, **headers: str
    ) -> Answer:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token is not None:
            sent["authorization"] = f"Bearer {self.token}"
        data = b"" if body is None else json.dumps(body).encode()
        return self.cloud.handle(Request(method, f"{path}?{query}", sent, data, "127.0.0.1"))

    def json(self, path: str) -> dict[str, Any]:
        answer = self("GET", path)
        assert answer.status == 200, answer
        found: dict[str, Any] = json.loads(answer.body)
        return found


Edit = Callable[[dict[str, Any]], None]


def code(answer: Answer) -> str:
    """The error code of an answer; of a retryable one, the detail's."""
    body = json.loads(answer.body)
    error = body.get("error", body)
    details = error.get("details") or []
    return str(details[0]["code"] if details else error["code"])
