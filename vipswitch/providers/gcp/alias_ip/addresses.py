"""An address of the VIP, as an alias range of its own on an instance's interface."""

from __future__ import annotations

from dataclasses import dataclass

from vipswitch.errors import ConfigError
from vipswitch.model import Address
from vipswitch.providers.gcp.interfaces import Instance, just

_FREE = "choose an address of the subnetwork that no instance has"


@dataclass(frozen=True, slots=True)
class VipAddress:
    """What moves: one address, of a secondary range where one is named."""

    address: Address
    range: str | None = None

    @property
    def subject(self) -> str:
        """What people call it."""
        return f"alias-ip {self.address}"

    @property
    def part(self) -> str:
        """What its writes are noted under."""
        return f"aliasIpRanges/{self.address}"

    def on(self, nic: Instance) -> bool:
        """Whether the interface has it as a range of its own."""
        return nic.nic.alias(self.address) is not None

    def complete(self, nic: Instance) -> bool:
        """There is nothing more to it: an address is of one range only."""
        return True

    def put_on(self, nic: Instance) -> Instance:
        """The instance with it, and with all its other ranges as they are."""
        if self.on(nic):
            return nic
        return nic.with_aliases([*nic.nic.aliases, just(self.address, self.range)])

    def taken_off(self, nic: Instance) -> Instance:
        """The instance without it; an empty list where it was the last one."""
        return nic.with_aliases([each for each in nic.nic.aliases if not each.is_just(self.address)])

    def elsewhere(self, nic: Instance) -> bool:
        """It is an alias of this interface, or none of the instance's."""
        return False

    def refuse(self, nic: Instance) -> None:
        """Raises why the address cannot move, where the interface has it in a way that does not."""
        if nic.nic.primary == self.address:
            raise ConfigError(
                f"{self.subject}: is the primary address of {nic.id}, which never moves", hint=_FREE
            )
        if over := nic.nic.range_over(self.address):
            raise ConfigError(
                f"{self.subject}: is inside {over.cidr}, an alias range of {nic.id}, and not one itself",
                hint=f"{_FREE}, or give the VIP a range of its own in place of that one",
            )
