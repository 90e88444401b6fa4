"""A client with a warm connection that writes when told to: run by test_late_writes inside a node.

    late_client.py KIND TABLE INTERFACE DEADLINE_S GO

KIND is `vipswitch`, or `planted`: plain boto3, whose sockets have no options. Says "warm" on stdout after
its first read, waits for the file GO, says "writing" and claims the route.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path

from tests.unit.providers.aws.rig import StubMachine, soon
from vipswitch.model import NodeId, Vip
from vipswitch.providers.aws.route_table.provider import AwsRouteTable
from vipswitch.providers.aws.route_table.settings import TableId

VIP = ip_address("10.99.0.50")


def vipswitch(table: str, interface: str, deadline_s: float) -> Callable[[], object]:
    """The provider under test, warm."""
    settings = AwsRouteTable.Settings(route_tables=(TableId(table),))
    machine = StubMachine("02:00:00:00:00:01", Path("/nonexistent"), NodeId(interface))
    provider = AwsRouteTable(settings, Vip("primary", (VIP,)), machine)
    [place] = provider.places
    provider.read([place], soon())
    return lambda: provider.claim(place, NodeId(interface), None, soon(deadline_s))


def planted(table: str, interface: str, deadline_s: float) -> Callable[[], object]:
    """boto3 as it comes, warm, with the same limit on time."""
    import boto3
    from botocore.config import Config

    config = Config(read_timeout=deadline_s, connect_timeout=deadline_s, retries={"total_max_attempts": 1})
    ec2 = boto3.client("ec2", config=config)
    ec2.describe_route_tables(RouteTableIds=[table])
    return lambda: ec2.replace_route(
        RouteTableId=table, NetworkInterfaceId=interface, DestinationCidrBlock=f"{VIP}/32"
    )


def main(kind: str, table: str, interface: str, deadline_s: str, go: str) -> None:
    """Warm up, wait, write."""
    make = {"vipswitch": vipswitch, "planted": planted}[kind]
    write = make(table, interface, float(deadline_s))
    print("warm", flush=True)
    while not Path(go).exists():
        time.sleep(0.01)
    print("writing", flush=True)
    write()


if __name__ == "__main__":
    main(*sys.argv[1:])
