"""writer.py HOST PORT OUT: a new connection and one new row every 50 ms, whatever became of those before.

Rules: rows are numbered; a row that was confirmed within 0.5 s is an answer, any other attempt an error,
which may have been carried out all the same; one JSON line per attempt, times are monotonic. Ends on SIGTERM.
Runs as a program, in the client's namespace.
"""

import asyncio
import json
import logging
import signal
import sys
import time
from typing import TextIO

import psycopg

PERIOD_S = 0.05
PATIENCE_S = 0.5


async def insert(conninfo: str, number: int) -> None:
    """One connection, one row."""
    async with await psycopg.AsyncConnection.connect(conninfo, autocommit=True) as connection:
        await connection.execute("INSERT INTO written VALUES (%s)", [number])


async def attempt(conninfo: str, number: int, out: TextIO) -> None:
    """One row and its line."""
    started = time.monotonic()
    try:
        async with asyncio.timeout(PATIENCE_S):
            await insert(conninfo, number)
        error = None
    except (psycopg.Error, TimeoutError) as exc:
        error = str(exc).strip() or type(exc).__name__
    line = {"number": number, "started": started, "ended": time.monotonic(), "error": error}
    out.write(json.dumps(line) + "\n")


async def write(conninfo: str, out: TextIO) -> None:
    """Start attempts at even intervals until SIGTERM; those under way are abandoned."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    running: set[asyncio.Task[None]] = set()
    number = 0
    while not stop.is_set():
        number += 1
        task = asyncio.create_task(attempt(conninfo, number, out))
        running.add(task)
        task.add_done_callback(running.discard)
        await asyncio.sleep(PERIOD_S)
    for task in running:
        task.cancel()


def main(host: str, port: str, path: str) -> None:
    logging.getLogger("psycopg").setLevel(logging.ERROR)  # it warns of each attempt that is given up
    conninfo = f"host={host} port={port} user=postgres dbname=postgres sslmode=disable gssencmode=disable"
    with open(path, "a", buffering=1) as out:
        asyncio.run(write(conninfo, out))


if __name__ == "__main__":
    main(*sys.argv[1:])
