"""`vipswitch agent`, started as an operator starts it in the foreground, and watched from outside."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

SOCKET = "agent.sock"
_STARTS_WITHIN_S = 20.0
_STOPS_WITHIN_S = 10.0


class NoAgent(Exception):
    """It does not start; the text says what it said."""


@contextmanager
def running(program: Path, config: Path, environment: Mapping[str, str], log: Path) -> Iterator[int]:
    """An agent that answers on its socket, by its pid. Raises NoAgent."""
    words = [str(program), "agent", "--config", str(config)]
    with log.open("w") as out:
        process = subprocess.Popen(
            words, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
        )
    try:
        _wait_for(Path(environment["VIPSWITCH_RUN_DIR"], SOCKET), process, log)
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_STOPS_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(path: Path, process: subprocess.Popen[bytes], log: Path) -> None:
    give_up = time.monotonic() + _STARTS_WITHIN_S
    while not _answers(path):
        if process.poll() is not None or time.monotonic() > give_up:
            raise NoAgent(log.read_text().strip() or "no answer on its socket")
        time.sleep(0.05)


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(str(path))
        except OSError:
            return False
    return True
