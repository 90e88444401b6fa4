"""sample_azure_nic.py up|down ADDRESS IF NIC[,NIC...]: moves an address as scripts around `az` do.

The counter-example: both read all interfaces first, and write what they have read then, without If-Match.
`up` takes the address off whoever has it; `down` takes it off the interface that has it when it is run,
whoever that belongs to.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import URLError

from sample_azure import Arm
from sample_mover import ip

Nics = dict[str, dict[str, Any]]


def up(arm: Arm, address: str, device: str, names: list[str]) -> None:
    nics = read(arm, names)
    for name in holders(nics, address):
        arm.put(name, without(nics[name], address))
    own = next(name for name in nics if mac(nics[name]) == mac_of(device))
    arm.put(own, given(nics[own], address))
    ip("addr", "add", f"{address}/32", "dev", device)


def down(arm: Arm, address: str, device: str, names: list[str]) -> None:
    ip("addr", "del", f"{address}/32", "dev", device)
    nics = read(arm, names)
    for name in holders(nics, address):
        arm.put(name, without(nics[name], address))


def read(arm: Arm, names: list[str]) -> Nics:
    return {name: arm.get(name) for name in (f"networkInterfaces/{each}" for each in names)}


def holders(nics: Nics, address: str) -> Iterator[str]:
    """The interfaces that have the address."""
    for name, nic in nics.items():
        found = [each["properties"]["privateIPAddress"] for each in configurations(nic)]
        if address in found:
            yield name


def without(nic: dict[str, Any], address: str) -> dict[str, Any]:
    kept = [each for each in configurations(nic) if each["properties"]["privateIPAddress"] != address]
    return {**nic, "properties": {**nic["properties"], "ipConfigurations": kept}}


def given(nic: dict[str, Any], address: str) -> dict[str, Any]:
    first = configurations(nic)[0]["properties"]
    properties = {
        "privateIPAddress": address,
        "privateIPAllocationMethod": "Static",
        "primary": False,
        "subnet": first["subnet"],
    }
    more = [*configurations(nic), {"name": "vip", "properties": properties}]
    return {**nic, "properties": {**nic["properties"], "ipConfigurations": more}}


def configurations(nic: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = nic["properties"]["ipConfigurations"]
    return found


def mac(nic: dict[str, Any]) -> str:
    return str(nic["properties"]["macAddress"]).replace("-", ":").lower()


def mac_of(device: str) -> str:
    return Path("/sys/class/net", device, "address").read_text().strip()


def main(action: str, address: str, device: str, names: str) -> int:
    act = {"up": up, "down": down}[action]
    try:
        act(Arm(), address, device, names.split(","))
    except URLError as exc:
        print(f"sample: {exc}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
