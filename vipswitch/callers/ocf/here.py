"""Is an address on this host: the quick answer, for the monitor that Pacemaker runs every few seconds.

The kernel gives a socket an address of this host and no other, unless it was told to give any (for proxies:
ip_nonlocal_bind). A "no" here only means: look properly.
"""

from __future__ import annotations

import _socket

_ANY_GOES = {
    _socket.AF_INET: "/proc/sys/net/ipv4/ip_nonlocal_bind",
    _socket.AF_INET6: "/proc/sys/net/ipv6/ip_nonlocal_bind",
}


def is_surely_here(address: str) -> bool:
    """Whether this host has the address; False also where that could not be told this way."""
    if not address.strip("0.:"):
        return False  # the unspecified address is any
    family = _socket.AF_INET6 if ":" in address else _socket.AF_INET
    try:
        with open(_ANY_GOES[family], "rb") as file:
            if file.read().strip() != b"0":
                return False
        probe = _socket.socket(family, _socket.SOCK_DGRAM)
        try:
            probe.bind((address, 0))
        finally:
            probe.close()
    except OSError:
        return False
    return True
