"""ask.py HOST PORT OUT: a new connection every 20 ms, answered when the other side has said something.

Rules: an attempt is given up after 0.5 s and never holds up another; one JSON line per attempt, times are
monotonic. Ends on SIGTERM. Runs as a program, in the client's namespace.
"""

import asyncio
import json
import signal
import sys
import time
from typing import TextIO

PERIOD_S = 0.02
PATIENCE_S = 0.5


async def answered(host: str, port: str) -> None:
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        if not await reader.readline():
            raise ConnectionError("closed without an answer")
    finally:
        writer.close()


async def attempt(host: str, port: str, out: TextIO) -> None:
    """One attempt and its line."""
    started = time.monotonic()
    try:
        async with asyncio.timeout(PATIENCE_S):
            await answered(host, port)
        error = None
    except OSError as exc:
        error = str(exc).strip() or type(exc).__name__
    line = {"started": started, "ended": time.monotonic(), "error": error}
    out.write(json.dumps(line) + "\n")


async def ask(host: str, port: str, out: TextIO) -> None:
    """Start attempts at even intervals until SIGTERM; those under way are abandoned."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    running: set[asyncio.Task[None]] = set()
    while not stop.is_set():
        task = asyncio.create_task(attempt(host, port, out))
        running.add(task)
        task.add_done_callback(running.discard)
        await asyncio.sleep(PERIOD_S)
    for task in running:
        task.cancel()


def main(host: str, port: str, path: str) -> None:
    with open(path, "a", buffering=1) as out:
        asyncio.run(ask(host, port, out))


if __name__ == "__main__":
    main(*sys.argv[1:])
