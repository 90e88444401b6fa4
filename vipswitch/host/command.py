"""One program run to its end, within a bound.

Rules: an absolute path and no shell; nothing on stdin, no inherited descriptor, an environment of our
own in the C locale, because some answers can only be told apart by their words.

A program that outlives its bound gets SIGTERM, which sudo passes on to what it runs (sudo(8)), then
SIGKILL, and is not waited for, as subprocess.run would: `ip` may sit in the kernel where no signal
reaches it, and where sudo has become the command it is not ours to kill (kill(2): EPERM). Then what
it was to change may still change.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vipswitch.errors import HostError

if TYPE_CHECKING:
    from subprocess import Popen

_ENVIRONMENT = {"LC_ALL": "C", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
IP_PLACES = ("/usr/sbin/ip", "/sbin/ip", "/usr/bin/ip", "/bin/ip")
_SUDO = ("/usr/bin/sudo", "/usr/local/bin/sudo", "/bin/sudo")
_REAP_S = 0.2


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a program ended. `code` is negative when a signal ended it."""

    code: int
    out: str
    err: str

    @property
    def reason(self) -> str:
        """What the program said on stderr, in one line, or its exit status when it was silent."""
        said = "; ".join(line.strip().rstrip(".") for line in self.err.splitlines() if line.strip())
        return said or f"exit status {self.code}"


def find_ip() -> str | None:
    """The absolute path of `ip`, or None where iproute2 is in none of the usual places."""
    return _first_executable(IP_PLACES)


def find_sudo() -> str | None:
    """The absolute path of `sudo`, or None where it is not installed."""
    return _first_executable(_SUDO)


def run(argv: Sequence[str], until: float) -> Outcome:
    """Run `argv` and collect what it said; `until` is a moment on `time.monotonic`.

    Raises HostError when it cannot be started, and when it has not ended by then.
    """
    left = until - time.monotonic()
    if left <= 0:
        raise HostError(f"{argv[0]}: no time was left to run it")
    process = _start(argv)
    try:
        return _collect(process, left)
    finally:
        _leave(process)


def _start(argv: Sequence[str]) -> Popen[str]:
    from subprocess import DEVNULL, PIPE, Popen  # 3 ms, and not every VIP needs the host

    try:
        return Popen(
            argv,
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
            env=_ENVIRONMENT,
            encoding="utf-8",
            errors="replace",
        )
    except OSError as exc:
        raise HostError(f"{argv[0]}: {(exc.strerror or str(exc)).lower()}", hint="install iproute2") from exc


def _collect(process: Popen[str], seconds: float) -> Outcome:
    from subprocess import TimeoutExpired

    try:
        out, err = process.communicate(timeout=seconds)
    except TimeoutExpired as exc:
        raise HostError(
            f"{' '.join(exc.cmd)}: did not end within {seconds:.1f} s",
            hint="look at what holds up this host's network configuration, then run the same again",
        ) from exc
    return Outcome(process.returncode, out, err)


def _leave(process: Popen[str]) -> None:
    """End what still runs, reap it if that takes no time, close our ends of its pipes."""
    from subprocess import TimeoutExpired

    for end in (process.terminate, process.kill):
        if process.poll() is None:
            with suppress(PermissionError, TimeoutExpired):
                end()
                process.wait(_REAP_S)
    for pipe in (process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()


def _first_executable(paths: Sequence[str]) -> str | None:
    return next((path for path in paths if os.access(path, os.X_OK)), None)
