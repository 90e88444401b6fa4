"""floor.py VIP TABLE INTERFACE: the least that boto3 can do: one client, one call, nothing checked."""

import sys

import boto3

vip, table, interface = sys.argv[1:]
boto3.client("ec2").replace_route(
    RouteTableId=table, DestinationCidrBlock=f"{vip}/32", NetworkInterfaceId=interface
)
