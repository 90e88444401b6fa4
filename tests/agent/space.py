"""A network namespace with one interface, for nodes that put an address on theirs."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from vipswitch.testing.fabric.namespaces import Namespace, sweep

ABLE = os.geteuid() == 0 and shutil.which("ip") is not None
UNABLE = "needs root and iproute2 for network namespaces"


@contextmanager
def one_interface(label: str) -> Iterator[Namespace]:
    """The namespace while inside; its interface is eth0, one end of a cable."""
    sweep()
    space = Namespace.create(label)
    try:
        space.ip("link", "add", "eth0", "type", "veth", "peer", "name", "far")
        space.ip("addr", "add", "10.0.1.10/24", "dev", "eth0")
        for port in ("eth0", "far"):
            space.ip("link", "set", port, "up")
        yield space
    finally:
        space.delete()
