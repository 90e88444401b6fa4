"""The record sets of a VIP's name: whom they name as its holder, and the changes that make them name another.

Rules: pure. The holder is the addresses that are published, A before AAAA; the token is the record sets
themselves, to the letter, because Route 53 deletes only what is described exactly. What vipswitch would not
have written is refused and never replaced: a CNAME, an alias, several values, a routing policy, a health
check. Source: Route 53 API Reference, ResourceRecordSet and ChangeResourceRecordSets.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from vipswitch.errors import ConfigError
from vipswitch.model import Holding, NodeId
from vipswitch.providers.aws.route53.dns import MARK

TYPES = ("A", "AAAA")
"""The types of address records, in the order in which a holder is written."""


@dataclass(frozen=True, slots=True)
class RecordSet:
    """One record set of a zone. `nature` says what it is beside a list of values; empty for a simple one."""

    name: str
    type: str
    ttl: int
    values: tuple[str, ...]
    nature: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a batch: CREATE, DELETE or UPSERT."""

    action: str
    record: RecordSet


def subject(name: str, zone: str) -> str:
    """What people call the place."""
    return f"record {name} in {zone}"


def holding(found: Sequence[RecordSet], types: Collection[str], about: str) -> Holding:
    """Who holds a name by its record sets. ConfigError for what must not be replaced."""
    if cname := next((record for record in found if record.type == "CNAME"), None):
        message = f"{about}: is a CNAME ({', '.join(cname.values)}), beside which there can be no address"
        raise ConfigError(message, hint=_HINT)
    ours = sorted((record for record in found if record.type in types), key=lambda r: r.type)
    for record in ours:
        _refuse_unlike_ours(record, about)
    return Holding(_holder(ours), _token(ours))


def named(node: NodeId, name: str, ttl: int) -> tuple[RecordSet, ...]:
    """The record sets that name a node as the holder."""
    addresses = [ip_address(address) for address in node.split(",")]
    return tuple(
        RecordSet(name, "A" if address.version == 4 else "AAAA", ttl, (str(address),))
        for address in addresses
    )


def changes(node: NodeId, name: str, *, ttl: int, seen: Holding | None, marked: bool) -> tuple[Change, ...]:
    """The batch that makes a node the holder in place of what was seen, or of anything without `seen`.

    It fails as a whole unless all that it deletes and creates is still as it was seen. The mark follows
    whatever that decides. Empty when all is as it should be.
    """
    wanted = named(node, name, ttl)
    if seen is None:
        made = [Change("UPSERT", record) for record in wanted]
    else:
        there = _seen(seen.token, name)
        made = [Change("DELETE", record) for record in there if record not in wanted]
        made += [Change("CREATE", record) for record in wanted if record not in there]
    mark = RecordSet(f"{MARK}.{name}", "TXT", ttl, (f'"held by {node}"',))
    return (*made, *([Change("UPSERT", mark)] if marked else []))


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
    return [RecordSet(name, type_, ttl, tuple(values)) for type_, ttl, *values in told]
