"""client.py WHAT HOST PORT OUT: a new connection at even intervals, whatever became of those before.

WHAT: `greeting` waits for a line from the other side, `query` asks PostgreSQL for one, `row` writes a new
one there.

Rules: an attempt that is given up for taking too long never holds up another; its row may be there all the
same, but only one that was confirmed must be. One JSON line per attempt, times are monotonic. The password is
PGPASSWORD. Ends on SIGTERM. Runs as a program, in the client's namespace.
"""

import asyncio
import itertools
import json
import logging
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TextIO

import psycopg

Ask = Callable[[str, str, int], Awaitable[None]]
"""One attempt at this host and port, of this number; OSError, TimeoutError or psycopg.Error."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What is asked, how often, and how long an answer may take."""

    ask: Ask
    period_s: float
    patience_s: float
    writes: bool = False


async def greeting(host: str, port: str, _: int) -> None:
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        if not await reader.readline():
            raise ConnectionError("closed without an answer")
    finally:
        writer.close()


async def query(host: str, port: str, _: int) -> None:
    await _execute(host, port, "select 1")


async def row(host: str, port: str, number: int) -> None:
    await _execute(host, port, "insert into written values (%s)", number)


async def _execute(host: str, port: str, statement: str, *values: int) -> None:
    """One connection, one statement."""
    conninfo = f"host={host} port={port} user=postgres dbname=postgres sslmode=disable gssencmode=disable"
    async with await psycopg.AsyncConnection.connect(conninfo, autocommit=True) as connection:
        await connection.execute(statement.encode(), values or None)


KINDS = {
    "greeting": Kind(greeting, period_s=0.02, patience_s=0.5),
    "query": Kind(query, period_s=0.02, patience_s=0.5),
    "row": Kind(row, period_s=0.05, patience_s=1.0, writes=True),
}


async def attempt(kind: Kind, host: str, port: str, number: int, out: TextIO) -> None:
    """One attempt and its line."""
    started = time.monotonic()
    try:
        async with asyncio.timeout(kind.patience_s):
            await kind.ask(host, port, number)
        error = None
    except (psycopg.Error, OSError) as exc:
        error = str(exc).strip() or type(exc).__name__
    line = {"started": started, "ended": time.monotonic(), "error": error}
    out.write(json.dumps(line | ({"row": number} if kind.writes else {})) + "\n")


async def repeat(kind: Kind, host: str, port: str, out: TextIO) -> None:
    """Start attempts at even intervals until SIGTERM; those under way are abandoned."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    running: set[asyncio.Task[None]] = set()
    for number in itertools.count(1):
        if stop.is_set():
            break
        task = asyncio.create_task(attempt(kind, host, port, number, out))
        running.add(task)
        task.add_done_callback(running.discard)
        await asyncio.sleep(kind.period_s)
    for task in running:
        task.cancel()


def main(what: str, host: str, port: str, path: str) -> None:
    logging.getLogger("psycopg").setLevel(logging.ERROR)  # it warns of each attempt that is given up
    with open(path, "a", buffering=1) as out:
        asyncio.run(repeat(KINDS[what], host, port, out))


if __name__ == "__main__":
    main(*sys.argv[1:])
