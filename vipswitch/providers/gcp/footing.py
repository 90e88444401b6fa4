"""What every Google Cloud provider stands on: who this node is, and the APIs, connected when first needed.

google-auth is imported with the connection: 150 ms that `--help` and a repeated hook do without.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeVar

from vipswitch.deadline import Deadline
from vipswitch.errors import ConfigError, VipswitchError
from vipswitch.model import NodeId
from vipswitch.provider import Machine
from vipswitch.providers.gcp.ids import INSTANCES, Resource, name_of
from vipswitch.providers.gcp.node.identity import Home
from vipswitch.providers.gcp.settings import Account

if TYPE_CHECKING:
    from vipswitch.providers.gcp.api.client import Clients

T = TypeVar("T")

_instance = name_of(INSTANCES, "an instance such as europe-west1-b/db-1")


class Footing(Generic[T]):
    """One provider's side of Google Cloud; `connect` makes what it asks of the APIs from the clients.

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
        """What the provider asks of Google Cloud. ConfigError without google-auth."""
        return self._connected()[1]

    @property
    def clients(self) -> Clients:
        """The clients below it."""
        return self._connected()[0]

    def project(self, deadline: Deadline) -> str:
        """The config's, else this instance's."""
        return self._settings.project or self.home.identity(deadline).project

    def instance(self, deadline: Deadline) -> Resource:
        """This node's instance: the config's, else what the metadata service says."""
        given = self._machine.node()
        return self.home.identity(deadline).resource if given is None else self.instance_of(given, deadline)

    def instance_of(self, node: NodeId, deadline: Deadline) -> Resource:
        """The instance that a node is called by: `NAME`, `ZONE/NAME`, `PROJECT/ZONE/NAME`, or a URL."""
        try:
            found = _instance(node)
        except ValueError as wrong:
            raise ConfigError(f"node {node}: not an instance", hint=str(wrong)) from wrong
        project = found.project or self.project(deadline)
        zone = found.place or self.home.identity(deadline).zone
        return Resource(project, f"zones/{zone}", INSTANCES, found.name)

    def node(self, deadline: Deadline) -> NodeId:
        """This node as a holder."""
        return self.instance(deadline).node(self.project(deadline))

    def renew(self, deadline: Deadline) -> None:
        """Ask anew who this node is, where the config does not say; what is kept stands if nobody answers."""
        if self._machine.node() is None:
            with contextlib.suppress(VipswitchError):
                self.home.refreshed(deadline)

    def spelt(self, node: NodeId, deadline: Deadline) -> NodeId:
        """Any node as a holder."""
        return self.instance_of(node, deadline).node(self.project(deadline))

    def _connected(self) -> tuple[Clients, T]:
        with self._connecting:
            self._made = self._made or self._new()
            return self._made

    def _new(self) -> tuple[Clients, T]:
        try:
            from vipswitch.providers.gcp.api.client import Clients
        except ModuleNotFoundError as exc:
            raise ConfigError(f"{exc.name}: not installed", hint="pip install 'vipswitch[gcp]'") from exc
        clients = self._machine.shared(
            ("gcp", self._settings.identity),
            lambda: Clients(self._settings, folder=self._machine.cache()),
        )
        return clients, self._connect(clients)
