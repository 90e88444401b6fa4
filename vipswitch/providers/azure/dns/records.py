"""One record set of a VIP's name: whom it names as its holder, and the set that is to stand in its place.

Rules: pure. The holder is the one address of the set; the token is its etag, to the letter, and the metadata
of others, because a PUT replaces the whole set and they are to keep what they have written there. What
vipswitch would not have written is refused and never replaced: several records, an alias of another resource,
a record that Azure keeps for a virtual machine. A release mark is one more key of the metadata, so that the
etag stands for it as well: a claim of a released name fails when its holder has taken the name up again. It
is believed only while the set has the address that it names, and a new holder's set has none.
Source: Azure DNS REST API and Private DNS REST API, Record Sets - Create Or Update.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from ipaddress import ip_address

from vipswitch.errors import ConfigError
from vipswitch.model import Address, Holding, NodeId
from vipswitch.providers.azure.ids import ResourceId
from vipswitch.providers.marks import NOTE, named_by, value_of

MARK = "vipswitch-released"
"""The key of the metadata that says who has let go."""


@dataclass(frozen=True, slots=True)
class RecordId:
    """A record set of a zone: its type, and what the zone calls its name (`@` for its own)."""

    zone: ResourceId
    type: str
    name: str

    def __str__(self) -> str:
        return f"{self.zone}/{self.type}/{self.name}"

    @property
    def subject(self) -> str:
        """What people call it."""
        return f"{self.type} record {self.name} in {self.zone.group}/{self.zone.name}"


@dataclass(frozen=True, slots=True)
class RecordSet:
    """A record set of a zone, as it is or as it is to be.

    `etag` is that of the set as it is, which a new one replaces only as long as it has it; empty for none at
    all. `nature` says what the set is beside a list of addresses; empty for a plain one.
    """

    ttl: int
    addresses: tuple[str, ...]
    metadata: Mapping[str, str] = field(default_factory=dict)
    etag: str = ""
    nature: str = ""


def holding(found: RecordSet | None, about: str) -> Holding:
    """Who holds a name by its record set, as an address. ConfigError for what must not be replaced."""
    if found is None:
        return Holding(None)
    _refuse_unlike_ours(found, about)
    holder = NodeId(str(ip_address(found.addresses[0]))) if found.addresses else None
    released = holder is not None and holder == _released_by(found)
    return Holding(holder, _token(found), NOTE if released else "", released=released)


def claimed(address: Address, seen: Holding, *, ttl: int) -> RecordSet:
    """The set that names an address, in the place of what was seen."""
    etag, metadata = json.loads(seen.token) if seen.token else ("", {})
    return RecordSet(ttl, (str(address),), metadata, etag)


def marked(found: RecordSet, address: Address, generation: object) -> RecordSet:
    """The set that was found, with the mark of its holder."""
    mark = {MARK: value_of(NodeId(str(address)), generation)}
    return replace(found, metadata={**found.metadata, **mark})


def unmarked(found: RecordSet | None, address: Address) -> RecordSet | None:
    """The set that was found, without its mark; None where there is none that names the address."""
    if found is None or _released_by(found) != str(address):
        return None
    return replace(found, metadata=_of_others(found))


HINT = "delete it, or choose a name that vipswitch may have for itself"


def _refuse_unlike_ours(found: RecordSet, about: str) -> None:
    if found.nature:
        raise ConfigError(f"{about}: {found.nature}", hint=HINT)
    if len(found.addresses) > 1:
        message = f"{about}: has {len(found.addresses)} addresses: vipswitch publishes one"
        raise ConfigError(message, hint="delete it, or leave one address in it")


def _released_by(found: RecordSet) -> NodeId | None:
    return named_by(found.metadata.get(MARK))


def _of_others(found: RecordSet) -> dict[str, str]:
    return {key: value for key, value in found.metadata.items() if key != MARK}


def _token(found: RecordSet) -> str:
    return json.dumps([found.etag, _of_others(found)], separators=(",", ":"))
