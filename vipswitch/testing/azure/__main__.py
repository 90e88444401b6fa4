"""`python -m vipswitch.testing.azure`: the local Azure, until it is interrupted."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys

from .server import AzureCloud
from .topology import Topology, build


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m vipswitch.testing.azure", description="A local Azure.")
    parser.add_argument("--listen", default="127.0.0.1:5001", metavar="HOST:PORT")
    parser.add_argument("--nodes", type=int, default=2, help="machines to begin with; default: %(default)s")
    parser.add_argument("--operation", type=float, metavar="S", help="seconds that a write goes on for")
    options = parser.parse_args(arguments)
    host, _, port = options.listen.rpartition(":")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    cloud = AzureCloud(host=host.strip("[]"), port=int(port), operation_s=options.operation)
    with contextlib.suppress(KeyboardInterrupt), cloud:
        print(_endpoints(cloud), _seeds(build(cloud, nodes=options.nodes)), sep="\n", flush=True)
        signal.pause()


def _endpoints(cloud: AzureCloud) -> str:
    return f"endpoint = {cloud.url}\nca_file = {cloud.ca_file}\nsubscription = {cloud.subscription}"


def _seeds(topology: Topology) -> str:
    lines = [
        f"# {node.name}: {node.nic} {node.private_ip} metadata {node.metadata_url}" for node in topology.nodes
    ]
    lines += [f"# clients: {client.table} {client.cidr}" for client in topology.clients]
    return "\n".join([*lines, f"# nodes: {topology.node_table}"])


if __name__ == "__main__":
    main()
