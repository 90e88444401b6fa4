"""Pgpool-II nodes, each in its own namespace and its own folder.

Rules: namespaces divide the network, not the file system, so every instance has its own folder for sockets,
pid and status file. Priorities differ, or two candidates may refuse each other for ever. Times are the
shortest that Pgpool-II's clock of whole seconds allows. Both spellings of the delegate IP are written as the
version demands. It pings the VIP three times before an escalation ends, as ever, but not a second apart.
Source: Pgpool-II manual, "Watchdog"; watchdog.c, wd_lifecheck.c and wd_ping.c of V4_3_5.
"""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from vipswitch.testing.fabric.host import Host

PORT = 9999
_PING = '#!/bin/sh\nexec /usr/bin/ping -i 0.2 "$@"\n'
LIFECHECK_STARTED = "lifecheck started"
ESCALATED = "exit with SUCCESS"
_FIXED = """
listen_addresses = '*'
port = 9999
pcp_port = 9898
num_init_children = 24
max_pool = 1
child_life_time = 0
enable_pool_hba = off
pool_passwd = ''
backend_clustering_mode = 'raw'
backend_port0 = 5432
backend_flag0 = 'DISALLOW_TO_FAILOVER'
health_check_period = 0
failover_on_backend_error = off
log_line_prefix = '%m '
use_watchdog = on
wd_lifecheck_method = 'heartbeat'
wd_interval = 1
wd_heartbeat_keepalive = 1
wd_heartbeat_deadtime = 5
"""


class Pgpool:
    """One node; `settings` are further lines of pgpool.conf, such as the commands that move the VIP."""

    def __init__(self, number: int, hosts: Sequence[Host], folder: Path, backend: Host) -> None:
        self.host = hosts[number]
        self.folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True)
        (folder / "pgpool_node_id").write_text(f"{number}\n")
        (folder / "pcp.conf").touch()
        (folder / "pool_hba.conf").touch()
        (folder / "ping").write_text(_PING)
        (folder / "ping").chmod(0o755)
        self._settings = {**_folders(folder), **_members(hosts), "wd_priority": str(len(hosts) - number)}
        self._settings["backend_hostname0"] = str(backend.address)

    @property
    def log(self) -> str:
        """What this node has logged."""
        return (self.folder / "pgpool.log").read_text(errors="replace")

    def start(self, settings: Mapping[str, str], env: Mapping[str, str]) -> None:
        """Start with these settings and nothing but this environment."""
        lines = [f"{name} = '{value}'" for name, value in {**self._settings, **settings}.items()]
        (self.folder / "pgpool.conf").write_text(_FIXED + "\n".join(lines) + "\n")
        files = {"-f": "pgpool.conf", "-F": "pcp.conf", "-a": "pool_hba.conf"}
        options = [word for option, name in files.items() for word in (option, str(self.folder / name))]
        with (self.folder / "pgpool.log").open("ab") as log:
            self._process = self.host.namespace.popen(
                ["/usr/sbin/pgpool", "-n", "-D", *options], env=env, output=log
            )

    def stop(self) -> None:
        """Ask for a clean stop; `down` runs meanwhile."""
        self._signal(signal.SIGINT)

    def kill(self) -> None:
        """SIGKILL all its processes, hooks included, at once; nothing is cleaned up."""
        self._signal(signal.SIGKILL, group=True)

    def reap(self) -> None:
        """Wait for the main process, which has been stopped or killed."""
        assert self._process is not None, "not started"
        self._process.wait()

    def wait_for(self, text: str, *, within_s: float) -> None:
        """Wait until the log says this; TimeoutError."""
        deadline = time.monotonic() + within_s
        while text not in self.log:
            if time.monotonic() > deadline:
                raise TimeoutError(
                    f"{self.host.name}: {text!r} not logged within {within_s} s\n{self.log[-2000:]}"
                )
            time.sleep(0.1)

    def _signal(self, number: signal.Signals, *, group: bool = False) -> None:
        assert self._process is not None, "not started"
        os.kill(-self._process.pid if group else self._process.pid, number)


def _folders(folder: Path) -> dict[str, str]:
    names = ("logdir", "socket_dir", "pcp_socket_dir", "wd_ipc_socket_dir")
    files = {"pid_file_name": str(folder / "pgpool.pid"), "ping_path": str(folder)}
    return {**dict.fromkeys(names, str(folder)), **files}


def _members(hosts: Sequence[Host]) -> dict[str, str]:
    return {
        name: value
        for number, host in enumerate(hosts)
        for name, value in (
            (f"hostname{number}", str(host.address)),
            (f"wd_port{number}", "9000"),
            (f"pgpool_port{number}", str(PORT)),
            (f"heartbeat_hostname{number}", str(host.address)),
            (f"heartbeat_port{number}", "9694"),
        )
    }
