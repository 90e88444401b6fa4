"""What the lab needs of a cloud, whichever it is: `aws.Aws`, `azure.Azure` and `gcp.Gcp` are such.

Rules: a cloud lies in its namespace and is shown to the router, with a metadata service on every node; the
nodes' NICs have the MACs that the cloud made up. What only one of them has, its own methods and scenarios ask
of it.
"""

from collections.abc import Mapping
from threading import Event
from typing import Protocol

from tests.e2e.evidence import Request
from vipswitch.testing.fabric.addresses import PrivateAddresses
from vipswitch.testing.fabric.host import Host
from vipswitch.testing.fabric.router import InterfaceId
from vipswitch.testing.fabric.vpc import Vpc


class Gate(Protocol):
    """Where held requests wait with all of their work still to do; `arrived` is set by the first one."""

    arrived: Event

    def release(self) -> None:
        """Let them go on, and those that still come."""


class Cloud(Protocol):
    """A cloud at work and what is in it."""

    vpc: Vpc
    addresses: PrivateAddresses

    def interfaces(self) -> Mapping[InterfaceId, Host]:
        """The nodes' NICs, as the fabric knows them."""

    def environment(self) -> Mapping[str, str]:
        """What every program on the nodes is told of the cloud."""

    def requests(self) -> list[Request]:
        """The journal."""

    def hold(self, host: Host) -> Gate:
        """Hold whatever this host asks for from now on."""
