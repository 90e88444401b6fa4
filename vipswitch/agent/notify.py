"""Telling the service manager how the agent is: ready, reloading, alive, stopping. Source: sd_notify(3).

Each message is one datagram of `NAME=value` lines to the Unix socket that NOTIFY_SOCKET names, a path or,
behind an `@`, a name in the abstract namespace (unix(7)). The socket is looked up for each message: a service
manager that is replaced makes a new one at the same place.

Rules: without NOTIFY_SOCKET nothing is sent, so the agent need not know whether it runs under systemd. A
message that cannot be delivered is dropped: moving a VIP does not depend on who watches. A service
manager that stands still holds nobody up for longer than half a second.
"""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import MutableMapping
from dataclasses import dataclass

log = logging.getLogger(__name__)

_SEND_S = 0.5


@dataclass(frozen=True, slots=True)
class Notifier:
    """The way to the service manager.

    `address` is as `socket.sendto` wants it, None where nobody listens. `watchdog_interval_s` is how often
    `alive` has to be called, half of what the service manager waits for; None where it does not watch.
    """

    address: str | bytes | None
    watchdog_interval_s: float | None

    @classmethod
    def from_environment(cls, environment: MutableMapping[str, str] = os.environ) -> Notifier:
        """What the service manager told this process, taken out of `environment`: not meant for children."""
        named = environment.pop("NOTIFY_SOCKET", "")
        usec = environment.pop("WATCHDOG_USEC", "")
        pid = environment.pop("WATCHDOG_PID", "")
        return cls(_address(named), _interval_s(usec, pid))

    def ready(self) -> None:
        """The agent takes orders; also the end of what `reloading` began."""
        self._send("READY=1")

    def reloading(self) -> None:
        """The config is being read again; `ready` must follow, also when the old one is kept."""
        self._send("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def status(self, text: str) -> None:
        """One line for people, which `systemctl status` shows."""
        self._send(f"STATUS={' '.join(text.split())}")

    def stopping(self) -> None:
        """The agent finishes what it has begun, and ends."""
        self._send("STOPPING=1")

    def alive(self) -> None:
        """The agent still does its work; without this, systemd kills and restarts it."""
        self._send("WATCHDOG=1")

    def _send(self, *lines: str) -> None:
        if self.address is None:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
                manager.settimeout(_SEND_S)
                manager.sendto("\n".join(lines).encode(errors="replace"), self.address)
        except OSError as wrong:
            log.debug("the service manager was not told %s: %s", lines[0], wrong)


def _address(named: str) -> str | bytes | None:
    """Other kinds, such as vsock, are for virtual machines as a whole."""
    if named.startswith("@"):
        return b"\0" + os.fsencode(named[1:])
    return named if named.startswith("/") else None


def _interval_s(usec: str, pid: str) -> float | None:
    """Half of the time given; None when it is for another process, or no time at all."""
    if pid not in ("", str(os.getpid())) or not usec.isdecimal():
        return None
    return int(usec) / 2_000_000 or None
