"""What the custom role must allow in Azure's DNS zones: the name's own record sets, and a look at the zones.

Rules: no other name, no other type is written, and nothing deleted; a release mark is part of the record set.
A record set is a scope of its own. Source: Azure docs, "How to protect DNS zones and records".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from vipswitch.provider import NODE, Grant
from vipswitch.providers.azure.dns.kinds import Kind
from vipswitch.providers.azure.dns.records import RecordId
from vipswitch.providers.published import TYPES


def on_record_sets(kind: Kind, sets: Sequence[RecordId]) -> Iterator[Grant]:
    """The grants for moving these record sets, and for `check`."""
    for type_ in dict.fromkeys(at.type for at in sets):
        scopes = tuple(str(at) for at in sets if at.type == type_)
        actions = (kind.action(f"{type_}/read"), kind.action(f"{type_}/write"))
        yield Grant(NODE, f"Move{type_}Records", actions, scopes)
    for type_ in ("CNAME", *(type_ for type_ in TYPES if type_ not in {at.type for at in sets})):
        beside = dict.fromkeys(str(replace(at, type=type_)) for at in sets)
        yield Grant(NODE, f"Check{type_}Records", (kind.action(f"{type_}/read"),), tuple(beside))
    zones = tuple(dict.fromkeys(str(at.zone) for at in sets))
    links = (kind.action("virtualNetworkLinks/read"),) if kind.private else ()
    yield Grant(NODE, "CheckZones", (kind.action("read"), *links), zones)
