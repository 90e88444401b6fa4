"""What every AWS provider stands on: who this node is, and the API, connected when it is first needed.

The SDK is imported with the connection: 250 ms that `--help` and a repeated hook do without.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Generic, TypeVar

from vipswitch.deadline import Deadline
from vipswitch.errors import ConfigError
from vipswitch.model import NodeId
from vipswitch.provider import Machine
from vipswitch.providers.aws.node.identity import Home
from vipswitch.providers.aws.settings import Account, interface_id
from vipswitch.providers.tags import Found, Tag, tag

if TYPE_CHECKING:
    from vipswitch.providers.aws.api.client import Clients
    from vipswitch.providers.aws.interfaces import Interfaces

T = TypeVar("T")


class Footing(Generic[T]):
    """One provider's side of AWS; `connect` makes what it asks of the API from the clients.

    `endpoints` are the URLs that the config gives. VIPs of one account share their clients.
    """

    def __init__(
        self,
        settings: Account,
        machine: Machine,
        *,
        connect: Callable[[Clients], T],
        endpoints: Mapping[str, str | None],
    ) -> None:
        self.home = Home(machine)
        self.found = Found("aws", machine.cache(), self.home.machine)
        self._settings = settings
        self._machine = machine
        self._endpoints = endpoints
        self._connect = connect
        self._connecting = threading.Lock()
        self._made: tuple[Clients, T] | None = None

    @property
    def api(self) -> T:
        """What the provider asks of AWS. ConfigError without the SDK."""
        return self._connected()[1]

    @property
    def clients(self) -> Clients:
        """The clients below it."""
        return self._connected()[0]

    @property
    def interfaces(self) -> Interfaces:
        """This account's network interfaces."""
        from vipswitch.providers.aws.interfaces import Interfaces

        return Interfaces(self.clients)

    def node(self, deadline: Deadline) -> NodeId:
        """The network interface that the config gives this machine, else the one with the VIP's MAC."""
        given = self._machine.node()
        if given is None:
            return self.home.identity(deadline).interface
        try:
            named = tag(given)
            return self._tagged(named, deadline) if named else interface_id(given)
        except ValueError as wrong:
            raise ConfigError(f"node {given}: not a network interface", hint=str(wrong)) from wrong

    @property
    def tags(self) -> dict[str, tuple[str, ...]]:
        """The tag that the config has instead of this node's network interface, and what is kept for it."""
        named = tag(self._machine.node() or "-")
        return {str(named): self.found.ids("network interface", named)} if named else {}

    def discover(self, deadline: Deadline, *, anew: bool) -> None:
        """Find this node's network interface, where the config names it by a tag."""
        if anew and (named := tag(self._machine.node() or "-")):
            self._look_up(named, deadline)

    def vpc(self, deadline: Deadline) -> str:
        """The VPC of this node's network interface."""
        if self._machine.node() is None:
            return self.home.identity(deadline).vpc
        return self.interfaces.describe(self.node(deadline), deadline).vpc

    def _tagged(self, named: Tag, deadline: Deadline) -> NodeId:
        ids = self.found.ids("network interface", named)
        return NodeId(ids[0]) if ids else self._look_up(named, deadline)

    def _look_up(self, named: Tag, deadline: Deadline) -> NodeId:
        """The one interface of this instance that has the tag."""
        instance = self.home.identity(deadline).instance
        ids = self.interfaces.tagged(named, instance, deadline)
        if len(ids) != 1:
            raise ConfigError(
                f"node {named}: {len(ids) or 'no'} network interfaces of {instance} have this tag",
                hint="tag exactly one network interface of each node",
            )
        self.found.keep("network interface", named, ids)
        return ids[0]

    def _connected(self) -> tuple[Clients, T]:
        with self._connecting:
            self._made = self._made or self._new()
            return self._made

    def _new(self) -> tuple[Clients, T]:
        try:
            from vipswitch.providers.aws.api.client import Clients
        except ModuleNotFoundError as exc:
            raise ConfigError("boto3: not installed", hint="pip install 'vipswitch[aws]'") from exc
        clients = self._machine.shared(
            ("aws", self._settings.identity, *sorted(self._endpoints.items())),
            lambda: Clients(self._settings, self.home, endpoints=self._endpoints),
        )
        return clients, self._connect(clients)
