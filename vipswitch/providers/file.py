"""`file`: the reference provider. A small JSON file stands for the cloud, a lock for its atomicity.

It is what a provider looks like when the cloud is perfect: every write is a compare-and-set, reads
are never stale, and nothing is far away. Tests, examples and authors of other providers start here.
The file maps each place to its holder and a version that every write increases.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from vipswitch.deadline import Deadline
from vipswitch.errors import Conflict, PermissionDenied, Refused, TimeUp, VipswitchError
from vipswitch.model import Holding, NodeId, Place, Vip
from vipswitch.provider import Call, Capabilities, Finding, Level, Machine
from vipswitch.settings import key, text


@dataclass(frozen=True, slots=True)
class Record:
    """One place in the file."""

    holder: NodeId | None = None
    version: int = 0


def _path(raw: object) -> Path:
    path = Path(text(raw))
    if not path.is_absolute():
        raise ValueError(f"{path} is not an absolute path")
    return path


@dataclass(frozen=True, slots=True)
class FileSettings:
    """Which file, and which places in it."""

    path: Path = key(_path, help="the file that says who holds the VIP, for example /srv/vip.json")
    places: tuple[str, ...] = key(text, many=True, default=("file",), help="names of places in it")


class File:
    """Keeps the holder of a VIP in a file."""

    Settings = FileSettings
    capabilities: ClassVar[Capabilities] = Capabilities(needs_address=False)

    def __init__(self, settings: FileSettings, vip: Vip, machine: Machine) -> None:
        self._path = settings.path
        self._machine = machine
        self._places = tuple(Place(f"{settings.path.name}:{name}") for name in settings.places)

    @property
    def places(self) -> tuple[Place, ...]:
        """One place for each name in the settings."""
        return self._places

    def node(self, deadline: Deadline) -> NodeId:
        """The node id from the config, else the host name."""
        return self._machine.node() or NodeId(socket.gethostname())

    def read(self, places: Sequence[Place], deadline: Deadline) -> Mapping[Place, Holding | VipswitchError]:
        """Who holds each place; PermissionDenied or Refused when the file cannot be read."""
        with _ours(self._path):
            records = _load(self._path)
        return {place: _holding(records.get(place.id, Record())) for place in places}

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        """Write `node` as holder; Conflict when the version is no longer that of `seen`."""
        self._write(place, node, seen, deadline)

    def release(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        """Write nobody as holder, if `seen` was this node and is still the case; Conflict otherwise."""
        if seen.holder != node:
            raise Conflict(f"{place}: held by {seen.holder}, not by {node}")
        self._write(place, None, seen, deadline)

    def contention_key(self, place: Place) -> str:
        """The file: all its places are written in one go."""
        return f"file:{self._path}"

    def calls(self, call: Call, places: Sequence[Place], node: NodeId) -> list[str]:
        """What would be done to the file."""
        return [f"{call} {self._path} {' '.join(p.id for p in places)} node={node}"]

    def check(self, deadline: Deadline) -> Iterable[Finding]:
        """Whether the file can be written, found out without writing it."""
        target = self._path if self._path.exists() else self._path.parent
        if os.access(target, os.W_OK):
            yield Finding(Level.OK, str(self._path), "can be written")
        else:
            yield Finding(
                Level.ERROR, str(self._path), "cannot be written", f"give us write access to {target}"
            )

    def _write(self, place: Place, holder: NodeId | None, seen: Holding | None, deadline: Deadline) -> None:
        with _ours(self._path), _locked(self._path):
            if deadline.passed():
                raise TimeUp(f"{place}: the deadline passed before the write")
            records = _load(self._path)
            now = records.get(place.id, Record())
            if seen is not None and _holding(now).token != seen.token:
                raise Conflict(f"{place}: version is {now.version}, no longer {seen.token}")
            records[place.id] = Record(holder, now.version + 1)
            _store(self._path, records)


def _holding(record: Record) -> Holding:
    return Holding(record.holder, token=str(record.version))


def _load(path: Path) -> dict[str, Record]:
    if not path.exists():
        return {}
    raw = json.loads(path.read_text())
    return {place: Record(entry["holder"], int(entry["version"])) for place, entry in raw.items()}


def _store(path: Path, records: Mapping[str, Record]) -> None:
    draft = path.with_name(f"{path.name}.new")
    draft.write_text(json.dumps({p: {"holder": r.holder, "version": r.version} for p, r in records.items()}))
    draft.replace(path)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Short and local, so the wait needs no bound."""
    with open(f"{path}.lock", "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def _ours(path: Path) -> Iterator[None]:
    try:
        yield
    except PermissionError as wrong:
        raise PermissionDenied(
            f"{path}: permission denied", hint="see to the file's owner and mode"
        ) from wrong
    except (ValueError, KeyError, TypeError, AttributeError) as wrong:
        raise Refused(
            f"{path}: not a file of vipswitch", hint="remove it; the next `up` makes it anew"
        ) from wrong
    except OSError as wrong:
        raise Refused(f"{path}: {wrong.strerror}", hint="see to the file's folder and space") from wrong
