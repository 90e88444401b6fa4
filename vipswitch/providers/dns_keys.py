"""The config keys that say what a VIP that is a name publishes: the same ones in every cloud."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vipswitch.settings import key, text


def one_of(*words: str) -> Callable[[object], str]:
    """A parser that takes one of these words."""

    def parse(raw: object) -> str:
        given = text(raw)
        if given not in words:
            raise ValueError(f"{given} is not {' or '.join(words)}")
        return given

    return parse


def types() -> Any:
    """The key `types`: which record types move."""
    return key(one_of("A", "AAAA"), many=True, default=("A",), help="A, AAAA, or both")


def ttl() -> Any:
    """The key `ttl`."""
    return key(_seconds, default=10, help="seconds for which resolvers may keep an answer")


def publish(default: str) -> Any:
    """The key `publish`: which of a node's IPv4 addresses clients are told."""
    about = "which IPv4 address of the node: private or public"
    return key(one_of("private", "public"), default=default, help=about)


def _seconds(raw: object) -> int:
    given = str(raw)
    if isinstance(raw, bool) or not given.isdecimal() or not 1 <= int(given) <= 86400:
        raise ValueError(f"{raw!r} is not a number of seconds from 1 to 86400")
    return int(given)
