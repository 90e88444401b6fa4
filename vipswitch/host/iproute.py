"""What `ip -json addr show` prints, where netlink is kept from this process and not from `ip`.

That is what a security module does that moves `ip` to a domain of its own (SELinux).
"""

from __future__ import annotations

import json
from ipaddress import ip_interface
from typing import Any

from vipswitch.errors import HostError
from vipswitch.host.interface import Link
from vipswitch.host.privilege import Runner


def print_links(runner: Runner) -> tuple[Link, ...]:
    """All links with all their addresses, in the order of `ip`. Raises HostError."""
    printed = runner.read("-json", "addr", "show")
    try:
        return parse_links(printed)
    except (ValueError, KeyError, TypeError) as exc:
        raise HostError(
            f"{runner.ip} -json addr show: not the expected JSON", hint="install iproute2 4.14 or later"
        ) from exc


def parse_links(printed: str) -> tuple[Link, ...]:
    """The links in the output of `ip -json addr show`. Raises ValueError, KeyError or TypeError."""
    return tuple(_link(raw) for raw in json.loads(printed))


def _link(raw: dict[str, Any]) -> Link:
    return Link(
        name=raw["ifname"],
        mac=raw["address"].lower() if raw.get("link_type") == "ether" else None,
        addresses=tuple(ip_interface((a["local"], a["prefixlen"])) for a in raw["addr_info"] if "local" in a),
        up={"UP", "LOWER_UP"} <= set(raw["flags"]),
        altnames=tuple(raw.get("altnames", ())),
        master=raw.get("master"),
    )
