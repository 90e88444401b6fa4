"""sample_route53.py up|down NAME ZONE RECORD TTL: moves a DNS record as a simple script does.

The counter-example: `up` upserts an A record with the node's own address; `down` reads the record when it is
run and deletes what it has read, whoever that leads to.
"""

import sys
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from sample_mover import metadata, session_token


def up(route53: Any, zone: str, record: str, ttl: str) -> None:
    own = metadata("local-ipv4", session_token())
    pointing = {"Name": record, "Type": "A", "TTL": int(ttl), "ResourceRecords": [{"Value": own}]}
    change(route53, zone, "UPSERT", pointing)


def down(route53: Any, zone: str, record: str, _: str) -> None:
    found = route53.list_resource_record_sets(
        HostedZoneId=zone, StartRecordName=record, StartRecordType="A", MaxItems="1"
    )["ResourceRecordSets"]
    for seen in found:
        if (seen["Name"].rstrip("."), seen["Type"]) == (record, "A"):
            change(route53, zone, "DELETE", seen)


def change(route53: Any, zone: str, action: str, record: dict[str, Any]) -> None:
    """One change, alone in its batch."""
    batch = {"Changes": [{"Action": action, "ResourceRecordSet": record}]}
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)


def main(action: str, _: str, zone: str, record: str, ttl: str) -> int:
    act = {"up": up, "down": down}[action]
    try:
        act(boto3.client("route53"), zone, record, ttl)
    except (BotoCoreError, ClientError) as exc:
        print(f"sample: {exc}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
