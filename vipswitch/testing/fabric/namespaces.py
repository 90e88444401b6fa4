"""Network namespaces that this process owns, and the servers and programs inside them.

Rules: needs root, or the root of `unshare -Urnm`; no shell; a name is `vs<pid>-<label>`, so that `sweep` can
remove what a crashed process left, and nothing but such namespaces is ever touched.
A namespace is entered by a thread of its own: setns(2) moves a thread, not the process, and a socket stays
for ever in the namespace in which it was made. Source: ip-netns(8), setns(2).
"""

import ctypes
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import IO, TypeVar

T = TypeVar("T")

NETNS = Path("/run/netns")
_CLONE_NEWNET = 0x40000000
_ALL_USERS = ["0", "0", "4294967295"]
_TMPFS = "vipswitch-netns"
_NAME = re.compile(r"vs(\d+)-")


class Namespace:
    """One named network namespace; `create` makes it, `delete` removes it and everything that runs inside."""

    def __init__(self, name: str) -> None:
        self.name = name

    @classmethod
    def create(cls, label: str) -> "Namespace":
        """A new namespace of this process, its loopback up."""
        _own_the_folder()
        namespace = cls(f"vs{os.getpid()}-{label}")
        subprocess.run(["ip", "netns", "add", namespace.name], check=True)
        namespace.ip("link", "set", "lo", "up")
        return namespace

    def ip(self, *words: str) -> str:
        """Run `ip` on this namespace and return its output; CalledProcessError when it fails."""
        return _output(["ip", "-n", self.name, *words])

    def batch(self, lines: Sequence[str]) -> None:
        """Run several `ip` commands in one process, in order; it stops at the first that fails."""
        if lines:
            _output(["ip", "-n", self.name, "-batch", "-"], "\n".join(lines) + "\n")

    def run(self, command: Sequence[str], stdin: str = "") -> str:
        """Run a program inside and return its output; CalledProcessError when it fails."""
        return _output(["ip", "netns", "exec", self.name, *command], stdin)

    def popen(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        output: IO[bytes] | int | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start a program inside, in a session of its own (Ctrl-C is ours); it writes to `output`.

        It has an IPC namespace of its own too: the shared memory of a killed Pgpool-II, 130 MB, goes with it.
        """
        return subprocess.Popen(
            ["ip", "netns", "exec", self.name, "unshare", "--ipc", *command],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )

    def inside(self, make: Callable[[], T]) -> T:
        """The result of `make`, called inside this namespace."""
        with ThreadPoolExecutor(max_workers=1) as thread:
            return thread.submit(self._enter_and, make).result()

    def listener(self, host: str, port: int) -> socket.socket:
        """A listening TCP socket inside; servers of this process that use it serve the namespace."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return self.inside(lambda: socket.create_server((host, port), family=family, backlog=256))

    def sysctl(self, path: str, value: str) -> None:
        """Set one network setting, named as under /proc/sys."""
        self.inside(lambda: Path("/proc/sys", path).write_text(value))

    def pids(self) -> list[int]:
        """The processes inside."""
        return [int(pid) for pid in _output(["ip", "netns", "pids", self.name]).split()]

    def kill(self) -> None:
        """SIGKILL every process inside, also those that appear meanwhile, and wait until none is left."""
        deadline = time.monotonic() + 10
        while (pids := self.pids()) and time.monotonic() < deadline:
            for pid in pids:
                _kill(pid)
            time.sleep(0.02)

    def delete(self) -> None:
        """Kill what is inside and remove the namespace; does nothing when it is gone."""
        if (NETNS / self.name).exists():
            self.kill()
            subprocess.run(["ip", "netns", "delete", self.name], check=True)

    def _enter_and(self, make: Callable[[], T]) -> T:
        with (NETNS / self.name).open("rb") as handle:
            libc = ctypes.CDLL(None, use_errno=True)
            if libc.setns(handle.fileno(), _CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), f"cannot enter network namespace {self.name}")
        return make()


def veth(one: Namespace, one_port: str, two: Namespace, two_port: str) -> None:
    """A cable between two namespaces, both ends up; deleting either namespace removes it."""
    peer = ["peer", "name", two_port, "netns", two.name]
    one.ip("link", "add", "name", one_port, "type", "veth", *peer)
    one.ip("link", "set", one_port, "up")
    two.ip("link", "set", two_port, "up")


def sweep() -> None:
    """Remove the namespaces of processes that no longer exist, with what runs inside."""
    for name in [path.name for path in NETNS.glob("vs*-*") if orphaned(path.name)]:
        with suppress(subprocess.CalledProcessError):  # another process sweeps as well
            Namespace(name).delete()


def orphaned(name: str) -> bool:
    """Whether `name` begins with `vs<pid>-` of a process that no longer exists."""
    owner = _NAME.match(name)
    return owner is not None and not Path("/proc", owner[1]).exists()


def _own_the_folder() -> None:
    """In a user namespace put a folder that nobody else sees over /run/netns, which is not ours."""
    if Path("/proc/self/uid_map").read_text().split() == _ALL_USERS:
        return
    if f"\n{_TMPFS} " not in Path("/proc/self/mounts").read_text():
        place = NETNS if NETNS.exists() else NETNS.parent
        subprocess.run(["mount", "-t", "tmpfs", _TMPFS, str(place)], check=True)
        NETNS.mkdir(exist_ok=True)


def _output(command: Sequence[str], stdin: str = "") -> str:
    try:
        return subprocess.run(command, input=stdin, check=True, capture_output=True, text=True).stdout
    except subprocess.CalledProcessError as exc:
        exc.add_note(exc.stderr)
        raise


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
