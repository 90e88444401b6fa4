"""Work that outlives its hook: whoever ends the hook, its process group or its children, cannot end it.

keepalived gives a hook one second when it stops, then kills its process group; Patroni stops and kills a
callback with every process whose parents lead to it. So the work is done in a session of its own, by a
process whose parent is gone. Where an agent takes the order, nothing of this is needed.

Rules: the order is the hook's, with its generation and its caller, whoever carries it out. The process holds
nothing that the hook has from its caller: it says what it has to say to the hook, as long as there is one.
Sources: notify.c of keepalived, cancellable.py of Patroni.
"""

from __future__ import annotations

import errno
import os
import select
import time

from vipswitch.callers.process import leave

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    LetGo = Callable[[int], None]


def outlived(work: Callable[[LetGo], int], wait_s: float) -> int | None:
    """Have `work` done by a process that outlives this one; its exit code, None when `wait_s` are over.

    `work` is given what lets this one go before the end, with an exit code. Raises OSError where there can be
    no other process; then nothing is done.
    """
    until = time.monotonic() + wait_s
    told, tells = os.pipe()
    said, says = os.pipe()
    between = os.fork()
    if between == 0:
        os.setsid()
        _leave_the_rest_to_a_child()
        os.dup2(says, 2)
        for end in (told, said, says):
            os.close(end)
        leave(_worker(work, tells))
    for end in (tells, says):
        os.close(end)
    if os.waitpid(between, 0)[1] != 0:
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
    return _heard(told, said, until)


def _leave_the_rest_to_a_child() -> None:
    try:
        child = os.fork()
    except OSError:
        os._exit(1)
    if child != 0:
        os._exit(0)


def _heard(told: int, said: int, until: float) -> int | None:
    """Pass on what is said, until the exit code is told."""
    while True:
        ready, _, _ = select.select([told, said], [], [], max(until - time.monotonic(), 0.0))
        if said in ready and (words := os.read(said, 4096)):
            _say(words)
        elif told in ready:
            code = os.read(told, 1)
            return code[0] if code else 1
        elif not ready:
            return None


def _say(words: bytes) -> None:
    try:
        os.write(2, words)
    except OSError:
        return  # the caller has closed it; syslog has been told


def _worker(work: Callable[[LetGo], int], tells: int) -> int:
    untold = [tells]

    def let_go(code: int) -> None:
        """Once."""
        while untold:
            try:
                os.write(tells, bytes([code]))
            except BrokenPipeError:
                pass  # the hook has waited long enough, or is dead
            finally:
                os.close(untold.pop())

    code = work(let_go)
    let_go(code)
    return code
