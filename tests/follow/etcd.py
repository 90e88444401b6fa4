"""Real members of etcd on loopback, which can be frozen, killed and started again.

Needs `etcd` (Debian: etcd-server). Each member keeps its data in a folder; a killed one finds it again.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from etcd3gw.client import Etcd3Client
from etcd3gw.exceptions import Etcd3Exception
from etcd3gw.lease import Lease

from tests.agent.node import stands_still, until

ETCD = shutil.which("etcd")

needs_etcd = pytest.mark.skipif(ETCD is None, reason="etcd is not installed (Debian: etcd-server)")

_READY_S = 60.0


@dataclass
class Member:
    """One member; `words` are more of its command line, `scheme` is what its clients speak."""

    name: str
    folder: Path
    client_port: int
    peer_port: int
    scheme: str = "http"
    words: Sequence[str] = ()
    cluster: str = ""
    process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.client_port}"

    @property
    def peer(self) -> str:
        return f"http://127.0.0.1:{self.peer_port}"

    @property
    def log(self) -> Path:
        return self.folder / f"{self.name}.log"

    def start(self) -> None:
        """Start it; it answers when its cluster has a leader."""
        words = {
            "name": self.name,
            "data-dir": self.folder / self.name,
            "listen-client-urls": self.endpoint,
            "advertise-client-urls": self.endpoint,
            "listen-peer-urls": self.peer,
            "initial-advertise-peer-urls": self.peer,
            "initial-cluster": self.cluster or f"{self.name}={self.peer}",
            "heartbeat-interval": 100,
            "election-timeout": 1000,
        }
        command = [ETCD or "etcd", *(f"--{name}={value}" for name, value in words.items()), *self.words]
        clean = {name: value for name, value in os.environ.items() if not name.startswith("ETCD_")}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, env=clean, start_new_session=True
            )

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal; after SIGSTOP it stands still, which on a busy machine takes a moment."""
        assert self.process is not None
        pid = self.process.pid
        self.process.send_signal(number)
        assert number != signal.SIGSTOP or until(lambda: stands_still(pid))

    def kill(self) -> None:
        """SIGKILL, and wait for its end."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@dataclass
class Etcd:
    """A cluster of members, and a client for what those who elect would do."""

    members: list[Member] = field(default_factory=list)

    @property
    def endpoints(self) -> tuple[str, ...]:
        return tuple(member.endpoint for member in self.members)

    def client(self, number: int = 0) -> Etcd3Client:
        """A client of one member, over plain HTTP."""
        return Etcd3Client("127.0.0.1", self.members[number].client_port, api_path="/v3/", timeout=5.0)

    def put(self, key: str, value: str) -> None:
        """Write a key, without a lease."""
        self.client().put(key, value)

    def lend(self, key: str, value: str, *, ttl_s: int) -> Lease:
        """Write a key with a lease that nobody keeps alive; it can be revoked before its end."""
        client = self.client()
        lease = client.lease(ttl_s)
        client.put(key, value, lease=lease)
        return lease

    def ready(self, number: int = 0) -> None:
        """Wait until that member answers for the cluster."""
        end = time.monotonic() + _READY_S
        while True:
            try:
                self.client(number).get("ready")
                return
            except Etcd3Exception:
                assert time.monotonic() < end, self.members[number].log.read_text()
                time.sleep(0.05)


@contextmanager
def etcd(folder: Path, count: int) -> Iterator[Etcd]:
    """So many members that talk plain HTTP, ready."""
    ports = free_ports(2 * count)
    members = [Member(f"m{n}", folder, *ports[2 * n : 2 * n + 2]) for n in range(count)]
    for member in members:
        member.cluster = ",".join(f"{each.name}={each.peer}" for each in members)
    try:
        for member in members:
            member.start()
        cluster = Etcd(members)
        cluster.ready()
        yield cluster
    finally:
        for member in members:
            member.kill()


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on at this moment."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports: list[int] = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports
