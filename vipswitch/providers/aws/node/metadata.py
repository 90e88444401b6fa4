"""The instance metadata service, version 2 only: which instance this is, and its network interfaces.

Rules: never through a proxy; never version 1; two failures end the conversation, so that a service that
is not there costs less than two seconds. `AWS_EC2_METADATA_SERVICE_ENDPOINT`, its `_MODE` and
`AWS_EC2_METADATA_DISABLED` have the meaning that boto3 gives them.
Source: EC2 User Guide, "Use the Instance Metadata Service to access instance metadata".
"""

from __future__ import annotations

import http.client
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from vipswitch.deadline import Deadline
from vipswitch.errors import ConfigError, Unavailable
from vipswitch.model import NodeId

_ATTEMPTS = 2
_TIMEOUT_S = 0.8
_TOKEN_LIFE_S = 60
_MACS = "/latest/meta-data/network/interfaces/macs"
_HINT = (
    'set node = "eni-..." (DNS: its addresses) for this node in the config, or let it reach the metadata'
    " service (IMDSv2 switched on, hop limit 2 inside a container)"
)


@dataclass(frozen=True, slots=True)
class Document:
    """The instance identity document, as far as it is used here."""

    region: str
    account: str
    instance: str
    instance_type: str


@dataclass(frozen=True, slots=True)
class Attached:
    """One network interface of this instance, and its addresses; the first private one is its primary."""

    id: NodeId
    vpc: str
    subnet: str
    private: tuple[str, ...]
    public: tuple[str, ...]
    ipv6: tuple[str, ...]


class Metadata:
    """One conversation with the service. Raises Unavailable; ConfigError where asking again is no use."""

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline
        self._failures = 0
        self._token = ""
        self._address = _endpoint()

    def document(self) -> Document:
        """Which instance this is."""
        body = self._get("/latest/dynamic/instance-identity/document")
        try:
            raw = json.loads(body)
            return Document(
                region=raw["region"],
                account=raw["accountId"],
                instance=raw["instanceId"],
                instance_type=raw.get("instanceType", ""),
            )
        except (ValueError, KeyError, TypeError) as exc:
            raise Unavailable("metadata service: gave no identity document", hint=_HINT) from exc

    def interface(self, mac: str) -> Attached:
        """The network interface with that MAC; ConfigError if it is none of this instance's."""
        if (id := self._get(f"{_MACS}/{mac}/interface-id", absent="")) == "":
            raise ConfigError(
                f"interface {mac}: no network interface of this instance",
                hint="see to the VIP's `interface`: it must be an ENI",
            )
        return Attached(
            NodeId(id),
            vpc=self._get(f"{_MACS}/{mac}/vpc-id"),
            subnet=self._get(f"{_MACS}/{mac}/subnet-id"),
            private=self.private(mac),
            public=tuple(self._get(f"{_MACS}/{mac}/public-ipv4s", absent="").split()),
            ipv6=tuple(self._get(f"{_MACS}/{mac}/ipv6s", absent="").split()),
        )

    def private(self, mac: str) -> tuple[str, ...]:
        """The IPv4 addresses that the network delivers to the interface with that MAC, primary first."""
        return tuple(self._get(f"{_MACS}/{mac}/local-ipv4s").split())

    def _get(self, path: str, *, absent: str | None = None) -> str:
        """The document there; `absent`, if given, where there is none."""
        self._token = self._token or self._new_token()
        status, body = self._ask("GET", path, {"X-aws-ec2-metadata-token": self._token})
        if status == 404 and absent is not None:
            return absent
        return _good(status, body).strip()

    def _new_token(self) -> str:
        ttl = {"X-aws-ec2-metadata-token-ttl-seconds": str(_TOKEN_LIFE_S)}
        status, body = self._ask("PUT", "/latest/api/token", ttl)
        if status == 403:
            raise ConfigError("metadata service: switched off for this instance", hint=_HINT)
        return _good(status, body)

    def _ask(self, method: str, path: str, headers: Mapping[str, str]) -> tuple[int, str]:
        while True:
            try:
                return self._once(method, path, headers)
            except (OSError, http.client.HTTPException) as exc:
                self._failures += 1
                if self._failures >= _ATTEMPTS or self._deadline.passed():
                    raise Unavailable("metadata service: unreachable", hint=_HINT) from exc

    def _once(self, method: str, path: str, headers: Mapping[str, str]) -> tuple[int, str]:
        host, port = self._address
        timeout = max(self._deadline.capped(_TIMEOUT_S), 0.001)
        connection = http.client.HTTPConnection(host, port, timeout=timeout)
        try:
            connection.request(method, path, headers=dict(headers))
            answer = connection.getresponse()
            return answer.status, answer.read().decode(errors="replace")
        finally:
            connection.close()


def _good(status: int, body: str) -> str:
    if status != 200:
        raise Unavailable(f"metadata service: answered with status {status}", hint=_HINT)
    return body


def _endpoint() -> tuple[str, int]:
    if os.environ.get("AWS_EC2_METADATA_DISABLED", "").lower() == "true":
        raise ConfigError("metadata service: switched off by AWS_EC2_METADATA_DISABLED", hint=_HINT)
    ipv6 = os.environ.get("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "").lower() == "ipv6"
    usual = "http://[fd00:ec2::254]" if ipv6 else "http://169.254.169.254"
    url = os.environ.get("AWS_EC2_METADATA_SERVICE_ENDPOINT") or usual
    try:
        parts = urlsplit(url)
        return parts.hostname or "", parts.port or 80
    except ValueError as exc:
        raise ConfigError(f"metadata service: {url} is not a URL", hint=_HINT) from exc
