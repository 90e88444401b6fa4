"""naive.py LOG IF rtb[,rtb...] VIP [STATE]: moves a VIP as notify scripts that people share do.

The counter-example: a master adds the address and replaces each route; any other state deletes the address.
It looks at nothing, waits for nobody, and takes the states as they come. Its runs are noted in LOG as the
lab's recorder does. Appended by keepalived: INSTANCE NAME STATE PRIORITY.
"""

import json
import os
import subprocess
import sys
import time

from tests.e2e.sample_mover import client, own_interface

VIP = "10.99.0.50"


def note(log: str, **event: object) -> None:
    line = {"at": time.monotonic(), "pid": os.getpid(), "caller_started": None, **event}
    with open(log, "a") as file:
        file.write(json.dumps(line) + "\n")


def master(device: str, tables: list[str]) -> None:
    subprocess.run(["ip", "address", "add", f"{VIP}/32", "dev", device], stderr=subprocess.DEVNULL)
    interface, ec2 = own_interface(device), client()
    for table in tables:
        route = {"RouteTableId": table, "DestinationCidrBlock": f"{VIP}/32", "NetworkInterfaceId": interface}
        try:
            ec2.replace_route(**route)
        except ec2.exceptions.ClientError:
            ec2.create_route(**route)


def leave(device: str) -> None:
    subprocess.run(["ip", "address", "del", f"{VIP}/32", "dev", device], stderr=subprocess.DEVNULL)


def main(log: str, device: str, tables: str, *words: str) -> None:
    up = "MASTER" in words
    note(log, event="start", hook="up" if up else "down")
    if up:
        master(device, tables.split(","))
    else:
        leave(device)
    note(log, event="end", hook="up" if up else "down", code=0)


if __name__ == "__main__":
    main(*sys.argv[1:])
