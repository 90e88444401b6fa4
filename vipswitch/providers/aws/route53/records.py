"""The record sets of a VIP's name: whom they name as its holder, and the changes that make them name another.

Rules: pure. The holder is the addresses that are published, A before AAAA; the token is the record sets
themselves, to the letter, because Route 53 deletes only what is described exactly. What vipswitch would not
have written is refused and never replaced: a CNAME, an alias, several values, a routing policy, a health
check. Beside the name is one text: a release mark, or, if people are to be told, who holds the name. A node
that becomes the holder takes its own old mark away in the same batch; another's it leaves, because a takeover
is to need no right that only marks need. What people are told is no condition of anything.
Source: Route 53 API Reference, ResourceRecordSet and ChangeResourceRecordSets.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from vipswitch.errors import ConfigError
from vipswitch.model import Holding, NodeId
from vipswitch.providers.aws.route53.dns import text_of
from vipswitch.providers.marks import NOTE, named_by, value_of
from vipswitch.providers.published import parts


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
class Change:
    """One change of a batch: CREATE, DELETE or UPSERT."""

    action: str
    record: RecordSet


def subject(name: str, zone: str) -> str:
    """What people call the place."""
    return f"record {name} in {zone}"


def holding(found: Found, types: Collection[str], about: str) -> Holding:
    """Who holds a name by its record sets. ConfigError for what must not be replaced."""
    if cname := next((record for record in found.records if record.type == "CNAME"), None):
        message = f"{about}: is a CNAME ({', '.join(cname.values)}), beside which there can be no address"
        raise ConfigError(message, hint=_HINT)
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


def changes(
    node: NodeId, name: str, *, ttl: int, seen: Holding | None, told: bool, restoring: bool = False
) -> tuple[Change, ...]:
    """The batch that makes a node the holder in place of what was seen, or of anything without `seen`.

    It fails as a whole unless all that it deletes and creates is still as it was seen; when `restoring` a
    released name, its mark too. If people are `told`, that follows whatever that decides. Empty when all is
    as it should be.
    """
    wanted = named(node, name, ttl)
    there = [] if seen is None else _seen(seen.token, name)
    if seen is not None and not (restoring and seen.released):
        there = [record for record in there if record.type != "TXT" or released_by(record) == node]
    if seen is None:
        made = [Change("UPSERT", record) for record in wanted]
    else:
        made = [Change("DELETE", record) for record in there if record not in wanted]
        made += [Change("CREATE", record) for record in wanted if record not in there]
    over_a_mark = any(record.type == "TXT" for record in there)
    text = Change("CREATE" if over_a_mark else "UPSERT", _text(name, ttl, f"held by {node}"))
    return (*made, *([text] if told else []))


def marking(found: Found, node: NodeId, name: str, *, ttl: int, generation: object) -> tuple[Change, ...]:
    """The batch that puts the mark of a node in the place of the text that was found."""
    return _exchange(found.text, _text(name, ttl, value_of(node, generation)))


def unmarking(found: Found, node: NodeId, name: str, *, ttl: int, told: bool) -> tuple[Change, ...]:
    """The batch that takes away a mark that names the node; empty where there is none."""
    if released_by(found.text) != node:
        return ()
    return _exchange(found.text, _text(name, ttl, f"held by {node}") if told else None)


def _exchange(old: RecordSet | None, new: RecordSet | None) -> tuple[Change, ...]:
    if old == new:
        return ()
    gone = [Change("DELETE", old)] if old else []
    return (*gone, *([Change("CREATE", new)] if new else []))


def _text(name: str, ttl: int, says: str) -> RecordSet:
    return RecordSet(text_of(name), "TXT", ttl, (f'"{says}"',))


_HINT = "delete it, or choose a name that vipswitch may have for itself"


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


def _token(records: Sequence[RecordSet]) -> str:
    told = [[record.type, record.ttl, *record.values] for record in records]
    return json.dumps(told, separators=(",", ":")) if told else ""


def _seen(token: str, name: str) -> list[RecordSet]:
    told = json.loads(token) if token else []
    names = {"TXT": text_of(name)}
    return [RecordSet(names.get(type_, name), type_, ttl, tuple(values)) for type_, ttl, *values in told]
