"""A node of a Pacemaker cluster: corosync and pacemakerd in namespaces of their own, on a host of the fabric.

Rules: a node is a machine: its processes, its mounts and its host name are its own; what is not a folder of
`machine.OWN` is shared with the other nodes, and read only by them. Everything is ended by its pid, or with
the machine. corosync wants its opening braces at the ends of lines. Source: corosync.conf(5).
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from tests.e2e.pacemaker import machine
from vipswitch.testing.fabric.host import Host

CLUSTER = "lab"
_PROGRAMS = ("pacemakerd", "corosync")
_STOPPED_WITHIN_S = 60.0
_BOOTED_WITHIN_S = 20.0


def corosync_conf(hosts: Sequence[Host], *, token_ms: int, transport: str) -> str:
    """Two nodes may go on alone, if they have met before; three need two."""
    quorum = ["provider: corosync_votequorum", *(["two_node: 1"] if len(hosts) == 2 else [])]
    totem = [
        "version: 2",
        f"cluster_name: {CLUSTER}",
        f"transport: {transport}",
        f"token: {token_ms}",
        "crypto_cipher: none",
        "crypto_hash: none",
    ]
    nodes = [_section("node", _node(number, host)) for number, host in enumerate(hosts, start=1)]
    logging = ["to_logfile: yes", "logfile: /var/log/corosync.log", "to_syslog: no", "timestamp: hires"]
    return "\n".join(
        [
            _section("totem", totem),
            _section("nodelist", nodes),
            _section("quorum", quorum),
            _section("logging", logging),
        ]
    )


def _node(number: int, host: Host) -> list[str]:
    return [f"ring0_addr: {host.address}", f"name: {host.name}", f"nodeid: {number}"]


def _section(name: str, lines: Sequence[str]) -> str:
    return "\n".join([f"{name} {{", *lines, "}", ""])


class Node:
    """One node, by `boot` a machine, by `start` of the cluster; `env` is the environment of its programs."""

    def __init__(self, host: Host, folder: Path, corosync: str, env: Mapping[str, str]) -> None:
        self.host = host
        self.name = host.name
        self.folder = folder
        self.env = {**env, "PCMK_logfile": "/var/log/pacemaker/pacemaker.log", "PCMK_logpriority": "info"}
        self._corosync = corosync
        self._machine: subprocess.Popen[bytes] | None = None
        self._started: list[subprocess.Popen[bytes]] = []
        self._first = 0
        self._told_before: list[str] = []
        folder.mkdir(exist_ok=True)

    def boot(self) -> None:
        """Start the machine, with nothing on it."""
        words = ["--mount", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc"]
        program = [sys.executable, str(Path(machine.__file__)), self.name]
        with self._log.open("ab") as log:
            self._machine = self.host.namespace.popen(["unshare", *words, *program], output=log)
        self._await(self._booted, _BOOTED_WITHIN_S, "does not boot")
        self.write("/run/corosync.conf", self._corosync)

    def start(self) -> None:
        """Start corosync and pacemakerd, and wait for neither to find the others."""
        self.popen(["corosync", "-f", "-c", "/run/corosync.conf"])
        self._await(lambda: self.asked("corosync-cfgtool", "-s") is not None, 20.0, "no corosync")
        self.popen(["pacemakerd", "-f"])

    def stop(self) -> None:
        """Stop the cluster on this node in order: pacemakerd stops its resources first."""
        for program in _PROGRAMS:
            self._stop(program)

    def kill(self) -> None:
        """SIGKILL every process but the machine's first: nothing is stopped, everything stays as it is."""
        for _ in range(50):
            for pid in (pids := self._pids()):
                _signal(pid, signal.SIGKILL)
            if not pids:
                return
            time.sleep(0.02)

    def crash(self) -> None:
        """The machine is gone at once, as by a power failure, with all that it had in memory."""
        if self._machine is not None:
            self._told_before = self._told()
            self._machine.kill()
            self._machine.wait()
            self._machine = None
        self.host.namespace.kill()
        while self._started:
            self._started.pop().wait()
        self._forget_addresses()

    @property
    def running(self) -> bool:
        """Whether the machine is on."""
        return self._machine is not None

    def popen(self, command: Sequence[str], **env: str) -> subprocess.Popen[bytes]:
        """Start a program on this node; it writes to the node's log."""
        with self._log.open("ab") as log:
            process = subprocess.Popen(
                [*self.inside, *command],
                env={**self.env, **env},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._started.append(process)
        return process

    def run(self, *command: str, stdin: str = "", within_s: float = 60.0) -> str:
        """What a program on this node prints; CalledProcessError with what it says when it fails."""
        done = subprocess.run(
            [*self.inside, *command],
            env=self.env,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=within_s,
        )
        if done.returncode != 0:
            broken = subprocess.CalledProcessError(done.returncode, command)
            broken.add_note(f"{self.name}: {done.stdout}{done.stderr}")
            raise broken
        return done.stdout

    def asked(self, *command: str) -> str | None:
        """What a program prints; None when it fails."""
        with suppress(subprocess.SubprocessError):
            return self.run(*command)
        return None

    def crm(self, *words: str, stdin: str = "") -> str:
        """Run crmsh."""
        return self.run("crm", *words, stdin=stdin)

    def write(self, path: str, text: str, *, mode: str = "644") -> None:
        """A file on this node; its folder is made."""
        script = 'mkdir -p "$(dirname "$1")" && cat >"$1" && chmod "$2" "$1"'
        self.run("sh", "-c", script, "sh", path, mode, stdin=text)

    def read(self, path: str) -> str:
        """A file on this node; empty when it is not there."""
        return self.asked("cat", path) or ""

    def pids(self, program: str) -> list[int]:
        """The processes of that name, as this machine's kernel numbers them."""
        return [pid for pid in self._pids() if _name(pid) == program[:15]]

    def has_address(self, address: object) -> bool:
        """Whether an address is on the host."""
        return f" {address}/" in self.host.namespace.ip("-o", "address")

    @property
    def logs(self) -> str:
        """What everything on this node has logged, in the machine's last life."""
        told = self._told() if self.running else self._told_before
        return "\n".join([self._log.read_text(errors="replace"), *told])

    def _told(self) -> list[str]:
        """By corosync and by Pacemaker, without the changes of its configuration, each line by line."""
        log = Path(f"/proc/{self._first}/root/var/log")
        files = [log / "corosync.log", log / "pacemaker" / "pacemaker.log"]
        lines = [file.read_text(errors="replace").splitlines() for file in files if file.exists()]
        return [line for each in lines for line in each if "(cib_" not in line]

    @property
    def _log(self) -> Path:
        return self.folder / "node.log"

    def _booted(self) -> bool:
        assert self._machine is not None
        children = Path(f"/proc/{self._machine.pid}/task/{self._machine.pid}/children")
        found = [int(pid) for pid in children.read_text().split()]
        self._first = found[0] if found else 0
        return bool(found) and Path(f"/proc/{self._first}/root{machine.READY}").exists()

    @property
    def inside(self) -> list[str]:
        """What a command begins with that is run on this node."""
        return ["nsenter", "--target", str(self._first), "--all", "--wd=/"]

    def _pids(self) -> list[int]:
        """Those that share the machine's pid namespace, without its first."""
        mine = os.readlink(f"/proc/{self._first}/ns/pid")
        return [
            pid for pid in self.host.namespace.pids() if pid != self._first and _pid_namespace(pid) == mine
        ]

    def _stop(self, program: str) -> None:
        for pid in self.pids(program):
            _signal(pid, signal.SIGTERM)
        self._await(lambda: not self.pids(program), _STOPPED_WITHIN_S, f"{program} does not stop")

    def _forget_addresses(self) -> None:
        """What was added to the NIC is gone; the machine finds its own address again."""
        self.host.namespace.ip("address", "flush", "dev", "eth0")
        self.host.configure()

    def _await(self, happened: Callable[[], bool], within_s: float, why: str) -> None:
        deadline = time.monotonic() + within_s
        while not happened():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.name}: {why}\n{self.logs[-3000:]}")
            time.sleep(0.05)


def _pid_namespace(pid: int) -> str:
    try:
        return os.readlink(f"/proc/{pid}/ns/pid")
    except OSError:
        return ""


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def _signal(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)
