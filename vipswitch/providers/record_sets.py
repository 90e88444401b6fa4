"""The record sets of a VIP's name, in a cloud that changes several of them in one batch, or none.

Rules: pure. The holder is the addresses that are published, A before AAAA; the token is the record sets
themselves, to the letter, because such a cloud deletes only what is described exactly. What vipswitch would
not have written is refused and never replaced: another name of something else, several values, whatever its
cloud has beside a list of values. Beside the name is one text, which is a release mark or none. A node that
becomes the holder takes its own old mark away in the same batch; another's it leaves, because a takeover is
to need no right that only marks need.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from vipswitch.errors import ConfigError
from vipswitch.model import Holding, NodeId
from vipswitch.providers.dns_names import text_of
from vipswitch.providers.marks import NOTE, named_by, value_of
from vipswitch.providers.published import TYPES, parts


@dataclass(frozen=True, slots=True)
class RecordSet:
    """One record set of a zone. `nature` says what it is beside a list of values; empty for a simple one."""

    name: str
    type: str
    ttl: int
    values: tuple[str, ...]
    nature: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """The record sets of a VIP's name, and the text beside it; None where there is none."""

    records: tuple[RecordSet, ...] = ()
    text: RecordSet | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Record sets that go, as they were read, and those that come: all of it, or nothing."""

    gone: tuple[RecordSet, ...] = ()
    new: tuple[RecordSet, ...] = ()

    def __bool__(self) -> bool:
        """Whether it changes anything."""
        return bool(self.gone or self.new)


def subject(name: str, zone: str) -> str:
    """What people call the place."""
    return f"record {name} in {zone}"


def holding(found: Found, types: Collection[str], about: str) -> Holding:
    """Who holds a name by its record sets. ConfigError for what must not be replaced."""
    if other := next((record for record in found.records if record.type in _OTHER_NAMES), None):
        message = f"{about}: is {_OTHER_NAMES[other.type]} ({', '.join(other.values)})"
        raise ConfigError(f"{message}, beside which there can be no address", hint=_HINT)
    ours = sorted((record for record in found.records if record.type in types), key=lambda r: r.type)
    for record in ours:
        _refuse_unlike_ours(record, about)
    holder, by = _holder(ours), released_by(found.text)
    mark = [found.text] if found.text and by else []
    released = holder is not None and holder == by
    return Holding(holder, _token([*ours, *mark]), NOTE if released else "", released=released)


def released_by(text: RecordSet | None) -> NodeId | None:
    """The node that a text beside a name says has let go; None for any other text."""
    if text is None or len(text.values) != 1:
        return None
    return named_by(text.values[0].strip('"'))


def named(node: NodeId, name: str, ttl: int) -> tuple[RecordSet, ...]:
    """The record sets that name a node as the holder."""
    return tuple(RecordSet(name, type_, ttl, (str(address),)) for type_, address in parts(node).items())


def text(name: str, ttl: int, says: str) -> RecordSet:
    """A text beside the name."""
    return RecordSet(text_of(name), "TXT", ttl, (f'"{says}"',))


def taking(node: NodeId, name: str, *, ttl: int, seen: Holding, restoring: bool = False) -> Batch:
    """What makes a node the holder in place of what was seen; nothing where all is as it should be.

    It fails as a whole unless all of it is still as it was seen; when `restoring` a released name, its mark
    too.
    """
    wanted, there = named(node, name, ttl), _seen(seen.token, name)
    if not (restoring and seen.released):
        there = [record for record in there if record.type != "TXT" or released_by(record) == node]
    gone = tuple(record for record in there if not _is_among(record, wanted))
    return Batch(gone, tuple(record for record in wanted if not _is_among(record, there)))


def marking(found: Found, node: NodeId, name: str, *, ttl: int, generation: object) -> Batch:
    """What puts the mark of a node in the place of the text that was found."""
    return _exchange(found.text, text(name, ttl, value_of(node, generation)))


def unmarking(found: Found, node: NodeId, instead: RecordSet | None = None) -> Batch:
    """What takes away a mark that names the node; nothing where there is none."""
    return _exchange(found.text, instead) if released_by(found.text) == node else Batch()


def _exchange(old: RecordSet | None, new: RecordSet | None) -> Batch:
    if old == new:
        return Batch()
    return Batch((old,) if old else (), (new,) if new else ())


_HINT = "delete it, or choose a name that vipswitch may have for itself"

_OTHER_NAMES = {"CNAME": "a CNAME", "ALIAS": "an ALIAS"}
"""What a record that makes a name another name is called, by its type."""


def _refuse_unlike_ours(record: RecordSet, about: str) -> None:
    if record.nature:
        raise ConfigError(f"{about}: its {record.type} record {record.nature}", hint=_HINT)
    if len(record.values) != 1:
        message = (
            f"{about}: its {record.type} record has {len(record.values)} values: vipswitch publishes one"
        )
        raise ConfigError(message, hint="delete it, or leave one value in it")


def _holder(records: Sequence[RecordSet]) -> NodeId | None:
    addresses = [str(ip_address(value)) for record in records for value in record.values]
    return NodeId(",".join(addresses)) if addresses else None


def _is_among(record: RecordSet, others: Sequence[RecordSet]) -> bool:
    return any(_meant(record) == _meant(other) for other in others)


def _meant(record: RecordSet) -> tuple[object, ...]:
    """The same for one address in two spellings."""
    values = record.values
    said = tuple(map(ip_address, values)) if record.type in TYPES else values
    return (record.type, record.ttl, said)


def _token(records: Sequence[RecordSet]) -> str:
    told = [[record.type, record.ttl, *record.values] for record in records]
    return json.dumps(told, separators=(",", ":")) if told else ""


def _seen(token: str, name: str) -> list[RecordSet]:
    told = json.loads(token) if token else []
    names = {"TXT": text_of(name)}
    return [RecordSet(names.get(type_, name), type_, ttl, tuple(values)) for type_, ttl, *values in told]
