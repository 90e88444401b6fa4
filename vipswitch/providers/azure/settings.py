"""The config keys that all Azure methods share: where the resources are, how ARM is reached, and as whom.

What is not given comes from the metadata service of this virtual machine: its subscription, its resource
group, its managed identity. A secret is never in the config itself, because others may read that; it is in a
file that only its owner can read.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from vipswitch.providers.parsers import absolute_path, https_url, like
from vipswitch.settings import key

ENDPOINT = "https://management.azure.com"


@dataclass(frozen=True, slots=True)
class Sovereign:
    """A cloud of its own: whom its tokens are for, and who gives them."""

    audience: str
    authority: str


SOVEREIGN = {
    "management.usgovcloudapi.net": Sovereign(
        "https://management.core.usgovcloudapi.net", "https://login.microsoftonline.us"
    ),
    "management.chinacloudapi.cn": Sovereign(
        "https://management.chinacloudapi.cn", "https://login.chinacloudapi.cn"
    ),
}
"""By the host of their endpoint. Source: azure-mgmt-core's and azure-identity's own lists."""


url = https_url(ENDPOINT)

_GUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_subscription = like(_GUID, "a subscription id such as 00000000-0000-0000-0000-000000000000")
_client = like(_GUID, "a client id such as 00000000-0000-0000-0000-000000000000")
_tenant = like(rf"{_GUID}|[\w.-]+\.[\w-]+", "a tenant id, or a domain such as example.onmicrosoft.com")
_group = like(r"[\w.()-]{1,90}", "a resource group's name")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The subscription and resource group to work in, and the credentials to do it with."""

    subscription: str | None = key(
        _subscription, section="azure", default=None, help="subscription id; default: this machine's"
    )
    resource_group: str | None = key(
        _group, section="azure", default=None, help="resource group of what has none; default: this machine's"
    )
    client_id: str | None = key(
        _client,
        section="azure",
        default=None,
        help="client id of the user-assigned identity, or of the service principal",
    )
    tenant: str | None = key(_tenant, section="azure", default=None, help="tenant of the service principal")
    secret_file: Path | None = key(
        absolute_path,
        section="azure",
        default=None,
        help="file with the service principal's secret, mode 0600",
    )
    certificate_file: Path | None = key(
        absolute_path,
        section="azure",
        default=None,
        help="file with its certificate and private key, mode 0600",
    )
    endpoint: str | None = key(url, section="azure", default=None, help=f"URL of ARM; default: {ENDPOINT}")
    authority: str | None = key(
        url, section="azure", default=None, help="URL that gives tokens to a service principal"
    )
    ca_file: Path | None = key(
        absolute_path,
        section="azure",
        default=None,
        help="bundle of the CAs to trust; default: the public ones",
    )

    @property
    def identity(self) -> tuple[object, ...]:
        """What tells whose requests these are, and where to: equal for VIPs that can share their clients."""
        who = (self.client_id, self.tenant, self.secret_file, self.certificate_file, self.authority)
        return (self.subscription, self.endpoint, self.ca_file, *who)

    @property
    def audience(self) -> str:
        """Whom a token is for."""
        sovereign = self._sovereign()
        return sovereign.audience if sovereign else ENDPOINT

    @property
    def gives_tokens(self) -> str | None:
        """The authority; None for what the environment says, else the public one."""
        sovereign = self._sovereign()
        return self.authority or (sovereign.authority if sovereign else None)

    def _sovereign(self) -> Sovereign | None:
        return SOVEREIGN.get(urlsplit(self.endpoint or ENDPOINT).hostname or "")
