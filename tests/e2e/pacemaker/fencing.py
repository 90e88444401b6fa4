"""Fencing in the lab: an agent on each node asks the lab, which crashes the machine and notes it.

Rules: a request is one line over a Unix socket in the lab's folder, answered when the machine is gone; one
that is gone stays so. Source: FenceAgentAPI.md of fence-agents.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

INSTALLED = "/usr/sbin/fence_lab"
SOCKET = "VIPSWITCH_LAB_FENCER"


@dataclass(frozen=True, slots=True)
class Fencing:
    """A node was fenced at this moment."""

    at: float
    node: str


@contextmanager
def fencer(path: Path, crash: Callable[[str], None]) -> Iterator[list[Fencing]]:
    """Serves the agents, in a list that grows until the end."""
    fenced: list[Fencing] = []
    with socket.socket(socket.AF_UNIX) as desk:
        desk.bind(str(path))
        desk.listen()
        thread = threading.Thread(target=_serve, args=(desk, crash, fenced), daemon=True)
        thread.start()
        try:
            yield fenced
        finally:
            desk.shutdown(socket.SHUT_RDWR)
            thread.join()


def _serve(desk: socket.socket, crash: Callable[[str], None], fenced: list[Fencing]) -> None:
    while True:
        try:
            peer, _ = desk.accept()
        except OSError:
            return
        with peer:
            node = peer.recv(256).decode().strip()
            fenced.append(Fencing(time.monotonic(), node))
            crash(node)
            try:
                peer.sendall(b"done\n")
            except OSError:
                continue  # whoever asked has been fenced himself
