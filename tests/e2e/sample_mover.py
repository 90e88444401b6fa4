"""sample_mover.py up|down VIP IF rtb[,rtb...]: moves a VIP as the AWS sample that Pgpool-II ships does.

The counter-example: it has the sample's order of steps and its faults. `up` creates each route, and on any
error replaces it, one table after the other, and fails if the address is there already; `down` deletes the
routes, whoever they lead to; the SDK's own timeouts and retries are all it has. Behaviour: aws_rtb_if_cmd.sh
of Pgpool-II 4.4 to 4.7.
"""

import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

METADATA = "http://169.254.169.254/latest"


def metadata(path: str, token: str) -> str:
    """One document of the instance metadata service."""
    request = urllib.request.Request(
        f"{METADATA}/meta-data/{path}", headers={"X-aws-ec2-metadata-token": token}
    )
    with urllib.request.urlopen(request) as answer:
        return str(answer.read().decode())


def session_token() -> str:
    """What the metadata service wants to see before it tells anything."""
    headers = {"X-aws-ec2-metadata-token-ttl-seconds": "21600"}
    request = urllib.request.Request(f"{METADATA}/api/token", method="PUT", headers=headers)
    with urllib.request.urlopen(request) as answer:
        return str(answer.read().decode())


def own_interface(device: str) -> str:
    """The ENI of a device, by its MAC."""
    mac = Path("/sys/class/net", device, "address").read_text().strip()
    return metadata(f"network/interfaces/macs/{mac}/interface-id", session_token())


def ip(*words: str) -> int:
    return subprocess.run(["ip", *words], stdout=subprocess.DEVNULL).returncode


def client() -> Any:
    """Made where the script first runs the command line tool: its import takes as long."""
    import boto3

    return boto3.client("ec2")


def move(ec2: Any, table: str, route: str, interface: str) -> None:
    """Create, else replace."""
    target = {"RouteTableId": table, "DestinationCidrBlock": route, "NetworkInterfaceId": interface}
    try:
        ec2.create_route(**target)
    except (BotoCoreError, ClientError):
        ec2.replace_route(**target)


def up(vip: str, device: str, tables: list[str]) -> int:
    interface, ec2 = own_interface(device), client()
    try:
        for table in tables:
            move(ec2, table, f"{vip}/32", interface)
    except (BotoCoreError, ClientError) as exc:
        print(f"sample: {exc}", file=sys.stderr)
        return 1
    return 1 if ip("addr", "add", f"{vip}/32", "dev", device, "label", f"{device}:1") else 0


def down(vip: str, device: str, tables: list[str]) -> int:
    own_interface(device)
    ip("addr", "del", f"{vip}/32", "dev", device)
    ec2 = client()
    for table in tables:
        try:
            ec2.delete_route(RouteTableId=table, DestinationCidrBlock=f"{vip}/32")
        except (BotoCoreError, ClientError) as exc:
            print(f"sample: {exc}", file=sys.stderr)
    return 0


def main(action: str, vip: str, device: str, tables: str) -> int:
    act = {"up": up, "down": down}[action]
    return act(vip, device, tables.split(","))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
