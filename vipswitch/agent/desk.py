"""The agent's socket: takes requests from those who may make them, and keeps nobody else waiting.

One thread accepts, reads and hands each whole request on; it never waits for a peer, a lock or the cloud.
A request that is too long, garbage, or not whole within a second is answered with `no` and its connection
closed. At most `_MOST` connections wait for their request; the one that has waited longest makes room for
the next, so whoever opens hundreds and says nothing only drives out himself.
"""

from __future__ import annotations

import contextlib
import logging
import os
import selectors
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from vipswitch import wire
from vipswitch.agent.peers import Peer, peer_of
from vipswitch.errors import HostError

log = logging.getLogger("vipswitch.agent")

_MOST = 64
_SILENT_S = 1.0
_BACKLOG = 512
_REPORT_S = 60.0
_AT_ONCE = 128


class Reply:
    """The way back to one hook; what cannot be said to one that is gone is not said. Thread-safe."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self._over = False

    def no(self, reason: str) -> None:
        """The hook is on its own."""
        self._send(f"no {reason}", last=True)

    def taken(self) -> None:
        """The order is written down: whatever happens to the hook, it will be finished."""
        self._send("taken")

    def say(self, line: str) -> None:
        """Something for people."""
        self._send(f"say {line}")

    def exit(self, code: int) -> None:
        """The hook's exit code, and the end of the conversation; what comes later is dropped."""
        self._send(f"exit {code}", last=True)

    def _send(self, line: str, *, last: bool = False) -> None:
        with self._lock:
            if self._over:
                return
            try:
                self._connection.send(line.replace("\n", " ").encode() + b"\n", socket.MSG_DONTWAIT)
            except OSError:
                last = True
            if last:
                self._over = True
                self._connection.close()


@dataclass(slots=True)
class _Visitor:
    """A connection whose request is not whole yet."""

    connection: socket.socket
    peer: Peer
    since: float
    raw: bytearray = field(default_factory=bytearray)


class Desk:
    """Listens at a path; `serve` gets each request, and must not wait."""

    def __init__(
        self, path: Path, admits: Callable[[Peer], bool], serve: Callable[[wire.Request, Peer, Reply], None]
    ) -> None:
        self.beat = time.monotonic()
        self._path = path
        self._admits = admits
        self._serve = serve
        self._selector = selectors.DefaultSelector()
        self._visitors: dict[int, _Visitor] = {}
        self._reported: dict[int, float] = {}
        self._listener: socket.socket | None = None
        self._closing = False

    def open(self) -> None:
        """Listen; for the owner and the group of the folder. Raises HostError."""
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        try:
            self._path.unlink(missing_ok=True)
            listener.bind(str(self._path))
            about = self._path.parent.stat()
            if os.geteuid() == 0:
                os.chown(self._path, about.st_uid, about.st_gid)
            self._path.chmod(0o660)
            listener.listen(_BACKLOG)
        except OSError as wrong:
            listener.close()
            raise HostError(
                f"{self._path}: {wrong.strerror}", hint="see to the run folder's owner"
            ) from wrong
        self._listener = listener
        self._selector.register(listener, selectors.EVENT_READ)

    def run(self) -> None:
        """Until `close`, in a thread of its own."""
        while not self._closing:
            self.beat = time.monotonic()
            for key, _ in self._selector.select(_SILENT_S / 2):
                if key.fileobj is self._listener:
                    self._accept()
                elif (visitor := self._visitors.get(key.fd)) is not None:
                    self._read(visitor)
            self._send_away_the_silent()
        for visitor in list(self._visitors.values()):
            self._send_away(visitor, "it ends")
        self._listener.close()  # type: ignore[union-attr]  # open by now
        self._selector.close()

    def close(self) -> None:
        """Stop listening, at once; replies that are still owed can be given."""
        self._path.unlink(missing_ok=True)
        if self._listener is not None:
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits for visitors
        self._closing = True

    def _accept(self) -> None:
        for _ in range(_AT_ONCE):
            try:
                connection, _ = self._listener.accept()  # type: ignore[union-attr]  # open by now
            except OSError:
                return
            self._welcome(connection)

    def _welcome(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        try:
            peer = peer_of(connection)
        except OSError:
            connection.close()
            return
        if not self._admits(peer):
            self._report(peer)
            Reply(connection).no("not allowed to give orders, see [agent] users and groups")
            return
        if len(self._visitors) >= _MOST:
            self._send_away(min(self._visitors.values(), key=lambda v: v.since), "too many are waiting")
        visitor = _Visitor(connection, peer, time.monotonic())
        self._visitors[connection.fileno()] = visitor
        self._selector.register(connection, selectors.EVENT_READ)
        self._read(visitor)

    def _report(self, peer: Peer) -> None:
        """A stranger is named once a minute, however often he knocks."""
        now = time.monotonic()
        if now - self._reported.get(peer.uid, -_REPORT_S) >= _REPORT_S:
            self._reported = {uid: at for uid, at in self._reported.items() if now - at < _REPORT_S}
            self._reported[peer.uid] = now
            log.warning("%s: may not give orders", peer)

    def _read(self, visitor: _Visitor) -> None:
        try:
            chunk = visitor.connection.recv(wire.LONGEST + 1)
        except BlockingIOError:
            return
        except OSError:
            chunk = b""
        visitor.raw += chunk
        request, whole, _ = bytes(visitor.raw).partition(wire.END)
        if whole:
            self._hand_on(visitor, request)
        elif not chunk:
            self._let_go(visitor).close()
        elif len(visitor.raw) > wire.LONGEST:
            self._send_away(visitor, f"longer than {wire.LONGEST} bytes")

    def _hand_on(self, visitor: _Visitor, raw: bytes) -> None:
        reply = Reply(self._let_go(visitor))
        try:
            request = wire.parsed(raw)
        except ValueError as wrong:
            reply.no(str(wrong))
            return
        try:
            self._serve(request, visitor.peer, reply)
        except Exception as bug:  # the last line of defence: without this thread nobody is served any more
            log.exception("bug in serving %s", visitor.peer)
            reply.no(f"internal error: {type(bug).__name__}: {bug}")

    def _send_away_the_silent(self) -> None:
        long_ago = time.monotonic() - _SILENT_S
        for visitor in [v for v in self._visitors.values() if v.since < long_ago]:
            self._send_away(visitor, f"no whole request within {_SILENT_S:.0f} s")

    def _send_away(self, visitor: _Visitor, reason: str) -> None:
        log.debug("%s: sent away: %s", visitor.peer, reason)
        Reply(self._let_go(visitor)).no(reason)

    def _let_go(self, visitor: _Visitor) -> socket.socket:
        """The connection, which is no longer waited for."""
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(visitor.connection)
        self._visitors.pop(visitor.connection.fileno(), None)
        return visitor.connection
