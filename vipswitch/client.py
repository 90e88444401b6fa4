"""The thin client: hands an order over to the agent and waits for its result.

It runs at the start of every hook, so it imports nothing that takes time: `_socket` and `_signal` are what
`socket` and `signal` are made of, without the enumerations around them (8 ms of a failover).

Rules: an agent that has not taken the order within `ANSWER_S` is left alone, and the hook does the work
itself; if both do, the order's generation sees to it that they do the same. Once the order is taken, a hook
that ends, for whatever reason, changes nothing: the agent finishes it.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # in the interpreter since Python 1, without stubs
import _socket
import os
import time

from vipswitch import processes
from vipswitch.wire import Request, written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from vipswitch.processes import Bringer

ANSWER_S = 0.2
"""How long the agent may take to take an order."""

_GRACE_S = 0.3
"""How much later than the hook's own limit the agent's last word may come."""

LATE = 5
"""The exit code of a hook that cannot wait any longer: that of Unavailable."""


class Stopped(BaseException):
    """A signal ended the waiting."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def socket_path(run_folder: str = "") -> str:
    """Where the agent listens, by the run folder of the config or, without one, as the hooks guess it."""
    folder = run_folder or os.environ.get("VIPSWITCH_RUN_DIR") or "/run/vipswitch"
    return f"{folder}/agent.sock"


def order(
    verb: str,
    name: str,
    wait_s: float,
    *,
    config: str = "",
    detach: bool = False,
    verbose: bool = False,
    bringer: Bringer | None = None,
) -> Request:
    """An order for one VIP or group, which may take `wait_s` from the moment that is its generation.

    It is this process's own, from its start, unless it says by whom it was brought.
    """
    me, bringer = processes.me(), bringer or processes.bringer()
    caller = bringer.caller
    return Request(
        verb,
        (name,),
        (me.pid, bringer.by.started),
        runner=(caller.runner.pid, caller.runner.started) if caller else None,
        caller=(caller.standing.pid, caller.standing.started, caller.program) if caller else None,
        wait_s=max(wait_s - processes.age_s(bringer.by), 0.0),
        config=config,
        detach=detach,
        verbose=verbose,
    )


def question(what: str, names: tuple[str, ...], wait_s: float, *, config: str = "") -> Request:
    """What a person asks of the agent about some VIPs, or all of them when none is named."""
    me = processes.me()
    return Request(what, names, (me.pid, me.started), wait_s=wait_s, config=config)


def hand_over(request: Request, path: str, say: Callable[[str], None]) -> int | None:
    """The exit code that the agent gives; None where none has taken the order, or one has not finished it."""
    try:
        raw = written(request)
        peer = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        try:
            return _asked(peer, path, raw, request, say)
        finally:
            peer.close()
    except (OSError, ValueError):
        return None


def _asked(
    peer: _socket.socket, path: str, raw: bytes, request: Request, say: Callable[[str], None]
) -> int | None:
    peer.settimeout(ANSWER_S)
    peer.connect(path)
    peer.sendall(raw)
    lines = _lines(peer)
    return _result(peer, lines, request, say) if _taken(lines, say) else None


def _taken(lines: Iterator[str], say: Callable[[str], None]) -> bool:
    word, _, rest = next(lines, "").partition(" ")
    if word == "no":
        say(f"the agent does not do it: {rest}")
    return word == "taken"


def _result(
    peer: _socket.socket, lines: Iterator[str], request: Request, say: Callable[[str], None]
) -> int | None:
    limit = time.monotonic() + request.wait_s + _GRACE_S
    try:
        peer.settimeout(max(limit - time.monotonic(), 0.001))
        for line in lines:
            word, _, rest = line.partition(" ")
            if word == "exit":
                return int(rest)
            if word == "say":
                say(rest)
            peer.settimeout(max(limit - time.monotonic(), 0.001))
    except TimeoutError:
        return _late(request, say)
    say("the agent ended before the order did: going on without it")
    return None


def _late(request: Request, say: Callable[[str], None]) -> int:
    asked = f"{request.what} {' '.join(request.names)}"
    say(f"{asked}: not done in {request.wait_s:.1f} s, the agent goes on with it")
    return LATE


def _lines(peer: _socket.socket) -> Iterator[str]:
    """Lines as they come; ends where the other side does."""
    rest = b""
    while chunk := peer.recv(4096):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield line.decode("utf-8", "replace")


def stop_at_signals() -> None:
    """Let INT and TERM raise Stopped."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise Stopped(number)

    for number in (_signal.SIGINT, _signal.SIGTERM):
        _signal.signal(number, stop)
