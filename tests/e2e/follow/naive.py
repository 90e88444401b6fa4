"""naive.py VIP INTERFACE TABLE,TABLE...: as many do it: is this node a primary? Then it has the VIP.

The counter-example: whatever is not a clear yes is a no to it, also a store that is silent. Runs as a
program, on its node, until it is killed.
"""

import subprocess
import sys
import time
from http.client import HTTPConnection
from pathlib import Path

import boto3

PERIOD_S = 1.0
print("follows cluster", flush=True)


def leads() -> bool:
    """Whether the local Patroni says so."""
    connection = HTTPConnection("127.0.0.1", 8008, timeout=2.0)
    try:
        connection.request("GET", "/primary")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def take(vip: str, interface: str, tables: list[str]) -> None:
    """The address, then each route."""
    subprocess.run(["ip", "address", "add", f"{vip}/32", "dev", interface], check=True)
    ec2 = boto3.client("ec2")
    mac = Path(f"/sys/class/net/{interface}/address").read_text().strip()
    found = ec2.describe_network_interfaces(Filters=[{"Name": "mac-address", "Values": [mac]}])
    mine = found["NetworkInterfaces"][0]["NetworkInterfaceId"]
    for table in tables:
        there = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"]
        known = any(route.get("DestinationCidrBlock") == f"{vip}/32" for route in there)
        (ec2.replace_route if known else ec2.create_route)(
            RouteTableId=table, DestinationCidrBlock=f"{vip}/32", NetworkInterfaceId=mine
        )


def main(vip: str, interface: str, tables: str) -> None:
    has = False
    while True:
        if leads() and not has:
            take(vip, interface, tables.split(","))
            has = True
        elif has and not leads():
            subprocess.run(["ip", "address", "del", f"{vip}/32", "dev", interface], check=False)
            has = False
        time.sleep(PERIOD_S)


if __name__ == "__main__":
    main(*sys.argv[1:])
