"""sample_elastic.py up|down NAME IF ALLOCATION: moves an Elastic IP as the resource agent `awseip` does.

The counter-example: `up` associates the address with the node's interface; `down` looks up, when it is run,
by which association the address is in use, and ends that one, whoever it belongs to. Behaviour:
heartbeat/awseip of ClusterLabs' resource-agents 4.
"""

import sys
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from sample_mover import own_interface


def up(ec2: Any, interface: str, allocation: str) -> None:
    ec2.associate_address(AllocationId=allocation, NetworkInterfaceId=interface, AllowReassociation=True)


def down(ec2: Any, _: str, allocation: str) -> None:
    seen = ec2.describe_addresses(AllocationIds=[allocation])["Addresses"][0]
    if "AssociationId" in seen:
        ec2.disassociate_address(AssociationId=seen["AssociationId"])


def main(action: str, _: str, device: str, allocation: str) -> int:
    act = {"up": up, "down": down}[action]
    try:
        act(boto3.client("ec2"), own_interface(device), allocation)
    except (BotoCoreError, ClientError) as exc:
        print(f"sample: {exc}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
