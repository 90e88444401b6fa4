"""The scene without packets: a small file stands for the cloud, and says whom the client asks.

Rules: needs no privilege and touches nothing but a folder of its own, which the next run sweeps if this one
is killed; the hooks are the real ones, with the `file` provider, which is the reference for all others.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from vipswitch.demo import probe
from vipswitch.demo.events import Event
from vipswitch.demo.given import as_file
from vipswitch.demo.node import Node
from vipswitch.demo.played import Played
from vipswitch.demo.probes import Probes
from vipswitch.demo.scene import Caller, Request, Route
from vipswitch.testing.fabric.namespaces import orphaned

_PLACE = "vip.json"


class OneFile:
    """Two nodes on this machine, and the file that says which of them has the VIP."""

    pointer = "file"

    def __init__(self, folder: Path) -> None:
        self.events: list[Event] = []
        self.probes = Probes()
        self.file = folder / "vip.json"
        self._routes: list[Route] = []
        self._version = 0
        self.nodes: Sequence[Node] = [self._node(folder, name) for name in ("n1", "n2")]
        self.caller: Caller = Played(self.nodes, because="there is no network for Pgpool-II here")

    def about(self) -> Mapping[str, str]:
        return {
            "cloud": f"the file {self.file}, moved by the `file` provider",
            "nodes": "n1 and n2: two configs, two services on this machine",
            "caller": self.caller.name,
            "client": "looks into the file every 20 ms and asks that node who is there",
        }

    def observe(self) -> None:
        """The file's own time of change says when it changed."""
        if not self.file.exists():
            return
        changed_at = self.file.stat().st_mtime - time.time() + time.monotonic()
        (record,) = json.loads(self.file.read_bytes()).values()
        if record["version"] != self._version:
            self._version = record["version"]
            self._routes.append(Route(changed_at, _PLACE, record["holder"]))
            words = f"names {record['holder'] or 'nobody'} (version {self._version})"
            self.events.append(Event(changed_at, "file", words))

    def routes(self) -> Sequence[Route]:
        return tuple(self._routes)

    def requests(self) -> Sequence[Request]:
        return ()

    def _node(self, folder: Path, name: str) -> Node:
        own, serves = folder / name, f"127.0.0.1:{_free_port()}"
        node = Node(name, own, serves=serves, start=start, tell=self.events.append)
        node.tell(as_file(own, {"provider": "file", "path": str(self.file), "node": name}), {})
        return node


@contextmanager
def scene() -> Iterator[OneFile]:
    """The scene, all of it running."""
    with ExitStack() as stack:
        one = OneFile(stack.enter_context(own_folder()))
        for node in one.nodes:
            stack.callback(node.kill)
            node.respond()
        stack.callback(one.caller.end)
        _ask(stack, one)
        yield one


@contextmanager
def own_folder() -> Iterator[Path]:
    """A folder that goes at the end; those of processes that no longer exist go now."""
    for left in Path(tempfile.gettempdir()).glob("vs*-demo-*"):
        if orphaned(left.name):
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=f"vs{os.getpid()}-demo-") as folder:
        yield Path(folder)


def start(command: Sequence[str], env: Mapping[str, str], output: int) -> subprocess.Popen[bytes]:
    """A process of this machine, in a session of its own (Ctrl-C is ours)."""
    return subprocess.Popen(
        command,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
    )


def _ask(stack: ExitStack, one: OneFile) -> None:
    program = [sys.executable, "-I", "-S", str(Path(probe.__file__)), str(one.file)]
    theirs, ours = os.pipe()
    client = start([*program, *(f"{node.name}={node.serves}" for node in one.nodes)], {}, ours)
    os.close(ours)
    stack.callback(client.wait)
    stack.callback(client.kill)
    one.probes.read(theirs)


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])
