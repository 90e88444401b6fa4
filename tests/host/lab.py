"""Real links to try the host on: network namespaces, and a way to act inside one.

Rules: a namespace is named after the process that made it, so the next run sweeps what a crashed one
left. A thread moves into a namespace alone (setns(2)), and the programs it starts are in it too; a
child that must not be root is started there with setpriv and sees sudoers of its own (a bind mount
that ends with it), so the machine's own sudoers is never touched.
"""

from __future__ import annotations

import ctypes
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

ROOT = Path(__file__).parents[2]
_NOBODY = ("--reuid=nobody", "--regid=nogroup", "--clear-groups")
CHILD = Path(__file__).with_name("child.py")
AMBIENT = ("--inh-caps=+net_admin,+net_raw", "--ambient-caps=+net_admin,+net_raw")

_CLONE_NEWNET = 0x40000000
_PREFIX = "vshost"
_NUMBERS = itertools.count()
_WITH_SUDOERS = 'test -z "$1" || mount --bind "$1" /etc/sudoers; shift; exec setpriv "$@"'


def shell(*argv: str) -> str:
    """What a program that must succeed prints."""
    done = subprocess.run(argv, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, f"{argv}: {done.stderr or done.stdout}"
    return done.stdout


@dataclass(frozen=True)
class Namespace:
    """One network namespace."""

    name: str

    @classmethod
    def create(cls) -> Namespace:
        space = cls(f"{_PREFIX}{os.getpid()}n{next(_NUMBERS)}")
        shell("ip", "netns", "add", space.name)
        space.ip("link", "set", "lo", "up")
        return space

    def delete(self) -> None:
        shell("ip", "netns", "del", self.name)

    def ip(self, *words: str) -> str:
        return shell("ip", "-n", self.name, *words)

    def batch(self, lines: Iterable[str]) -> None:
        text = "".join(f"{line}\n" for line in lines)
        argv = ["ip", "-n", self.name, "-batch", "-"]
        subprocess.run(argv, input=text, text=True, check=True, capture_output=True, timeout=30)

    def sysctl(self, path: str, value: str) -> None:
        self.run(lambda: Path("/proc/sys/net", path).write_text(value))

    def run(self, act: Callable[[], T]) -> T:
        """What `act` returns or raises when it is called inside."""
        with ThreadPoolExecutor(1, initializer=self._enter) as inside:
            return inside.submit(act).result()

    def as_nobody(self, *words: str, sudoers: str = "", privileges: Sequence[str] = ()) -> Answer:
        """What `child.py` answers when the user nobody runs it inside, with these sudoers and no others."""
        python = python_for_nobody()
        assert python is not None, "no Python that the user nobody can run"
        inside = ["ip", "netns", "exec", self.name, "sh", "-c", _WITH_SUDOERS, "sh", sudoers]
        done = subprocess.run(
            [*inside, *_NOBODY, *privileges, python, "-P", str(CHILD), *words],
            capture_output=True,
            text=True,
            timeout=30,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        )
        assert done.returncode == 0, done.stderr
        return Answer(**json.loads(done.stdout))

    def _enter(self) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        with open(f"/run/netns/{self.name}") as handle:
            assert libc.setns(handle.fileno(), _CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())


@dataclass(frozen=True)
class Answer:
    """What a Host method did in a child: its result, or the error's class, message and hint."""

    result: str = ""
    error: str = ""
    message: str = ""
    hint: str = ""
    seconds: float = 0.0


def without_netlink(*words: str) -> Answer:
    """What `child.py` answers where the kernel refuses it netlink; anyone can run it."""
    argv = [sys.executable, "-P", str(CHILD), "--without-netlink", *words]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(argv, capture_output=True, text=True, timeout=30, env=environment)
    assert done.returncode == 0, done.stderr
    return Answer(**json.loads(done.stdout))


@cache
def python_for_nobody() -> str | None:
    """A Python that the user nobody can run and that can read this tree, if there is one.

    The shell in between makes it an exec by nobody; setpriv's own is still allowed to look into /root.
    """
    attempt = "import sys, vipswitch.host; assert sys.version_info >= (3, 11)"
    for python in (sys.executable, "/usr/bin/python3"):
        argv = ["setpriv", *_NOBODY, "sh", "-c", 'exec "$@"', "sh", python, "-B", "-c", attempt]
        if subprocess.run(argv, capture_output=True, timeout=30, cwd=ROOT).returncode == 0:
            return python
    return None


def public_folder() -> Path:
    """A new folder that everyone can look into, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}n"))
    folder.chmod(0o755)
    return folder


def sweep() -> None:
    """Delete the namespaces and the folders of processes that are gone."""
    for space in filter(_is_orphan, Path("/run/netns").glob(f"{_PREFIX}*n*")):
        shell("ip", "netns", "del", space.name)
    for folder in filter(_is_orphan, Path(tempfile.gettempdir()).glob(f"{_PREFIX}*n*")):
        shutil.rmtree(folder)


def _is_orphan(path: Path) -> bool:
    owner = re.match(rf"{_PREFIX}(\d+)n", path.name)
    return owner is not None and not Path("/proc", owner[1]).exists()


def eventually(look: Callable[[], T], wanted: T, within_s: float = 3.0) -> None:
    """Assert that `look` sees `wanted` before long; the kernel handles packets when it likes."""
    until = time.monotonic() + within_s
    while (seen := look()) != wanted and time.monotonic() < until:
        time.sleep(0.005)
    assert seen == wanted
