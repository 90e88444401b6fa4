"""What the custom role must allow in Cloud DNS: reading a zone, changing its records, following the changes.

Rules: a change needs the right to make one, and that for what it does: to create a record set, to delete one,
or to update one, where it deletes and adds one of the same name and type. Nothing is written in another way.
IAM does not tell one name in a zone from another. Source: Cloud DNS docs, "Roles and permissions".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vipswitch.provider import NODE, Grant
from vipswitch.providers.gcp.cloud_dns.settings import ZoneId

READ = ("dns.resourceRecordSets.list",)
CHANGE = (
    "dns.changes.create",
    "dns.resourceRecordSets.create",
    "dns.resourceRecordSets.update",
    "dns.resourceRecordSets.delete",
)
FOLLOW = ("dns.changes.get",)
LOOK = ("dns.managedZones.get",)


ALL = (*READ, *CHANGE, *FOLLOW, *LOOK)


def on_zones(zones: Sequence[ZoneId]) -> Iterator[Grant]:
    """The grants for moving the name in these zones, and for `check`."""
    where = tuple(dict.fromkeys(str(zone) for zone in zones))
    yield Grant(NODE, "ReadRecords", READ, where)
    yield Grant(NODE, "ChangeRecords", CHANGE, where)
    yield Grant(NODE, "FollowChanges", FOLLOW, where)
    yield Grant(NODE, "CheckZones", LOOK, where)
