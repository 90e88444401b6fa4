"""What else puts the VIP's address on this host by itself, in images for Azure.

cloud-init writes all addresses that the metadata service shows at boot into the network configuration, so
that a node that held the VIP then has it on its interface for good: whatever it sends there never leaves
it. nm-cloud-setup does the same every few minutes while it runs. Azure's own agent, waagent, leaves
addresses alone.
Source: cloud-init docs, "Azure", "Network configuration"; NetworkManager docs, nm-cloud-setup(8).
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from ipaddress import ip_address
from pathlib import Path

from vipswitch.model import Address
from vipswitch.provider import Finding, Level

CLOUD_INIT = (
    Path("/etc/netplan/50-cloud-init.yaml"),
    Path("/etc/network/interfaces.d/50-cloud-init"),
    Path("/etc/sysconfig/network-scripts"),
    Path("/etc/NetworkManager/system-connections"),
)
"""Where cloud-init writes addresses."""

NM_CLOUD_SETUP = Path("/etc/systemd/system/timers.target.wants/nm-cloud-setup.timer")
"""There while nm-cloud-setup is switched on."""

_STOP_CLOUD_INIT = (
    "put `network: {config: disabled}` into a file of /etc/cloud/cloud.cfg.d/, then take the address out of"
    " what cloud-init has written"
)


def interference(
    addresses: Sequence[Address],
    written: Sequence[Path] = CLOUD_INIT,
    timer: Path = NM_CLOUD_SETUP,
) -> Iterator[Finding]:
    """A finding for each file that has the VIP's address, and one for nm-cloud-setup where it is on."""
    for file in (each for path in written for each in _files(path)):
        if found := [str(address) for address in addresses if address in _named_in(file)]:
            message = f"{file} sets {', '.join(found)} at boot, whoever holds it then"
            yield Finding(Level.ERROR, "host", message, _STOP_CLOUD_INIT)
    if timer.exists():
        message = "nm-cloud-setup is on: it too sets addresses, by what the metadata service shows"
        fix = "systemctl disable --now nm-cloud-setup.timer nm-cloud-setup.service"
        yield Finding(Level.WARNING, "host", message, fix)


def _files(path: Path) -> list[Path]:
    try:
        return sorted(path.iterdir()) if path.is_dir() else [path]
    except OSError:
        return []


def _named_in(file: Path) -> set[Address]:
    """Every address that stands in a file; none in one that cannot be read."""
    try:
        text = file.read_text(errors="replace")
    except OSError:
        return set()
    found: set[Address] = set()
    for word in re.findall(r"[0-9a-fA-F:.]+", text):
        with contextlib.suppress(ValueError):
            found.add(ip_address(word))
    return found
