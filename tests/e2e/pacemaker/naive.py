"""naive ACTION: an OCF agent as scripts for a cloud's route tables are often written: the counter-example.

It makes one call and gives up; asks the API in every monitor, and takes silence for no; believes the route
before the host in a probe.
"""

import os
import subprocess
import sys

ADDRESS = dict(os.environ).get("OCF_RESKEY_ip", "")
META = """<?xml version="1.0"?>
<!DOCTYPE resource-agent SYSTEM "ra-api-1.dtd">
<resource-agent name="naive" version="1.0">
<version>1.0</version>
<longdesc lang="en">Moves a route.</longdesc>
<shortdesc lang="en">Moves a route</shortdesc>
<parameters>
<parameter name="ip">
<longdesc lang="en">VIP</longdesc><shortdesc lang="en">VIP</shortdesc><content type="string"/>
</parameter>
</parameters>
<actions>
<action name="start" timeout="60s"/><action name="stop" timeout="60s"/>
<action name="monitor" timeout="30s" interval="10s"/><action name="meta-data" timeout="5s"/>
</actions>
</resource-agent>
"""


def main(action: str) -> int:
    if action == "meta-data":
        sys.stdout.write(META)
        return 0
    try:
        return {"start": start, "stop": stop, "monitor": monitor}[action]()
    except KeyError:
        return 3
    except Exception as wrong:
        sys.stderr.write(f"ocf-exit-reason:{wrong}\n")
        return 1


def start() -> int:
    address("replace")
    for table in tables():
        route = {"RouteTableId": table, "DestinationCidrBlock": f"{ADDRESS}/32", "NetworkInterfaceId": me()}
        try:
            ec2().replace_route(**route)
        except ec2().exceptions.ClientError as wrong:
            if wrong.response["Error"]["Code"] != "InvalidParameterValue":
                raise
            ec2().create_route(**route)
    return 0


def stop() -> int:
    address("del")
    return 0


def monitor() -> int:
    for table in tables():
        found = ec2().describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"]
        mine = [route for route in found if route.get("NetworkInterfaceId") == me()]
        if not any(ADDRESS in route["DestinationCidrBlock"] for route in mine):
            return 7
    done = subprocess.run(["ip", "-o", "address"], capture_output=True, text=True)
    return 0 if f" {ADDRESS}/" in done.stdout else 7


def address(verb: str) -> None:
    subprocess.run(["ip", "address", verb, f"{ADDRESS}/32", "dev", "eth0"], check=False)


def tables() -> list[str]:
    return os.environ["NAIVE_TABLES"].split(",")


def me() -> str:
    return os.environ["NAIVE_INTERFACE"]


def ec2():
    import boto3
    from botocore.config import Config

    once = Config(retries={"total_max_attempts": 1}, connect_timeout=3, read_timeout=3)
    return boto3.client("ec2", config=once)


sys.exit(main(sys.argv[1]))
