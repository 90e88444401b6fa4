"""`python -m vipswitch.testing.aws`: the local AWS, until it is interrupted."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys

from .server import REGION, AwsCloud
from .topology import Topology, build


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m vipswitch.testing.aws", description="A local AWS.")
    parser.add_argument("--listen", default="127.0.0.1:5000", metavar="HOST:PORT")
    parser.add_argument("--nodes", type=int, default=2, help="instances to begin with; default: %(default)s")
    options = parser.parse_args(arguments)
    host, _, port = options.listen.rpartition(":")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with contextlib.suppress(KeyboardInterrupt), AwsCloud(host=host.strip("[]"), port=int(port)) as cloud:
        print(_environment(cloud), _seeds(build(cloud, nodes=options.nodes)), sep="\n", flush=True)
        signal.pause()


def _environment(cloud: AwsCloud) -> str:
    keys = "export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local"
    return f"export AWS_ENDPOINT_URL={cloud.url} AWS_DEFAULT_REGION={REGION}\n{keys}"


def _seeds(topology: Topology) -> str:
    lines = [
        f"# {node.name}: {node.instance_id} {node.interface_id} {node.private_ip}" for node in topology.nodes
    ]
    lines += [f"# clients: {client.table_id} {client.cidr}" for client in topology.clients]
    return "\n".join([*lines, f"# nodes: {topology.node_table_id}"])


if __name__ == "__main__":
    main()
