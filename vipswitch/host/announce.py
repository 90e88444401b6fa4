"""Telling a link's neighbours that an address is here now: raw frames on an AF_PACKET socket.

Rules: the frames of `packets`, sent `count` times at once because any of them can be lost; nobody waits
for an answer, and no time is spent between them. Sources: packet(7); capabilities(7) CAP_NET_RAW.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from vipswitch.errors import ConfigError, HostError, PermissionDenied
from vipswitch.host.packets import announcements
from vipswitch.host.privilege import how_to_allow

if TYPE_CHECKING:
    from vipswitch.host.interface import Link
    from vipswitch.model import Address

COUNT = 3
_ETHERNET = "set the VIP's interface to the Ethernet interface that faces the clients"
ARPING = "/usr/local/bin/vipswitch-arping"


def announce(
    address: Address, link: Link, *, count: int = COUNT, timeout_s: float = 1.0, arping: str = ARPING
) -> None:
    """Send the announcement of `address` at `link`'s MAC, `count` times.

    `arping` is the program that the hint of PermissionDenied wants run as root instead. Raises
    ConfigError where the link has no MAC; HostError when it is down or gone.
    """
    if link.mac is None:
        raise ConfigError(f"interface {link.name}: has no MAC address to announce", hint=_ETHERNET)
    frames = announcements(address, link.mac)
    try:
        _send(frames * count, link.name, timeout_s)
    except PermissionError as exc:
        raise _denied(address, link.name, arping) from exc
    except OSError as exc:
        raise _not_sent(exc, link.name) from exc


def _send(frames: tuple[bytes, ...], name: str, timeout_s: float) -> None:
    """Protocol 0: the socket sends and never receives."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as raw:
        raw.settimeout(timeout_s)
        raw.bind((name, 0))
        for frame in frames:
            raw.send(frame)


def _denied(address: Address, name: str, arping: str) -> PermissionDenied:
    command = (arping, str(address))
    return PermissionDenied(
        f"interface {name}: announcing {address} needs CAP_NET_RAW",
        hint=f"run `sudo -n {' '.join(command)}` instead; {how_to_allow([command])}",
    )


def _not_sent(wrong: OSError, name: str) -> HostError:
    why = (wrong.strerror or str(wrong)).lower()
    return HostError(f"interface {name}: {why}", hint=f"see `ip link show dev {name}`")
