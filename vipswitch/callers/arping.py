"""Pgpool-II's `arping_cmd`: announces the VIP where that reaches anybody, else costs next to nothing.

A cloud's network ignores gratuitous ARP, but Pgpool-II insists on a command, and takes an empty
setting for a failure. So this module loads neither the switch nor the host until there is something to
announce.
"""

from __future__ import annotations

import sys

from vipswitch.callers.process import detach, say
from vipswitch.callers.words import one_address
from vipswitch.config import VipConfig
from vipswitch.edge import guarded
from vipswitch.errors import Lost
from vipswitch.selection import capabilities_of, selected


def arping() -> int:
    """Announce the VIP again; the executable behind `arping_cmd`."""
    detach()
    return guarded(_arping, say)


def _arping() -> int:
    _, vips = selected(one_address("arping", sys.argv[1:]))
    for vip in vips:
        if capabilities_of(vip).announces:
            announce(vip)
    return 0


def announce(vip: VipConfig) -> None:
    """Tell the neighbours where each address of the VIP is.

    One that is not on this host is not announced: it would lead the neighbours away from whoever has it.
    Raises Lost, ConfigError, HostError, PermissionDenied.
    """
    from vipswitch.host import Host  # not loaded for cloud methods

    host = Host(vip.interface)
    host.link()  # a wrong interface is told as one
    for address in vip.vip.addresses:
        if not host.has(address):
            raise Lost(f"{address}: not on this host, so it is not announced", hint="see `vipswitch status`")
        host.announce(address)
