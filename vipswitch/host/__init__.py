"""The machine's side of a VIP: its address on an interface, and the announcement on its link.

`Host` is what the switch uses. It keeps nothing but its settings, so threads may share it, and it reads
the links anew for each question. Nothing here knows of clouds, and importing it loads no library
beyond the standard one: on the hook path import time is failover time.

    interface   a link, and the one that a VIP belongs on
    links       the links that there are, with their addresses
    address     find, add, remove one address
    change      one change: asked of the kernel, or made by `ip` as somebody who may
    messages    netlink messages: bytes; rtnetlink: those about links and addresses
    netlink     a conversation with the kernel
    privilege   `ip` through `sudo -n`; preflight: whether that would be needed, and work
    iproute     what `ip` prints, where netlink is not for this process
    packets     gratuitous ARP, unsolicited Neighbor Advertisement: bytes
    announce    sends them
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vipswitch.errors import ConfigError
from vipswitch.host.address import add_address, commands, remove_address
from vipswitch.host.interface import Link, choose
from vipswitch.host.links import is_on_host, read_links
from vipswitch.host.privilege import Runner

if TYPE_CHECKING:
    from vipswitch.host.preflight import Privilege
    from vipswitch.model import Address

__all__ = ["Host", "Link"]


class Host:
    """This machine, for VIPs on one interface: a name, a MAC, a subnet, or None for the default route's.

    All methods raise HostError when the host cannot be read or changed within `timeout_s`, and
    ConfigError when the interface is not there. `ip` is the program's path where it is not in a usual
    place; it is run for what needs sudo.
    """

    def __init__(self, interface: str | None, *, timeout_s: float = 3.0, ip: str | None = None) -> None:
        self._interface = interface
        self._timeout_s = timeout_s
        self._ip = ip

    def has(self, address: Address) -> bool:
        """Whether exactly this address is on some interface, whichever."""
        return is_on_host(self._runner(), address)

    def add(self, address: Address, timeout_s: float | None = None) -> None:
        """Put it on the interface, within `timeout_s`; nothing happens when it is there.

        Raises PermissionDenied, with the sudoers line that is missing.
        """
        runner = self._runner(timeout_s)
        add_address(runner, address, choose(read_links(runner), self._interface))

    def remove(self, address: Address, timeout_s: float | None = None) -> None:
        """Take it off every interface, within `timeout_s`; nothing happens when it is on none.

        Works also when the interface of the config is gone. Raises PermissionDenied.
        """
        remove_address(self._runner(timeout_s), address)

    def announce(self, address: Address) -> None:
        """Tell the neighbours on the interface's link where the address is. Raises PermissionDenied."""
        from vipswitch.host.announce import announce

        announce(address, self.link(), timeout_s=self._timeout_s)

    def link(self) -> Link:
        """The interface as it is now."""
        return choose(read_links(self._runner()), self._interface)

    def mac(self) -> str:
        """The interface's MAC, lower case with colons; ConfigError where it has none."""
        link = self.link()
        if link.mac is None:
            raise ConfigError(
                f"interface {link.name}: has no MAC address", hint="name an Ethernet interface of this node"
            )
        return link.mac

    def privilege(self, address: Address) -> Privilege:
        """How `add` and `remove` would be allowed for this address; changes nothing."""
        from vipswitch.host.preflight import can_change_addresses

        runner = self._runner()
        link = choose(read_links(runner), self._interface)
        return can_change_addresses(runner, commands(address, link.name))

    def _runner(self, timeout_s: float | None = None) -> Runner:
        return Runner.within(self._timeout_s if timeout_s is None else timeout_s, ip=self._ip)
