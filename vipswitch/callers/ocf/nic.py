"""The parameter `nic` of IPaddr2: the config says where the address goes, and `nic` must say the same.

The config is what the agent of this node goes by. Given both, a difference is a mistake that would otherwise
show as an address on the wrong network.
"""

from __future__ import annotations

import os
import tomllib

from vipswitch.callers.ocf import codes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from vipswitch.callers.ocf.parameters import Parameters


def refuse_another_nic(resource: Parameters) -> None:
    """Raises Wrong where `nic` is not the interface that the config means."""
    if not _says_the_same(resource):
        _compare(resource)


def _says_the_same(resource: Parameters) -> bool:
    """Whether the config has the very word, as it should: found out without reading all of it with care."""
    path = resource.config or os.environ.get("VIPSWITCH_CONFIG") or "/etc/vipswitch/vipswitch.toml"
    try:
        with open(path, "rb") as file:
            vips = tomllib.load(file).get("vip", {})
        found = [
            vip
            for name, vip in vips.items()
            if name == resource.name or resource.address in _list(vip.get("address"))
        ]
    except (OSError, ValueError, AttributeError):
        return False
    return bool(found) and all(vip.get("interface") == resource.nic for vip in found)


def _list(address: object) -> list[object]:
    return address if isinstance(address, list) else [address]


def _compare(resource: Parameters) -> None:
    """Look which interfaces the two mean: the config may name one by its MAC, or leave it to the route."""
    from vipswitch.callers.ocf.vips import read
    from vipswitch.errors import VipswitchError
    from vipswitch.host import Host

    try:
        wanted = Host(resource.nic).link().name
        vips = read(resource).each
        others = {vip.vip.name: Host(vip.interface).link().name for vip in vips}
    except VipswitchError as wrong:
        raise codes.Wrong(codes.ARGS, wrong.message) from wrong
    for name, other in others.items():
        if other != wanted:
            hint = f'write interface = "{resource.nic}" into [vip.{name}]'
            raise codes.Wrong(codes.ARGS, f"nic: is {resource.nic}, but {name} belongs on {other}; {hint}")
