"""naive.py VIP IF rtb[,rtb...] ACTION ROLE SCOPE: a callback as people write it.

The counter-example: a leader puts the address on and points each route to itself; everybody else takes the
address off. It never asks whether it is still wanted: what it has sent when Patroni kills it takes effect.
"""

import sys

from botocore.exceptions import ClientError

from tests.e2e.sample_mover import client, ip, own_interface


def lead(vip: str, device: str, tables: list[str]) -> int:
    ip("addr", "add", f"{vip}/32", "dev", device)
    interface, ec2 = own_interface(device), client()
    for table in tables:
        target = {"RouteTableId": table, "DestinationCidrBlock": f"{vip}/32", "NetworkInterfaceId": interface}
        try:
            ec2.replace_route(**target)
        except ClientError:
            ec2.create_route(**target)
    return 0


def main(vip: str, device: str, tables: str, action: str, role: str, scope: str) -> int:
    if action != "on_stop" and role in ("master", "primary"):
        return lead(vip, device, tables.split(","))
    return ip("addr", "del", f"{vip}/32", "dev", device)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
