"""Namespaces of the demo's own, so that the kernel removes everything when the demo ends, however it ends.

Rules: network, mounts, processes and System V shared memory (Pgpool-II's) are the demo's own, and /run and
/etc/vipswitch are empty; directly for root, else as root of a user namespace. The demo is started again
inside as process 1: when that is gone, the kernel kills the rest. unshare(1) keeps signals from its child;
so they are passed on through a pipe, whose end says that the outer process is gone.
Source: unshare(1), pid_namespaces(7), user_namespaces(7).
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path

FOLDER = Path("/run/demo")

_PREPARE = """\
mount -t tmpfs -o mode=755 demo /run
mkdir /run/netns
if [ -d /etc/vipswitch ]; then mount -t tmpfs -o mode=755 demo /etc/vipswitch; fi
exec "$@"
"""
_OWN = ("unshare", "--mount", "--net", "--ipc", "--pid", "--fork", "--kill-child", "--mount-proc")
_AS_USER = (*_OWN, "--user", "--map-root-user")
_PREPARED = ("sh", "-ec", _PREPARE, "sh")
_TRIAL = ("sh", "-c", "ip netns add trial && ip link add trial0 type veth peer name trial1 netns trial")
_TOOLS = ("unshare", "mount", "ip")


class NoNamespaces(Exception):
    """They cannot be had here; the text says why."""


def entrance() -> Sequence[str]:
    """The words to put before a command, so that it runs inside. Raises NoNamespaces."""
    os.environ["PATH"] = f"{os.environ.get('PATH', '/usr/bin:/bin')}:/usr/sbin:/sbin"
    missing = [tool for tool in _TOOLS if shutil.which(tool) is None]
    if missing:
        raise NoNamespaces(f"{missing[0]} is not installed")
    ways = [[*_OWN, *_PREPARED]] if os.geteuid() == 0 else []
    return _first_that_works([*ways, [*_AS_USER, *_PREPARED]])


def run(words: Sequence[str]) -> int:
    """Run a command and return its exit code; SIGINT and SIGTERM go to process 1 inside."""
    with subprocess.Popen(words, stdin=subprocess.PIPE) as outer:
        assert outer.stdin is not None
        lifeline = outer.stdin.fileno()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda number, _: _pass_on(lifeline, number))
        code = outer.wait()
    return code if code >= 0 else 128 - code


def obey() -> None:
    """Inside: take signals from the outer process; when it is gone, that is a SIGTERM."""
    threading.Thread(target=_take_signals, daemon=True).start()


def _first_that_works(ways: Sequence[Sequence[str]]) -> Sequence[str]:
    said = ""
    for way in ways:
        trial = subprocess.run([*way, *_TRIAL], capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if trial.returncode == 0:
            return way
        said = trial.stderr.strip().partition("\n")[0] or f"exit status {trial.returncode}"
    raise NoNamespaces(said)


def _pass_on(lifeline: int, number: int) -> None:
    try:
        os.write(lifeline, bytes([number]))
    except BrokenPipeError:  # already at its end
        return


def _take_signals() -> None:
    while said := os.read(0, 1):
        os.kill(os.getpid(), said[0])
    os.kill(os.getpid(), signal.SIGTERM)
