"""The keys of `[follow.NAME]`: what `vipswitch follow` watches to know who leads, one class for each kind.

    [follow.cluster]
    kind      = "etcd"
    endpoints = ["http://10.0.1.10:2379", "http://10.0.2.10:2379", "http://10.0.3.10:2379"]
    key       = "/service/batman/leader"

Rules: read on every start of a hook, so nothing heavy is imported here; no key holds a password. One file
serves all nodes: what this node is called there need not stand in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from vipswitch.authority.settings import absolute_path, plain_url
from vipswitch.settings import Problem, text
from vipswitch.settings import key as setting

_ENDPOINT = re.compile(r"https?://(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9][A-Za-z0-9.-]*):[0-9]{1,5}")

_MEMBER = "this node as the cluster calls it; default: the host of [node.HOSTNAME], else the host name"
_INTERVAL = "how often who leads is asked, in seconds"
_DROP = "let go of the VIP when nobody could say for so many seconds who leads; default: never"


def _between(least: float, most: float, raw: object) -> float:
    if not isinstance(raw, int | float) or isinstance(raw, bool) or not least <= raw <= most:
        raise ValueError(f"{raw!r} is not a number of seconds from {least:g} to {most:g}")
    return float(raw)


def _interval(raw: object) -> float:
    return _between(0.5, 60.0, raw)


def _long_unknown(raw: object) -> float:
    """Shorter than that, and one slow answer would do it."""
    return _between(5.0, 86400.0, raw)


def _endpoint(raw: object) -> str:
    endpoint = plain_url(raw)
    if not _ENDPOINT.fullmatch(endpoint):
        raise ValueError(f"{endpoint!r} is not http://HOST:PORT or https://HOST:PORT")
    return endpoint


@dataclass(frozen=True, slots=True)
class PatroniSource:
    """Patroni, asked by the REST API of this node; any store will do."""

    url: str = setting(plain_url, help='this node\'s REST API, for example "http://127.0.0.1:8008"')
    ca_file: Path | None = setting(
        absolute_path, default=None, help="certificates to verify it by; default: the system's"
    )
    member: str | None = setting(text, default=None, help=_MEMBER)
    interval_s: float = setting(_interval, default=2.0, help=_INTERVAL)
    drop_after_s: float | None = setting(_long_unknown, default=None, help=_DROP)


@dataclass(frozen=True, slots=True)
class EtcdSource:
    """A key of etcd v3, whose value is the name of the node that leads."""

    endpoints: tuple[str, ...] = setting(
        _endpoint, many=True, help='the members of etcd, for example ["http://10.0.1.10:2379"]'
    )
    key: str = setting(text, help='the leader key, for example "/service/batman/leader"')
    ca_file: Path | None = setting(
        absolute_path, default=None, help="certificates to verify etcd by; default: the public ones"
    )
    cert_file: Path | None = setting(absolute_path, default=None, help="this client's certificate")
    key_file: Path | None = setting(absolute_path, default=None, help="its key")
    user: str | None = setting(text, default=None, help="a user of etcd")
    password_file: Path | None = setting(
        absolute_path, default=None, help="its password, in a file that only its owner can read"
    )
    member: str | None = setting(text, default=None, help=_MEMBER)
    interval_s: float = setting(_interval, default=2.0, help=_INTERVAL)
    drop_after_s: float | None = setting(_long_unknown, default=None, help=_DROP)


SourceSettings = PatroniSource | EtcdSource

KINDS: Mapping[str, type[SourceSettings]] = {"patroni": PatroniSource, "etcd": EtcdSource}


def incomplete(settings: SourceSettings, where: str) -> Iterator[Problem]:
    """What needs another key beside it; `where` is the table."""
    if isinstance(settings, PatroniSource):
        return
    for one, other in (("cert_file", "key_file"), ("user", "password_file")):
        given = [name for name in (one, other) if getattr(settings, name) is not None]
        if len(given) == 1:
            missing = other if given == [one] else one
            yield Problem(f"{where}.{missing}", "is missing", f"{given[0]} needs it")
