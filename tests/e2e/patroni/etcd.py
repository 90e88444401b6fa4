"""etcd on the nodes, each in its namespace, with the settings of an example's `etcd.conf`.

Rules: the example has the settings of its first node; what names that node or a path is replaced here and
nowhere else. Elections are as fast as on one machine they can be.
"""

import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from tests.e2e.patroni.envfile import read
from vipswitch.testing.fabric.host import Host

CLIENT_PORT = 2379
_FAST = {"ETCD_HEARTBEAT_INTERVAL": "100", "ETCD_ELECTION_TIMEOUT": "1000", "ETCD_LOG_LEVEL": "warn"}


class Etcd:
    """One member; started again it goes on with the data that it has."""

    def __init__(self, host: Host, name: str, example: Path, folder: Path) -> None:
        self.host = host
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True)
        theirs = read(example / "etcd.conf")
        first, here = theirs["ETCD_LISTEN_PEER_URLS"], f"http://{host.address}:2380"
        old = first.removeprefix("http://").partition(":")[0]
        urls = {key: value.replace(old, str(host.address)) for key, value in theirs.items() if "URLS" in key}
        assert urls["ETCD_LISTEN_PEER_URLS"] == here
        own = {"ETCD_NAME": name, "ETCD_DATA_DIR": str(folder / "data")}
        self._env = {**theirs, **urls, **own, **_FAST}

    @property
    def log(self) -> str:
        """What it has logged, in all its lives."""
        return (self._folder / "etcd.log").read_text(errors="replace")

    def start(self) -> None:
        """Start it; it serves once most of them run."""
        with (self._folder / "etcd.log").open("ab") as log:
            self._process = self.host.namespace.popen(["/usr/bin/etcd"], env=self._env, output=log)

    def kill(self) -> None:
        """SIGKILL, and wait for its end."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def serves(self) -> bool:
        """Whether it takes part in a cluster that has a leader."""
        return bool(self.host.namespace.inside(lambda: _healthy(str(self.host.address))))


def wait_for(members: Sequence[Etcd], *, within_s: float = 15.0) -> None:
    """Wait until all of them serve; TimeoutError."""
    deadline = time.monotonic() + within_s
    while not all(member.serves() for member in members):
        if time.monotonic() > deadline:
            raise TimeoutError(f"no etcd cluster\n{members[0].log[-2000:]}")
        time.sleep(0.1)


def _healthy(address: str) -> bool:
    import http.client

    connection = http.client.HTTPConnection(address, CLIENT_PORT, timeout=1.0)
    try:
        connection.request("GET", "/health")
        return b'"true"' in connection.getresponse().read()
    except OSError:
        return False
    finally:
        connection.close()
