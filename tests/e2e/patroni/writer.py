"""writer.py CONNINFO OUT: a new connection and a new row every 50 ms, whatever became of those before.

Rules: an attempt is given up after a second and never holds up another; its row may be there all the same,
but only one that was acknowledged must be. One JSON line per attempt, times are monotonic. Ends on SIGTERM.
Runs as a program, in the client's namespace.
"""

import asyncio
import itertools
import json
import logging
import signal
import sys
import time
from typing import TextIO

import psycopg

PERIOD_S = 0.05
PATIENCE_S = 1.0


async def insert(conninfo: str, row: int) -> None:
    """One connection, one row."""
    async with await psycopg.AsyncConnection.connect(conninfo, autocommit=True) as connection:
        await connection.execute("insert into written values (%s)", [row])


async def attempt(conninfo: str, row: int, out: TextIO) -> None:
    """One row and its line."""
    started = time.monotonic()
    try:
        async with asyncio.timeout(PATIENCE_S):
            await insert(conninfo, row)
        error = None
    except (psycopg.Error, TimeoutError) as exc:
        error = str(exc).strip() or type(exc).__name__
    line = {"started": started, "ended": time.monotonic(), "error": error, "row": row}
    out.write(json.dumps(line) + "\n")


async def write(conninfo: str, out: TextIO) -> None:
    """Start attempts at even intervals until SIGTERM; those under way are abandoned."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    running: set[asyncio.Task[None]] = set()
    for row in itertools.count():
        if stop.is_set():
            break
        task = asyncio.create_task(attempt(conninfo, row, out))
        running.add(task)
        task.add_done_callback(running.discard)
        await asyncio.sleep(PERIOD_S)
    for task in running:
        task.cancel()


def main(conninfo: str, path: str) -> None:
    logging.getLogger("psycopg").setLevel(logging.ERROR)  # it warns of each attempt that is given up
    with open(path, "a", buffering=1) as out:
        asyncio.run(write(conninfo, out))


if __name__ == "__main__":
    main(*sys.argv[1:])
