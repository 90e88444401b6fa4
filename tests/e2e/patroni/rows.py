"""The table that a client writes to."""

from pathlib import Path

import psycopg
import yaml

from vipswitch.testing.fabric.host import Host

_PLAIN = "user=postgres dbname=postgres sslmode=disable gssencmode=disable connect_timeout=5"


def conninfo(example: Path, host: str, port: int) -> str:
    """How one connects, with the password of the example."""
    return f"host={host} port={port} password={password(example)} {_PLAIN}"


def password(example: Path) -> str:
    """The superuser's."""
    settings = yaml.safe_load((example / "patroni.yml").read_text())
    return str(settings["postgresql"]["authentication"]["superuser"]["password"])


def create(on: Host, where: str) -> None:
    """The table, made through a connection from this host."""
    _ask(on, where, "create table written (row bigint primary key)")


def found(on: Host, where: str) -> list[int]:
    """The rows that are there."""
    return [row for (row,) in _ask(on, where, "select row from written order by row")]


def _ask(on: Host, where: str, query: str) -> list[tuple[int]]:
    def ask() -> list[tuple[int]]:
        with psycopg.connect(where, autocommit=True) as connection:
            answer = connection.execute(query.encode())
            return list(answer.fetchall()) if answer.description else []

    return on.namespace.inside(ask)
