"""Pgpool-II's watchdog: three nodes elect a leader, and the leader's Pgpool-II calls our hooks.

Rules: every instance has a folder of its own, because namespaces divide the network and not the files; no
database behind it, because the watchdog needs none. Priorities differ, or two candidates may refuse each
other for ever. Of two that stand for leader in the same moment that of the lower priority must be the first,
or 4.3.5 waits 4 s for a vote; who started earlier mostly is, so the last node is started second. Before
4.4 the VIP is spelled `delegate_IP`.
Source: Pgpool-II manual, "Watchdog"; watchdog.c.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import threading
from collections.abc import Mapping, Sequence
from ipaddress import IPv4Address
from pathlib import Path

from vipswitch.demo.node import Node
from vipswitch.demo.vip import VIP

NODES = 3
_BETWEEN_STARTS_S = 0.4
_HOOKS = {"if_up_cmd": "up", "if_down_cmd": "down", "arping_cmd": "arping"}
_FIXED = {
    "listen_addresses": "*",
    "port": "9999",
    "pcp_port": "9898",
    "num_init_children": "1",
    "max_pool": "1",
    "memqcache_total_size": "1MB",
    "memqcache_max_num_cache": "1000",
    "memqcache_cache_block_size": "512kB",
    "backend_clustering_mode": "raw",
    "backend_hostname0": "127.0.0.1",
    "backend_port0": "5432",
    "backend_flag0": "DISALLOW_TO_FAILOVER",
    "health_check_period": "0",
    "use_watchdog": "on",
    "wd_lifecheck_method": "heartbeat",
    "wd_interval": "1",
    "wd_heartbeat_keepalive": "1",
    "wd_heartbeat_deadtime": "5",
    "log_line_prefix": "",
}


def installed() -> str | None:
    """The version of Pgpool-II on this machine; None if there is none that runs."""
    program = shutil.which("pgpool")
    if program is None:
        return None
    said = subprocess.run([program, "--version"], capture_output=True, text=True)
    found = re.search(r"version (\d+\.\d+\S*)", said.stdout + said.stderr)
    return found[1] if found else None


class Pgpool:
    """One Pgpool-II on each node."""

    def __init__(self, nodes: Sequence[Node], addresses: Sequence[IPv4Address], version: str) -> None:
        self.name = f"Pgpool-II {version}: its watchdog on each node elects a leader and calls our hooks"
        self.detection = "Pgpool-II's detection and election"
        self._nodes = nodes
        self._ended = threading.Event()
        self._addresses = addresses
        self._vip = "delegate_IP" if _older(version, (4, 4)) else "delegate_ip"

    def begin(self) -> None:
        threading.Thread(target=self._start, daemon=True).start()

    def replace(self, dead: Node) -> None:
        """The watchdogs notice by themselves."""

    def end(self) -> None:
        self._ended.set()

    def _start(self) -> None:
        first, *others = enumerate(self._nodes)
        for number, node in (first, *reversed(others)):
            node.run(_command(node.folder, self._settings(number, node)))
            if self._ended.wait(_BETWEEN_STARTS_S):
                return

    def _settings(self, number: int, node: Node) -> dict[str, str]:
        hooks = {name: " ".join(node.hook(verb, "$_IP_$")) for name, verb in _HOOKS.items()}
        return {
            **_FIXED,
            **_folders(node.folder),
            **_members(self._addresses),
            **hooks,
            "pgpool_node_id": str(number),
            "wd_priority": str(NODES - number),
            self._vip: str(VIP),
        }


def _command(folder: Path, settings: dict[str, str]) -> list[str]:
    """Write what Pgpool-II wants to read; the command that starts it in the foreground."""
    (folder / "pgpool_node_id").write_text(settings.pop("pgpool_node_id"))
    (folder / "pgpool.conf").write_text("".join(f"{name} = '{value}'\n" for name, value in settings.items()))
    (folder / "pcp.conf").touch()
    (folder / "pool_hba.conf").touch()
    files = {"-f": "pgpool.conf", "-F": "pcp.conf", "-a": "pool_hba.conf"}
    options = [word for option, name in files.items() for word in (option, str(folder / name))]
    return [shutil.which("pgpool") or "pgpool", "-n", "-D", *options]


def _folders(folder: Path) -> Mapping[str, str]:
    names = ("logdir", "socket_dir", "pcp_socket_dir", "wd_ipc_socket_dir")
    return {**dict.fromkeys(names, str(folder)), "pid_file_name": str(folder / "pgpool.pid")}


def _members(addresses: Sequence[IPv4Address]) -> Mapping[str, str]:
    return {
        name: value
        for number, address in enumerate(addresses)
        for name, value in (
            (f"hostname{number}", str(address)),
            (f"wd_port{number}", "9000"),
            (f"pgpool_port{number}", "9999"),
            (f"heartbeat_hostname{number}", str(address)),
            (f"heartbeat_port{number}", "9694"),
        )
    }


def _older(version: str, than: tuple[int, int]) -> bool:
    major, minor = version.split(".")[:2]
    return (int(major), int(re.match(r"\d+", minor)[0])) < than  # type: ignore[index]
