"""The SDK's clients, made when first used, with sockets, deadlines and credentials of our own.

Rules: nothing is retried, because the switch retries; nothing is waited for, because the switch looks again;
no redirect is followed; no resource provider is registered in somebody's subscription. Every request goes
through one transport and one pipeline, and every accepted write is noted in `operations`.

Garbage is not collected while a client is made: the SDK's models are much data and no garbage.
Source: azure-core docs, "Pipeline"; Azure Resource Manager REST API, "Tags", "Virtual Machines".
"""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from azure.core import PipelineClient
from azure.core.exceptions import HttpResponseError
from azure.core.pipeline.transport import HttpTransport
from azure.core.rest import HttpRequest
from azure.mgmt.core.exceptions import ARMErrorFormat

from vipswitch.deadline import Deadline
from vipswitch.errors import ConfigError
from vipswitch.providers.asked import Asked, asking
from vipswitch.providers.azure.api.credentials import Tokens
from vipswitch.providers.azure.api.failures import translated
from vipswitch.providers.azure.api.operations import Operations, host_of
from vipswitch.providers.azure.api.pipeline import policies
from vipswitch.providers.azure.api.transport import transport
from vipswitch.providers.azure.node.identity import Home
from vipswitch.providers.azure.settings import ENDPOINT, Account

if TYPE_CHECKING:
    from azure.mgmt.dns import DnsManagementClient
    from azure.mgmt.network import NetworkManagementClient
    from azure.mgmt.privatedns import PrivateDnsManagementClient

T = TypeVar("T")


class Arm:
    """Plain requests of ARM, for what no SDK here has. Raises the SDK's errors."""

    def __init__(self, client: PipelineClient[Any, Any], endpoint: str) -> None:
        self._client = client
        self._endpoint = endpoint

    def get(self, path: str, api_version: str) -> dict[str, Any]:
        """The document at a resource's id."""
        return self.ask("GET", f"{self._endpoint}{path}?api-version={api_version}")

    def patch(self, path: str, api_version: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """What is there after it was changed."""
        return self.ask("PATCH", f"{self._endpoint}{path}?api-version={api_version}", body)

    def ask(self, method: str, url: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The document that answers; empty where there is none."""
        answer = self._client.send_request(HttpRequest(method, url, json=body))
        if answer.status_code >= 400:
            raise HttpResponseError(response=answer, error_format=ARMErrorFormat)
        document = answer.json() if answer.content else {}
        return document if isinstance(document, dict) else {}


class Clients:
    """The clients of one account; thread-safe. Inside each `with`, errors of the SDK leave as ours.

    Requests go `through` a transport of ours, unless another is given.
    """

    def __init__(
        self, account: Account, home: Home, *, through: HttpTransport[Any, Any] | None = None
    ) -> None:
        _silence("azure", "msal")
        self.endpoint = account.endpoint or ENDPOINT
        self._account = account
        self._home = home
        self._transport = through or transport(account.ca_file)
        self.tokens = Tokens(account, self._transport)
        self.operations = Operations(self._status, host_of(self.endpoint))
        self._making = threading.Lock()
        self._made: dict[tuple[str, str], Any] = {}

    @contextmanager
    def network(self, asked: Asked, subscription: str | None = None) -> Iterator[NetworkManagementClient]:
        """The client for Microsoft.Network, of this account's subscription unless another is given."""
        with asking(asked), translated(asked):
            yield self._client("network", subscription or self.subscription(asked.deadline))

    @contextmanager
    def dns(self, asked: Asked, subscription: str | None = None) -> Iterator[DnsManagementClient]:
        """The client for public zones."""
        with asking(asked), translated(asked):
            yield self._client("dns", subscription or self.subscription(asked.deadline))

    @contextmanager
    def private_dns(
        self, asked: Asked, subscription: str | None = None
    ) -> Iterator[PrivateDnsManagementClient]:
        """The client for private zones."""
        with asking(asked), translated(asked):
            yield self._client("private_dns", subscription or self.subscription(asked.deadline))

    @contextmanager
    def arm(self, asked: Asked) -> Iterator[Arm]:
        """Plain requests over the same pipeline."""
        with asking(asked), translated(asked):
            yield self._client("arm", "")

    def subscription(self, deadline: Deadline) -> str:
        """The config's subscription, else this machine's."""
        return self._account.subscription or self._home.identity(deadline).subscription

    def signed_in(self, deadline: Deadline) -> str:
        """As whom the requests are made, when a token was got for it."""
        with asking(Asked("signing in", "Azure credentials", deadline)):
            self.tokens.get_token_info()
        return self.tokens.who()

    def _status(self, url: str, asked: Asked) -> Mapping[str, Any]:
        with self.arm(asked) as arm:
            return arm.ask("GET", url)

    def _client(self, kind: str, subscription: str) -> Any:
        with self._making:
            if (kind, subscription) not in self._made:
                with _uncollected():
                    self._made[kind, subscription] = self._new_client(kind, subscription)
            return self._made[kind, subscription]

    def _new_client(self, kind: str, subscription: str) -> Any:
        how: dict[str, Any] = {
            "transport": self._transport,
            "policies": policies(self.tokens, self._account.audience, self.operations),
        }
        if kind == "arm":
            return Arm(PipelineClient(self.endpoint, **how), self.endpoint)
        try:
            make = _sdk(kind)
        except ModuleNotFoundError as exc:
            raise ConfigError(f"{exc.name}: not installed", hint="pip install 'vipswitch[azure]'") from exc
        return make(self.tokens, subscription, base_url=self.endpoint, **how)


def _sdk(kind: str) -> Any:
    """The class of the SDK; the largest costs 150 ms to import."""
    if kind == "network":
        from azure.mgmt.network import NetworkManagementClient

        return NetworkManagementClient
    if kind == "dns":
        from azure.mgmt.dns import DnsManagementClient

        return DnsManagementClient
    from azure.mgmt.privatedns import PrivateDnsManagementClient

    return PrivateDnsManagementClient


def _silence(*loggers: str) -> None:
    """What the libraries warn of is in our errors; where nobody listens, it does not go to stderr as well."""
    for name in loggers:
        logging.getLogger(name).addHandler(logging.NullHandler())


@contextmanager
def _uncollected() -> Iterator[None]:
    """The garbage collector rests inside."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()
