"""The table that a client writes to, and the client."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import yaml

from tests.e2e import records
from vipswitch.testing.fabric.host import Host

_PLAIN = "user=postgres dbname=postgres sslmode=disable gssencmode=disable connect_timeout=5"


def conninfo(example: Path, host: str, port: int) -> str:
    """How one connects, with the password of the example."""
    settings = yaml.safe_load((example / "patroni.yml").read_text())
    password = settings["postgresql"]["authentication"]["superuser"]["password"]
    return f"host={host} port={port} password={password} {_PLAIN}"


def create(on: Host, where: str) -> None:
    """The table, made through a connection from this host."""
    _ask(on, where, "create table written (row bigint primary key)")


def found(on: Host, where: str) -> list[int]:
    """The rows that are there."""
    return [row for (row,) in _ask(on, where, "select row from written order by row")]


@contextmanager
def written(on: Host, where: str, path: Path) -> Iterator[None]:
    """A client on this host writes rows, from its first success on; its attempts are in the file."""
    command = [sys.executable, str(Path(__file__).with_name("writer.py")), where, str(path)]
    with path.with_suffix(".err").open("wb") as errors:
        client = on.namespace.popen(command, output=errors)
    try:
        records.wait_for_success(path, within_s=20)
        yield
    finally:
        _end(client)


def _end(client: subprocess.Popen[bytes]) -> None:
    client.terminate()
    client.wait()


def _ask(on: Host, where: str, query: str) -> list[tuple[int]]:
    def ask() -> list[tuple[int]]:
        with psycopg.connect(where, autocommit=True) as connection:
            answer = connection.execute(query.encode())
            return list(answer.fetchall()) if answer.description else []

    return on.namespace.inside(ask)
