"""client.py HOST PORT OUT: a new connection and one query every 20 ms, whatever became of those before.

Rules: an attempt is given up after 0.5 s and never holds up another; one JSON line per attempt, times are
monotonic. Ends on SIGTERM. Runs as a program, in the client's namespace.
"""

import asyncio
import json
import logging
import signal
import sys
import time
from typing import TextIO

import psycopg

PERIOD_S = 0.02
PATIENCE_S = 0.5


async def query(conninfo: str) -> None:
    """One connection, one query."""
    async with await psycopg.AsyncConnection.connect(conninfo, autocommit=True) as connection:
        await connection.execute("select 1")


async def attempt(conninfo: str, out: TextIO) -> None:
    """One query and its line."""
    started = time.monotonic()
    try:
        async with asyncio.timeout(PATIENCE_S):
            await query(conninfo)
        error = None
    except (psycopg.Error, TimeoutError) as exc:
        error = str(exc).strip() or type(exc).__name__
    line = {"started": started, "ended": time.monotonic(), "error": error}
    out.write(json.dumps(line) + "\n")


async def ask(conninfo: str, out: TextIO) -> None:
    """Start attempts at even intervals until SIGTERM; those under way are abandoned."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    running: set[asyncio.Task[None]] = set()
    while not stop.is_set():
        task = asyncio.create_task(attempt(conninfo, out))
        running.add(task)
        task.add_done_callback(running.discard)
        await asyncio.sleep(PERIOD_S)
    for task in running:
        task.cancel()


def main(host: str, port: str, path: str) -> None:
    logging.getLogger("psycopg").setLevel(logging.ERROR)  # it warns of each attempt that is given up
    conninfo = f"host={host} port={port} user=postgres dbname=postgres sslmode=disable gssencmode=disable"
    with open(path, "a", buffering=1) as out:
        asyncio.run(ask(conninfo, out))


if __name__ == "__main__":
    main(*sys.argv[1:])
