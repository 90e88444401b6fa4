"""Watching HA managers live: whoever waits for the end of one is told, once. Source: pidfd_open(2)."""

from __future__ import annotations

import os
import selectors
import threading
from collections.abc import Callable

from vipswitch import processes
from vipswitch.processes import Process


class CallerWatch:
    """Tells of the end of processes, from a thread of its own."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._lock = threading.Lock()
        self._awake, self._wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._selector.register(self._awake, selectors.EVENT_READ)
        threading.Thread(target=self._run, name="caller-watch", daemon=True).start()

    def watch(self, process: Process, gone: Callable[[], None]) -> Callable[[], None]:
        """Call `gone` when the process has ended, at once if it has already; returns what ends the watching.

        `gone` is called in the watching thread and must not wait.
        """
        try:
            fd = os.pidfd_open(process.pid)
        except OSError:
            gone()
            return _nothing
        if not processes.alive(process):  # its pid is another's by now
            os.close(fd)
            gone()
            return _nothing
        with self._lock:
            self._selector.register(fd, selectors.EVENT_READ, gone)
        os.write(self._wake, b"!")

        def forget() -> None:
            self._forget(fd, gone)

        return forget

    def _forget(self, fd: int, gone: Callable[[], None]) -> bool:
        """Whether it was still watched."""
        with self._lock:
            known = self._selector.get_map().get(fd)
            if known is None or known.data is not gone:
                return False
            self._selector.unregister(fd)
            os.close(fd)
            return True

    def _run(self) -> None:
        while True:
            for key, _ in self._selector.select():
                if key.fd == self._awake:
                    os.read(self._awake, 4096)
                elif self._forget(key.fd, key.data):
                    key.data()


def _nothing() -> None:
    """There is nothing left to end."""
