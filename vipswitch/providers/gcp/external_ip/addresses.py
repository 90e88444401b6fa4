"""Compute Engine's external addresses: who has one, in our types, and what moving it changes on an instance.

A reserved address says itself which instance uses it; that is read only, and follows the access configs.
Source: Compute Engine API reference, "addresses.get"; "instances", AccessConfig.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, ip_address

from vipswitch.deadline import Deadline
from vipswitch.errors import ConfigError, Refused
from vipswitch.providers.asked import Asked
from vipswitch.providers.gcp.api.client import Clients
from vipswitch.providers.gcp.ids import INSTANCES, Resource, resource
from vipswitch.providers.gcp.interfaces import AccessConfig, Instance, linked

GET = "compute.addresses.get"

OURS = "vipswitch-"
"""What the name of every access config begins with that is made here."""


@dataclass(frozen=True, slots=True)
class ExternalIp:
    """A reserved address as it was read; `users` are URLs of what it is on."""

    resource: Resource
    address: IPv4Address
    tier: str
    users: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        """What people call it."""
        return f"external IP {self.resource.name}"

    def instance(self) -> Resource | None:
        """The instance that it is on; Refused where it is something else's."""
        for url in self.users:
            found = resource(url)
            if found is None or found.kind != INSTANCES:
                raise Refused(
                    f"{self.subject}: is no instance's: {url}",
                    hint="take it off there, or choose another address: nothing is taken from anything else",
                )
            return found
        return None


@dataclass(frozen=True, slots=True)
class Attached:
    """What moves: that an interface has the address, by an access config that is to be called `name`."""

    external_ip: ExternalIp
    name: str

    @property
    def subject(self) -> str:
        """What people call it."""
        return self.external_ip.subject

    @property
    def part(self) -> str:
        """What its writes are noted under."""
        return part_of(self.external_ip.resource)

    def on(self, nic: Instance) -> bool:
        """Whether any interface of the instance has it."""
        return any(each.config(self.external_ip.address) for each in nic.nics)

    def complete(self, nic: Instance) -> bool:
        """Whether the right one has."""
        return nic.nic.config(self.external_ip.address) is not None

    def put_on(self, nic: Instance) -> Instance:
        """The instance with it; or without what has to go before, of its own or on another interface.

        Refused where the interface has another VIP.
        """
        if self.complete(nic):
            return nic
        if self.on(nic):
            return self.taken_off(nic)
        for config in nic.nic.configs:
            if config.name.startswith(OURS):
                raise Refused(
                    f"{self.subject}: {nic.at} of {nic.id} has {config.address}, which is another VIP",
                    hint="an interface has one external address: name another under network_interface",
                )
            return nic.without_config(nic.nic, config.name)
        return nic.with_config(AccessConfig(self.name, self.external_ip.address), self.external_ip.tier)

    def taken_off(self, nic: Instance) -> Instance:
        """The instance without it, by the name that its access config was read with."""
        for each in nic.nics:
            if config := each.config(self.external_ip.address):
                return nic.without_config(each, config.name)
        return nic

    def elsewhere(self, nic: Instance) -> bool:
        """It belongs wherever it is."""
        return False


def part_of(address: Resource) -> str:
    """What the writes of instances for the sake of an address are noted under."""
    return f"accessConfigs/{address.name}"


class ExternalIps:
    """Reserved addresses. Every method raises our errors only."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def read(self, id: Resource, deadline: Deadline) -> ExternalIp:
        """One of them; NotFound, a ConfigError, if there is none."""
        with self._clients.compute(Asked(GET, f"external IP {id.name}", deadline, str(id))) as compute:
            raw = compute.get(str(id))
        address = ip_address(raw["address"])
        if raw.get("addressType", "EXTERNAL") != "EXTERNAL" or not isinstance(address, IPv4Address):
            raise ConfigError(
                f"external IP {id.name}: is {address}, and no external IPv4 address",
                hint="choose an address that was reserved as an external one of the region",
            )
        users = map(linked(id, raw), raw.get("users") or ())
        return ExternalIp(id, address, raw.get("networkTier") or "", tuple(users))
