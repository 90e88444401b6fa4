"""sample_secondary.py up|down ADDRESS IF: moves a secondary private address as a simple script does.

The counter-example: `up` takes the address from whoever has it; `down` takes it off the interface that has it
when it is run, whoever that belongs to.
"""

import sys

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from sample_mover import ip, own_interface


def up(address: str, device: str) -> None:
    boto3.client("ec2").assign_private_ip_addresses(
        NetworkInterfaceId=own_interface(device), PrivateIpAddresses=[address], AllowReassignment=True
    )
    ip("addr", "add", f"{address}/32", "dev", device)


def down(address: str, device: str) -> None:
    ip("addr", "del", f"{address}/32", "dev", device)
    ec2 = boto3.client("ec2")
    wanted = [{"Name": "addresses.private-ip-address", "Values": [address]}]
    for holder in ec2.describe_network_interfaces(Filters=wanted)["NetworkInterfaces"]:
        ec2.unassign_private_ip_addresses(
            NetworkInterfaceId=holder["NetworkInterfaceId"], PrivateIpAddresses=[address]
        )


def main(action: str, address: str, device: str) -> int:
    act = {"up": up, "down": down}[action]
    try:
        act(address, device)
    except (BotoCoreError, ClientError) as exc:
        print(f"sample: {exc}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
