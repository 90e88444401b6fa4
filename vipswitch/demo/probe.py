"""probe.py ADDRESS:PORT | FILE NODE=ADDRESS:PORT...: asks the VIP every 20 ms who is there.

Rules: only the standard library, because it is run as a file; never waits for an answer before it asks
again. Given a file of the `file` provider, it looks up there whom to ask, as packets follow a route.
Writes `NUMBER SENT` for each question and `NUMBER SENT ANSWERED NODE` for each answer, times as of
time.monotonic(). Ends when nobody reads them any more.
"""

import json
import select
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

PERIOD_S = 0.02

Address = tuple[str, int]


def probe(target: Callable[[], Address | None]) -> None:
    """Ask at even intervals for ever."""
    sent: list[float] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ours:
        due = time.monotonic()
        while True:
            sent.append(time.monotonic())
            print(len(sent) - 1, sent[-1], flush=True)
            _ask(ours, len(sent) - 1, target())
            due += PERIOD_S
            while (left := due - time.monotonic()) > 0 and select.select([ours], [], [], left)[0]:
                _note(ours, sent)


def _ask(ours: socket.socket, number: int, to: Address | None) -> None:
    with suppress(OSError):  # no route now is an answer that never comes
        if to is not None:
            ours.sendto(str(number).encode(), to)


def _note(ours: socket.socket, sent: list[float]) -> None:
    with suppress(OSError):
        number, node = ours.recv(512).decode().split()
        print(number, sent[int(number)], time.monotonic(), node, flush=True)


def _address(text: str) -> Address:
    host, _, port = text.rpartition(":")
    return host, int(port)


def _holder(file: Path, nodes: dict[str, Address]) -> Address | None:
    """Where the node is that holds the VIP; the file is replaced as a whole, so it is never half read."""
    try:
        records = json.loads(file.read_bytes())
    except FileNotFoundError:
        return None
    return next((nodes.get(record["holder"]) for record in records.values()), None)


def main(first: str, *places: str) -> None:
    nodes = {name: _address(at) for name, _, at in (place.partition("=") for place in places)}
    with suppress(BrokenPipeError, KeyboardInterrupt):
        probe((lambda: _holder(Path(first), nodes)) if nodes else (lambda: _address(first)))


if __name__ == "__main__":
    main(*sys.argv[1:])
