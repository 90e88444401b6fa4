"""What policies must allow in Route 53: reading the zones, changing one name, and following the changes.

Rules: no other name, type or action; IAM does not see which of them belongs to which. The text beside the
name belongs to it in any case, because a release mark is one. Source: Route 53 Developer Guide, "Using IAM
policy conditions for fine-grained access control".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vipswitch.provider import Condition, Grant
from vipswitch.providers.aws.route53.settings import ZoneId
from vipswitch.providers.dns_names import text_of

CHANGE = "route53:ChangeResourceRecordSets"

_READ = ("route53:ListResourceRecordSets", "route53:GetHostedZone")


def on_zones(
    zones: Sequence[ZoneId], name: str, types: Sequence[str], *, told: bool, who: str, partition: str
) -> Iterator[Grant]:
    """The grants of `who`; `told` is whether a text also tells people who holds the name."""
    arns = tuple(f"arn:{partition}:route53:::hostedzone/{zone}" for zone in zones)
    yield Grant(who, "ReadRecords", _READ, arns)
    yield Grant(who, "ChangeRecords", (CHANGE,), arns, tuple(_bounds(name, types, told=told)))
    yield Grant(who, "FollowChanges", ("route53:GetChange",), (f"arn:{partition}:route53:::change/*",))


def _bounds(name: str, types: Sequence[str], *, told: bool) -> Iterator[Condition]:
    allowed = {
        "NormalizedRecordNames": (name, text_of(name)),
        "RecordTypes": (*types, "TXT"),
        "Actions": ("CREATE", "DELETE", *(["UPSERT"] if told else [])),
    }
    for key, values in allowed.items():
        yield Condition("ForAllValues:StringEquals", f"{CHANGE}{key}", values)
