"""keepalived on the nodes of a lab, each in its node's namespace with files of its own.

Rules: namespaces divide the network, not the file system, so pid files lie in the node's folder. It runs in
the foreground and in a session of its own; its scripts have process groups of their own, so killing them all
goes by parents. It is ended by its pid. Source: keepalived(8).
"""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from vipswitch.testing.fabric.host import Host

PROGRAM = shutil.which("keepalived", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") or "keepalived"
MASTER, BACKUP, FAULT = "MASTER", "BACKUP", "FAULT"


class Keepalived:
    """One node; started again after its end it goes on in the same log.

    `config_id` chooses the lines of the config that are this node's; `env` is all of its environment, which
    its scripts inherit.
    """

    def __init__(self, host: Host, folder: Path, config: str, env: Mapping[str, str], config_id: str) -> None:
        self.host = host
        self.folder = folder
        self.config = folder / "keepalived.conf"
        self.config.write_text(config)
        self._env = env
        self._id = config_id
        self._process: subprocess.Popen[bytes] | None = None
        self._log = folder / "keepalived.log"
        self._log.touch()

    @property
    def log(self) -> str:
        """What this node has logged, in all its lives."""
        return self._log.read_text(errors="replace")

    @property
    def state(self) -> str:
        """What it has become last: MASTER, BACKUP or FAULT; empty before."""
        entered = [
            line.split("Entering ")[1].split()[0] for line in self.log.splitlines() if "Entering " in line
        ]
        return entered[-1] if entered else ""

    def start(self) -> None:
        """Start it; it has no state yet."""
        words = [
            PROGRAM,
            "--dont-fork",
            "--log-console",
            "--use-file",
            str(self.config),
            "--config-id",
            self._id,
        ]
        files = ["--pid", str(self.folder / "pid"), "--vrrp_pid", str(self.folder / "vrrp.pid")]
        with self._log.open("ab") as log:
            self._process = self.host.namespace.popen([*words, *files], env=self._env, output=log)

    def reload(self) -> None:
        """Read the config again."""
        self._running().send_signal(signal.SIGHUP)

    def stop(self) -> None:
        """Ask for a clean stop; its scripts run meanwhile, for a second at most."""
        self._running().terminate()

    def wait(self) -> None:
        """Wait for its end, which has been asked for."""
        self._running().wait(timeout=20)

    def kill(self) -> None:
        """SIGKILL all its processes, scripts included, and clean nothing up; nothing when it has ended."""
        if self._process is None:
            return
        for pid in [self._process.pid, *_descendants(self._process.pid)]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()

    def wait_for(self, state: str, *, within_s: float) -> None:
        """Wait until it is in this state; TimeoutError."""
        deadline = time.monotonic() + within_s
        while self.state != state:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.host.name}: not {state} within {within_s} s\n{self.log[-2000:]}")
            time.sleep(0.05)

    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "not started"
        return self._process


def _descendants(pid: int) -> list[int]:
    """Children, their children and so on, as /proc has them now."""
    parents = {int(path.parent.name): _parent(path) for path in Path("/proc").glob("[0-9]*/stat")}
    found = [pid]
    for each in found:
        found += [child for child, parent in parents.items() if parent == each]
    return found[1:]


def _parent(stat: Path) -> int:
    try:
        return int(stat.read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0
