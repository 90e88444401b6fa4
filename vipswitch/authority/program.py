"""One program run to its end, within a bound of time and of output.

Rules: no shell; nothing on stdin, no inherited descriptor, no environment but the one given; a session of its
own, which is killed as a whole when the time is up or it says too much. A program is over when it has
ended and nothing of it holds its output open any more.
"""

from __future__ import annotations

import os
import selectors
import signal
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from subprocess import DEVNULL, PIPE, Popen, TimeoutExpired
from typing import IO

from vipswitch.errors import TimeUp, Unavailable

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_LIMIT = 65536
_REAP_S = 0.2


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended. `code` is negative when a signal ended it."""

    code: int
    out: str
    err: str


def run(words: Sequence[str], environment: Mapping[str, str], timeout_s: float) -> Ended:
    """Run it with PATH, LC_ALL=C and `environment`.

    Raises Unavailable when it cannot be started or says more than 64 KiB, TimeUp when it is not over in time.
    """
    until = time.monotonic() + timeout_s
    process = _start(words, {"PATH": PATH, "LC_ALL": "C", **environment})
    try:
        out, err = _read(process, words[0], until)
        code = process.wait(max(0.0, until - time.monotonic()))
    except TimeoutExpired as late:
        raise _late(words[0]) from late
    finally:
        _end(process)
    return Ended(code, out, err)


def first_line(*texts: str) -> str:
    """The first line with anything printable in it, at most 200 characters; empty when there is none."""
    lines = (line.strip() for text in texts for line in text.splitlines())
    plain = ("".join(each if each.isprintable() else "?" for each in line) for line in lines if line)
    return next(plain, "")[:200]


def _start(words: Sequence[str], environment: Mapping[str, str]) -> Popen[bytes]:
    try:
        return Popen(
            words, stdin=DEVNULL, stdout=PIPE, stderr=PIPE, env=environment, start_new_session=True, bufsize=0
        )
    except OSError as wrong:
        raise Unavailable(f"{words[0]}: {(wrong.strerror or str(wrong)).lower()}") from wrong


def _read(process: Popen[bytes], name: str, until: float) -> tuple[str, str]:
    """What it says on stdout and on stderr."""
    assert process.stdout is not None
    assert process.stderr is not None
    said: dict[IO[bytes], bytearray] = {process.stdout: bytearray(), process.stderr: bytearray()}
    with selectors.DefaultSelector() as open_pipes:
        for pipe in said:
            open_pipes.register(pipe, selectors.EVENT_READ, said[pipe])
        while open_pipes.get_map():
            left = until - time.monotonic()
            if left <= 0:
                raise _late(name)
            for key, _ in open_pipes.select(left):
                chunk = os.read(key.fd, _LIMIT)
                key.data.extend(chunk)
                if len(key.data) > _LIMIT:
                    raise Unavailable(f"{name}: said more than {_LIMIT // 1024} KiB")
                if not chunk:
                    open_pipes.unregister(key.fileobj)
    out, err = (text.decode("utf-8", "replace") for text in said.values())
    return out, err


def _late(name: str) -> TimeUp:
    return TimeUp(f"{name}: did not end in time")


def _end(process: Popen[bytes]) -> None:
    """Kill what is left of its session; it is not waited for where the kernel holds it."""
    if process.returncode is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        with suppress(TimeoutExpired):
            process.wait(_REAP_S)
    for pipe in (process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()
