"""The instance metadata service, version 2 only: which instance this is, and its network interfaces.

Rules: never version 1. `AWS_EC2_METADATA_SERVICE_ENDPOINT`, its `_MODE` and
`AWS_EC2_METADATA_DISABLED` have the meaning that boto3 gives them.
Source: EC2 User Guide, "Use the Instance Metadata Service to access instance metadata".
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass

from vipswitch.deadline import Deadline
from vipswitch.errors import ConfigError, Unavailable
from vipswitch.model import NodeId
from vipswitch.providers.metadata import Conversation, good

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
        self._token = ""
        self._service = Conversation(_endpoint(), deadline, hint=_HINT)

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
        status, body = self._service.ask("GET", path, {"X-aws-ec2-metadata-token": self._token})
        if status == 404 and absent is not None:
            return absent
        return good(status, body, hint=_HINT).strip()

    def _new_token(self) -> str:
        ttl = {"X-aws-ec2-metadata-token-ttl-seconds": str(_TOKEN_LIFE_S)}
        status, body = self._service.ask("PUT", "/latest/api/token", ttl)
        if status == 403:
            raise ConfigError("metadata service: switched off for this instance", hint=_HINT)
        return good(status, body, hint=_HINT)


def _endpoint() -> str:
    if os.environ.get("AWS_EC2_METADATA_DISABLED", "").lower() == "true":
        raise ConfigError("metadata service: switched off by AWS_EC2_METADATA_DISABLED", hint=_HINT)
    ipv6 = os.environ.get("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "").lower() == "ipv6"
    usual = "http://[fd00:ec2::254]" if ipv6 else "http://169.254.169.254"
    return os.environ.get("AWS_EC2_METADATA_SERVICE_ENDPOINT") or usual
