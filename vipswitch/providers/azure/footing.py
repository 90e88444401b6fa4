"""What every Azure provider stands on: who this node is, and the API, connected when it is first needed.

The SDK is imported with the connection: 250 ms that `--help` and a repeated hook do without.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeVar

from vipswitch.deadline import Deadline
from vipswitch.errors import ConfigError
from vipswitch.model import NodeId
from vipswitch.provider import Machine
from vipswitch.providers.azure.ids import INTERFACES, Name, ResourceId, name_of, resource_id
from vipswitch.providers.azure.node.identity import Home
from vipswitch.providers.azure.settings import Account

if TYPE_CHECKING:
    from vipswitch.providers.azure.api.client import Clients

T = TypeVar("T")

_interface = name_of(INTERFACES, "a network interface")


class Footing(Generic[T]):
    """One provider's side of Azure; `connect` makes what it asks of the API from the clients.

    VIPs of one account share their clients.
    """

    def __init__(self, settings: Account, machine: Machine, *, connect: Callable[[Clients], T]) -> None:
        self.home = Home(machine)
        self._settings = settings
        self._machine = machine
        self._connect = connect
        self._connecting = threading.Lock()
        self._made: tuple[Clients, T] | None = None

    @property
    def api(self) -> T:
        """What the provider asks of Azure. ConfigError without the SDK."""
        return self._connected()[1]

    @property
    def clients(self) -> Clients:
        """The clients below it."""
        return self._connected()[0]

    def subscription(self, deadline: Deadline) -> str:
        """The config's, else this machine's."""
        return self._settings.subscription or self.home.identity(deadline).subscription

    def group(self, deadline: Deadline) -> str:
        """The config's resource group, else this machine's."""
        return self._settings.resource_group or self.home.identity(deadline).group

    def scope(self, deadline: Deadline) -> str:
        """The id of that resource group."""
        return f"/subscriptions/{self.subscription(deadline)}/resourceGroups/{self.group(deadline)}"

    def resource(self, name: Name, type: str, deadline: Deadline) -> ResourceId:
        """What a name in the config means; asks nobody who does not have to be asked."""
        return ResourceId(
            name.subscription or self.subscription(deadline),
            name.group or self.group(deadline),
            type,
            name.name,
        )

    def interface(self, deadline: Deadline) -> ResourceId:
        """This node's network interface: the config's, else the one with the VIP's MAC."""
        given = self._machine.node()
        if given is not None:
            return self.interface_of(given, deadline)
        known = resource_id(self.home.identity(deadline).nic)
        return known or self._look_up(deadline)

    def interface_of(self, node: NodeId, deadline: Deadline) -> ResourceId:
        """The network interface that a node is called by: `name`, `group/name`, or a whole id."""
        try:
            return self.resource(_interface(node), INTERFACES, deadline)
        except ValueError as wrong:
            raise ConfigError(f"node {node}: not a network interface", hint=str(wrong)) from wrong

    def _look_up(self, deadline: Deadline) -> ResourceId:
        """Asked of Azure once, then kept: the metadata service does not know it."""
        from vipswitch.providers.azure.attached import interface_with

        identity = self.home.identity(deadline)
        found = interface_with(identity.mac, identity.machine, self.clients, deadline)
        self.home.remember(str(found))
        return found

    def _connected(self) -> tuple[Clients, T]:
        with self._connecting:
            self._made = self._made or self._new()
            return self._made

    def _new(self) -> tuple[Clients, T]:
        try:
            from vipswitch.providers.azure.api.client import Clients
        except ModuleNotFoundError as exc:
            hint = "pip install 'vipswitch[azure]'"
            raise ConfigError(f"{exc.name}: not installed", hint=hint) from exc
        clients = self._machine.shared(
            ("azure", self._settings.identity), lambda: Clients(self._settings, self.home)
        )
        return clients, self._connect(clients)
