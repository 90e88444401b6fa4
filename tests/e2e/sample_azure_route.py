"""sample_azure_route.py up|down VIP IF TABLE[,TABLE...]: moves a VIP as scripts around `az` do.

The counter-example: `up` writes each route, one table after the other, without If-Match; `down` deletes the
routes, whoever they lead to.
"""

import subprocess
import sys
from urllib.error import URLError

from sample_azure import Arm
from sample_mover import ip


def up(arm: Arm, vip: str, device: str, tables: list[str]) -> None:
    hop = {"nextHopType": "VirtualAppliance", "nextHopIpAddress": own_address(vip, device)}
    for table in tables:
        arm.put(route(table), {"properties": {"addressPrefix": f"{vip}/32", **hop}})
    ip("addr", "add", f"{vip}/32", "dev", device)


def down(arm: Arm, vip: str, device: str, tables: list[str]) -> None:
    ip("addr", "del", f"{vip}/32", "dev", device)
    for table in tables:
        arm.delete(route(table))


def route(table: str) -> str:
    return f"routeTables/{table}/routes/vip"


def own_address(vip: str, device: str) -> str:
    """The first address of the device that is not the VIP."""
    told = subprocess.run(["ip", "-4", "-o", "addr", "show", "dev", device], capture_output=True, text=True)
    found = [line.split()[3].partition("/")[0] for line in told.stdout.splitlines()]
    return next(address for address in found if address != vip)


def main(action: str, vip: str, device: str, tables: str) -> int:
    act = {"up": up, "down": down}[action]
    try:
        act(Arm(), vip, device, tables.split(","))
    except URLError as exc:
        print(f"sample: {exc}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
