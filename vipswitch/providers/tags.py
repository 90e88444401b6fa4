"""What the config names by a tag: looked up ahead of a failover, and kept on disk as ids.

Rules: a hook uses what is kept and asks nothing, so that a tag that somebody sets by mistake moves nothing
until `vipswitch check` has been run again. Only where nothing is kept yet it is looked up at once: an order
that could be done must not fail because nobody ran `check`. What was kept on another machine is not believed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from vipswitch.providers import kept
from vipswitch.settings import text

_TAG = re.compile(r"(?P<key>[^=]{1,512})=(?P<value>.{1,256})")


@dataclass(frozen=True, slots=True)
class Tag:
    """What stands in the config instead of ids: `tag:KEY=VALUE`, or with the cloud's own `word` for a tag."""

    key: str
    value: str
    word: str = "tag"

    def __str__(self) -> str:
        return f"{self.word}:{self.key}={self.value}"


@dataclass(frozen=True, slots=True)
class Alias:
    """What else leads to ids, and is kept in the same way: a public address, say (`key` tells what it is)."""

    key: str
    value: str

    def __str__(self) -> str:
        return self.value


def tag(raw: object, word: str = "tag") -> Tag | None:
    """The tag that `raw` names; None when it names something else. Raises ValueError."""
    given, said = text(raw), f"{word}:"
    if not given.startswith(said):
        return None
    if not (found := _TAG.fullmatch(given.removeprefix(said))):
        raise ValueError(f"{given} is not a {word} such as {word}:vipswitch=primary")
    return Tag(found["key"], found["value"], word)


class Found:
    """The ids that were found for tags of one cloud on this machine.

    `machine` gives what tells it from others; where nothing does, nothing is kept on disk.
    """

    def __init__(self, cloud: str, folder: Path, machine: Callable[[], str]) -> None:
        self._cloud = cloud
        self._folder = folder
        self._machine = machine
        self._known: dict[tuple[str, Tag | Alias], tuple[str, ...]] = {}

    def ids(self, kind: str, tag: Tag | Alias) -> tuple[str, ...]:
        """What is kept for a tag of this kind of object; empty when nothing is."""
        if (kind, tag) not in self._known:
            self._known[kind, tag] = self._load(kind, tag)
        return self._known[kind, tag]

    def keep(self, kind: str, tag: Tag | Alias, ids: Sequence[str]) -> None:
        """Remember what was found."""
        self._known[kind, tag] = tuple(ids)
        if machine := self._machine():
            document = {"machine": machine, "kind": kind, "tag": str(tag), "ids": list(ids)}
            kept.store(self._path(kind, tag), document)

    def _load(self, kind: str, tag: Tag | Alias) -> tuple[str, ...]:
        raw = kept.load(self._path(kind, tag))
        ids = raw.get("ids")
        if not raw or raw.get("machine") != self._machine() or not isinstance(ids, list):
            return ()
        return tuple(id for id in ids if isinstance(id, str))

    def _path(self, kind: str, tag: Tag | Alias) -> Path:
        name = hashlib.sha256(f"{kind}\0{tag.key}\0{tag.value}".encode()).hexdigest()[:16]
        return self._folder / f"{self._cloud}-tag-{name}.json"
