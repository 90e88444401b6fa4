"""`python -m vipswitch.testing.gcp`: the local Google Cloud, until it is interrupted."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys

from .server import GcpCloud
from .topology import Topology, build


def main(arguments: list[str] | None = None) -> None:
    about = "A local Google Cloud."
    parser = argparse.ArgumentParser(prog="python -m vipswitch.testing.gcp", description=about)
    parser.add_argument("--listen", default="127.0.0.1:5002", metavar="HOST:PORT")
    parser.add_argument("--nodes", type=int, default=2, help="instances to begin with; default: %(default)s")
    parser.add_argument("--operation", type=float, metavar="S", help="seconds that a write goes on for")
    options = parser.parse_args(arguments)
    host, _, port = options.listen.rpartition(":")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    cloud = GcpCloud(host=host.strip("[]"), port=int(port), operation_s=options.operation)
    with contextlib.suppress(KeyboardInterrupt), cloud:
        print(_endpoints(cloud), _seeds(build(cloud, nodes=options.nodes)), sep="\n", flush=True)
        signal.pause()


def _endpoints(cloud: GcpCloud) -> str:
    return f"endpoint = {cloud.url}\nca_file = {cloud.ca_file}\nproject = {cloud.project}"


def _seeds(topology: Topology) -> str:
    lines = [
        f"# {node.name}: {node.instance} {node.private_ip} metadata {node.metadata_url}"
        for node in topology.nodes
    ]
    lines += [f"# clients: {client.cidr}" for client in topology.clients]
    return "\n".join([*lines, f"# network: {topology.network}"])


if __name__ == "__main__":
    main()
