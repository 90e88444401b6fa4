"""The keys of `[authority.NAME]`, one class for each kind.

    [authority.pgpool]
    kind     = "pgpool"
    user     = "vipswitch"
    passfile = "/etc/vipswitch/pcppass"

Rules: read on every start of a hook, so nothing heavy is imported here; no key holds a password.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address
from pathlib import Path
from typing import ClassVar

from vipswitch.settings import key, text

_URL = re.compile(
    r"https?://(?:\[(?P<ipv6>[0-9A-Fa-f:.]+)\]|[A-Za-z0-9][A-Za-z0-9.-]*)(?::(?P<port>[0-9]{1,5}))?"
    r"(?:/[A-Za-z0-9._~/-]*)?"
)


def _pcp_port(raw: object) -> int:
    """A port that pcp_watchdog_info takes: it refuses those up to 1024."""
    if not isinstance(raw, int) or isinstance(raw, bool) or not 1024 < raw < 65536:
        raise ValueError(f"{raw!r} is not a port from 1025 to 65535")
    return raw


def absolute_path(raw: object) -> Path:
    """An absolute path."""
    path = Path(text(raw))
    if not path.is_absolute():
        raise ValueError(f"{path} is not an absolute path")
    return path


def plain_url(raw: object) -> str:
    """A URL without a user, a query or a last slash."""
    given = text(raw)
    found = _URL.fullmatch(given)
    if not found:
        raise ValueError(f"{given!r} is not a plain http or https URL")
    if found["ipv6"]:
        IPv6Address(found["ipv6"])
    if found["port"] and not 0 < int(found["port"]) < 65536:
        raise ValueError(f"{found['port']} is not a port from 1 to 65535")
    return given.rstrip("/")


def _words(raw: object) -> tuple[str, ...]:
    """A command line, already in words: no shell ever reads it."""
    if not isinstance(raw, list) or not raw or not all(isinstance(word, str) for word in raw):
        raise ValueError(f"expected a list of words, found {raw!r}")
    if any("\0" in word for word in raw):
        raise ValueError("a word has a NUL in it")
    if not Path(raw[0]).is_absolute():
        raise ValueError(f"{raw[0]!r} is not an absolute path")
    return tuple(raw)


@dataclass(frozen=True, slots=True)
class PgpoolSettings:
    """Pgpool-II's watchdog, asked by `pcp_watchdog_info`."""

    knows_hosts: ClassVar[bool] = True
    user: str = key(text, help="a user of pcp.conf")
    passfile: Path = key(absolute_path, help="its password file, mode 600: host:port:user:password")
    host: str = key(text, default="localhost", help="where this node's Pgpool-II listens for pcp")
    port: int = key(
        _pcp_port, default=9898, help="pcp_port of pgpool.conf; pcp programs refuse those up to 1024"
    )
    program: Path | None = key(
        absolute_path,
        default=None,
        help="path of pcp_watchdog_info; default: looked for in the usual folders",
    )


@dataclass(frozen=True, slots=True)
class PatroniSettings:
    """Patroni, asked by its REST API."""

    knows_hosts: ClassVar[bool] = True
    url: str = key(plain_url, help='this node\'s REST API, for example "http://127.0.0.1:8008"')
    ca_file: Path | None = key(
        absolute_path, default=None, help="certificates to verify it by; default: the system's"
    )


@dataclass(frozen=True, slots=True)
class CommandSettings:
    """Any program that answers by its exit status."""

    knows_hosts: ClassVar[bool] = False
    command: tuple[str, ...] = key(
        _words, help='its words, the first an absolute path, for example ["/usr/local/bin/who-leads"]'
    )


AuthoritySettings = PgpoolSettings | PatroniSettings | CommandSettings

KINDS: Mapping[str, type[AuthoritySettings]] = {
    "pgpool": PgpoolSettings,
    "patroni": PatroniSettings,
    "command": CommandSettings,
}
"""`knows_hosts`: that kind calls nodes by their hosts, so `[node.NAME]` has to say which is whose."""
