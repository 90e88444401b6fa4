"""sample_gcp_route.py up|down VIP IF NETWORK: moves a VIP as gcp-vpc-move-route does.

The counter-example: there is one route, of a fixed name. `up` deletes it, whoever it leads to, and then
inserts its own, as nothing can replace a route; `down` looks whether it leads here, and deletes it by name.
Behaviour: gcp-vpc-move-route of ClusterLabs' resource-agents.
"""

import os
import sys

from sample_gcp import Compute, own_instance
from sample_mover import ip

COLLECTION = "global/routes"
ROUTE = f"{COLLECTION}/vip"


def up(api: Compute, vip: str, device: str, network: str) -> None:
    if api.get(ROUTE):
        api.write("DELETE", ROUTE)
    hop = {"network": network, "nextHopInstance": f"projects/{os.environ['GCP_PROJECT']}/{own_instance()}"}
    api.write("POST", COLLECTION, {"name": "vip", "destRange": f"{vip}/32", "priority": 1000, **hop})
    ip("addr", "add", f"{vip}/32", "dev", device)


def down(api: Compute, vip: str, device: str, network: str) -> None:
    ip("addr", "del", f"{vip}/32", "dev", device)
    if api.get(ROUTE).get("nextHopInstance", "").endswith(own_instance()):
        api.write("DELETE", ROUTE)


def main(action: str, vip: str, device: str, network: str) -> int:
    act = {"up": up, "down": down}[action]
    try:
        act(Compute(), vip, device, network)
    except OSError as exc:
        print(f"sample: {exc}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
