"""An address of the VIP, with the ip configuration that it is in and the public IP that goes along with
it.
"""

from __future__ import annotations

from dataclasses import dataclass

from vipswitch.model import Address
from vipswitch.providers.azure.configurations import Nic, with_address, without_address


@dataclass(frozen=True, slots=True)
class VipAddress:
    """What moves: one address. `part` is what its configuration is called where we make it.

    `public_ip` is the id of one, empty for none.
    """

    address: Address
    part: str
    public_ip: str = ""

    @property
    def subject(self) -> str:
        """What people call it."""
        return f"private-ip {self.address}"

    def on(self, nic: Nic) -> bool:
        """Whether a configuration of the network interface has the address, whatever it is called."""
        return nic.at(self.address) is not None

    def complete(self, nic: Nic) -> bool:
        """Whether the public IP is there as well."""
        there = nic.at(self.address)
        return there is not None and self.public_ip.lower() in ("", there.public_ip)

    def put_on(self, nic: Nic) -> Nic:
        """The network interface with the address and its public IP."""
        return with_address(nic, self.address, self.part, self.public_ip)

    def taken_off(self, nic: Nic) -> Nic:
        """The network interface without its configuration, and so without the public IP."""
        return without_address(nic, self.address)

    def elsewhere(self, nic: Nic) -> bool:
        """Whether the public IP hangs on another address of the network interface."""
        there = nic.with_public_ip(self.public_ip) if self.public_ip else None
        return there is not None and there.address != self.address
