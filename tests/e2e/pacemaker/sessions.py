"""sessions.py write|read HOST OUT: an application with one connection, and a new one when it fails.

Rules: one JSON line per statement that was answered or failed, times are monotonic; `said` is what the server
said: of a write the number of the row, which it has then promised to keep. A number is used once, also where
the answer was lost. Ends on SIGTERM. Runs as a program, in the client's namespace.
"""

import itertools
import json
import logging
import signal
import sys
import time
from collections.abc import Iterator
from typing import TextIO

import psycopg

_PAUSE_S = 0.05
_NUMBERS = itertools.count(1)

WRITE = "insert into rows (n) values (%s) returning n::text"
READ = "select case when pg_is_in_recovery() then 'standby' else 'primary' end where %s > 0"


def talk(statement: str, conninfo: str, out: TextIO) -> None:
    """Connect, and run the statement again and again, until something fails."""
    started = time.monotonic()
    try:
        with psycopg.connect(conninfo, autocommit=True) as connection:
            for number in _NUMBERS:
                started = time.monotonic()
                found = connection.execute(statement.encode(), [number]).fetchone()
                _note(out, started, said=str(found[0]) if found else "")
                time.sleep(_PAUSE_S)
    except psycopg.Error as error:
        _note(out, started, error=str(error).strip() or type(error).__name__)


def _note(out: TextIO, started: float, *, said: str | None = None, error: str | None = None) -> None:
    line = {"started": started, "ended": time.monotonic(), "said": said, "error": error}
    out.write(json.dumps(line) + "\n")


def _for_ever() -> Iterator[None]:
    while True:
        yield
        time.sleep(_PAUSE_S)


def main(what: str, host: str, path: str) -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    logging.getLogger("psycopg").setLevel(logging.ERROR)
    conninfo = (
        f"host={host} user=postgres dbname=postgres sslmode=disable gssencmode=disable connect_timeout=2"
        " tcp_user_timeout=2000"
    )
    statement = WRITE if what == "write" else READ
    with open(path, "a", buffering=1) as out:
        for _ in _for_ever():
            talk(statement, conninfo, out)


if __name__ == "__main__":
    main(*sys.argv[1:])
