"""`validate-all` and `reload-agent`: whether the configuration makes sense on this node. Asks no cloud.

A reload has nothing else to do: nothing of ours runs between two actions.
"""

from __future__ import annotations

from importlib.util import find_spec
from ipaddress import ip_address

from vipswitch.callers.ocf import codes
from vipswitch.callers.ocf.nic import refuse_another_nic
from vipswitch.callers.ocf.parameters import Parameters
from vipswitch.callers.ocf.vips import Vips, read
from vipswitch.callers.ocf.voice import Voice
from vipswitch.edge import lines
from vipswitch.errors import VipswitchError

_SDKS = {"aws": "boto3", "azure": "azure.identity", "gcp": "google.auth"}


def validate(resource: Parameters, voice: Voice) -> int:
    """SUCCESS, or what is wrong. Raises Wrong."""
    try:
        found = read(resource)
    except VipswitchError as wrong:
        for line in lines(wrong):
            voice(line)
        return codes.ARGS
    _refuse_another_address(resource, found)
    _refuse_without_sdk(found)
    if resource.nic:
        refuse_another_nic(resource)
    return codes.SUCCESS


def _refuse_another_address(resource: Parameters, found: Vips) -> None:
    if not resource.address:
        return
    here = [address for vip in found.each for address in vip.vip.addresses]
    if ip_address(resource.address) not in here:
        told = ", ".join(map(str, here)) or "no address: leave ip out"
        raise codes.Wrong(codes.ARGS, f"ip: is {resource.address}, but {resource.name} has {told}")


def _refuse_without_sdk(found: Vips) -> None:
    for cloud in dict.fromkeys(vip.provider.partition("-")[0] for vip in found.each):
        package = _SDKS.get(cloud)
        if package and not _installed(package):
            raise codes.Wrong(codes.INSTALLED, f"{package}: not installed; pip install 'vipswitch[{cloud}]'")


def _installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ModuleNotFoundError:
        return False
