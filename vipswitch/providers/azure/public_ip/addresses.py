"""Azure's public IP addresses: who has one, in our types, and what moving it changes on a network interface.

A public IP says itself which ip configuration it hangs on; that is read only, and follows what the network
interfaces say once their operations have ended.
Source: Azure REST API, "Public IP Addresses - Get".
"""

from __future__ import annotations

from dataclasses import dataclass

from vipswitch.deadline import Deadline
from vipswitch.errors import Refused
from vipswitch.model import NodeId
from vipswitch.providers.asked import Asked
from vipswitch.providers.azure.api.client import Clients
from vipswitch.providers.azure.configurations import Nic, put_on, taken_off
from vipswitch.providers.azure.ids import INTERFACES, PUBLIC_ADDRESSES, ResourceId, resource_id

READ = f"{PUBLIC_ADDRESSES}/read"


@dataclass(frozen=True, slots=True)
class PublicIp:
    """A public IP as it was read; `on` is the id of what it hangs on, empty for nothing."""

    id: ResourceId
    address: str
    on: str
    location: str
    sku: str
    zones: tuple[str, ...] = ()

    def interface(self) -> NodeId | None:
        """The network interface that it hangs on; Refused where it is something else's."""
        by = resource_id(self.on)
        if not self.on:
            return None
        if by is None or by.type.lower() != INTERFACES.lower():
            raise Refused(
                f"public IP {self.id.name}: is no network interface's: {self.on}",
                hint="take it off there, or choose another public IP: nothing is taken from anything else",
            )
        return by.node


@dataclass(frozen=True, slots=True)
class Reference:
    """What moves: that an ip configuration has the public IP; `part` names it, empty for the primary one."""

    public_ip: ResourceId
    part: str

    @property
    def subject(self) -> str:
        """What people call it."""
        return f"public IP {self.public_ip.name}"

    def on(self, nic: Nic) -> bool:
        """Whether any configuration has it."""
        return nic.with_public_ip(str(self.public_ip)) is not None

    def complete(self, nic: Nic) -> bool:
        """Whether the right one has."""
        return nic.with_public_ip(str(self.public_ip)) == nic.named(self.part or nic.primary.name)

    def put_on(self, nic: Nic) -> Nic:
        """The network interface with it, on the right configuration and on no other."""
        id = str(self.public_ip)
        return put_on(taken_off(nic, id), self.part or nic.primary.name, id)

    def taken_off(self, nic: Nic) -> Nic:
        """The network interface without it."""
        return taken_off(nic, str(self.public_ip))

    def elsewhere(self, nic: Nic) -> bool:
        """It belongs wherever it is."""
        return False


class PublicIps:
    """The public IPs of a subscription. Every method raises our errors only."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def read(self, id: ResourceId, deadline: Deadline) -> PublicIp:
        """One of them; NotFound, a ConfigError, if there is none."""
        asked = Asked(READ, f"public IP {id.name}", deadline, str(id))
        with self._clients.network(asked, id.subscription) as network:
            raw = network.public_ip_addresses.get(id.group, id.name)
        return PublicIp(
            id,
            address=raw.ip_address or "",
            on=(raw.ip_configuration.id if raw.ip_configuration else None) or "",
            location=raw.location or "",
            sku=str(raw.sku.as_dict().get("name") or "Basic") if raw.sku else "Basic",
            zones=tuple(raw.zones or ()),
        )
