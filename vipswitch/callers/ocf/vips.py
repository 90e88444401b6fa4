"""The VIPs that a resource means, and the host's side of them. Asks no cloud."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from vipswitch import configfile
from vipswitch.callers.ocf.parameters import Parameters
from vipswitch.callers.ocf.voice import Voice
from vipswitch.config import Config, VipConfig
from vipswitch.errors import VipswitchError
from vipswitch.host import Host
from vipswitch.model import Address
from vipswitch.selection import capabilities_of

HOST_S = 3.0


@dataclass(frozen=True, slots=True)
class Vips:
    """The VIPs of one resource: one, or those of a group."""

    config: Config
    each: Sequence[VipConfig]


def read(resource: Parameters) -> Vips:
    """Raises ConfigError."""
    config = configfile.read(Path(resource.config) if resource.config else None)
    return Vips(config, [config.select(name, resource.flags) for name in config.members(resource.name)])


def addresses_of(vip: VipConfig) -> tuple[Address, ...]:
    """Those that the host has while the VIP is here; none for a method that needs none."""
    return vip.vip.addresses if capabilities_of(vip).needs_address else ()


def cleared(resource: Parameters, voice: Voice, *, removes: bool) -> bool:
    """Whether none of the resource's addresses is on this host any more.

    With `removes` what is still there is taken off: `down` can have failed before it came to that. Without a
    config that can be read, the parameter `ip` is the only address that we know of.
    """
    try:
        left = [address for address in _known(resource) if Host(None).has(address)]
        for address in left if removes else ():
            Host(None).remove(address, HOST_S)
        return not any(Host(None).has(address) for address in left)
    except VipswitchError as wrong:
        voice(wrong.message)
        return False


def _known(resource: Parameters) -> Iterator[Address]:
    """`ip` too, unless the config says that the method has none on the host: it may be the node's own."""
    try:
        there = [address for vip in read(resource).each for address in addresses_of(vip)]
    except VipswitchError:
        there = None
    if resource.address and there != []:
        yield ip_address(resource.address)
    yield from there or ()
