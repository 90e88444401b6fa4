"""sample_gcp_alias.py up|down ADDRESS IF INSTANCE[,INSTANCE...]: moves an alias as scripts do.

The counter-example: each write is made from what is found right before it, so that its fingerprint is always
the right one and says nothing. `up` takes the address off whoever has it; `down` takes it off the instance
that has it when it is run, whoever that belongs to. Instances are named from their zones on.
"""

import sys
from typing import Any

from sample_gcp import Compute, own_instance
from sample_mover import ip

Ranges = list[dict[str, Any]]


def up(api: Compute, address: str, device: str, instances: list[str]) -> None:
    take_off(api, address, instances)
    own = own_instance()
    write(api, own, [*ranges(api, own), {"ipCidrRange": f"{address}/32"}])
    ip("addr", "add", f"{address}/32", "dev", device)


def down(api: Compute, address: str, device: str, instances: list[str]) -> None:
    ip("addr", "del", f"{address}/32", "dev", device)
    take_off(api, address, instances)


def take_off(api: Compute, address: str, instances: list[str]) -> None:
    """From whoever has it."""
    for instance in instances:
        found = ranges(api, instance)
        kept = [each for each in found if each["ipCidrRange"].removesuffix("/32") != address]
        if kept != found:
            write(api, instance, kept)


def ranges(api: Compute, instance: str) -> Ranges:
    found: Ranges = nic(api, instance).get("aliasIpRanges", [])
    return found


def write(api: Compute, instance: str, wanted: Ranges) -> None:
    body = {"aliasIpRanges": wanted, "fingerprint": nic(api, instance)["fingerprint"]}
    api.write("PATCH", f"{instance}/updateNetworkInterface?networkInterface=nic0", body)


def nic(api: Compute, instance: str) -> dict[str, Any]:
    found: dict[str, Any] = api.get(instance)["networkInterfaces"][0]
    return found


def main(action: str, address: str, device: str, instances: str) -> int:
    act = {"up": up, "down": down}[action]
    try:
        act(Compute(), address, device, instances.split(","))
    except OSError as exc:
        print(f"sample: {exc}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
