"""Where the objects are built: from one VIP's config to a switch that can carry out orders.

The only module that knows the host, the providers and the folders at once.
"""

from __future__ import annotations

from pathlib import Path
from typing import cast

from vipswitch.config import Config, VipConfig
from vipswitch.deadline import Clock, SystemClock
from vipswitch.folders import cache_folder, run_folder
from vipswitch.host import Host
from vipswitch.model import NodeId
from vipswitch.orders import OrderBook
from vipswitch.provider import Provider, load
from vipswitch.result import Observer
from vipswitch.switch import Switch


class ThisMachine:
    """What a provider may ask about the machine it runs on."""

    def __init__(self, host: Host, cache: Path, node: NodeId | None) -> None:
        self._host = host
        self._cache = cache
        self._node = node

    def mac(self) -> str:
        """The MAC of the VIP's interface."""
        return self._host.mac()

    def cache(self) -> Path:
        """The folder for what may be forgotten."""
        return self._cache

    def node(self) -> NodeId | None:
        """The node id from the config."""
        return self._node


def provider_for(vip: VipConfig, host: Host, cache: Path) -> Provider:
    """The provider of one VIP; does no I/O."""
    make = load(vip.provider)
    return cast(Provider, make(vip.settings, vip.vip, ThisMachine(host, cache, vip.node)))


def switch_for(
    found: Config, vip: VipConfig, observer: Observer, *, clock: Clock | None = None, only_looks: bool = False
) -> Switch:
    """The switch of one VIP. Raises HostError when no folder for orders can be used.

    One that `only_looks` takes no orders and makes no folders: made by root, they would shut out the
    hooks of the postgres user.
    """
    clock = clock or SystemClock()
    run = run_folder(found.tool.run_dir, make=not only_looks)
    host = host_for(vip)
    return Switch(
        vip.vip,
        provider_for(vip, host, cache_folder(run, make=not only_looks)),
        host,
        orders=OrderBook(run, clock),
        clock=clock,
        observer=observer,
    )


def host_for(vip: VipConfig) -> Host:
    """The host side of one VIP."""
    return Host(vip.interface)
