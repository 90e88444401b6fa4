"""Hosted zones to publish a virtual IP in: made through the API like any other, and read from within.

What is read here is neither in the journal nor hit by faults. A zone's records are two things: `records` is
the truth, which the API tells too, and `served` is what name servers answer, old while a change is PENDING.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import names
from .server import ACCOUNT, REGION, AwsCloud

if TYPE_CHECKING:
    from .overlay.route53_changes import Changes

_PARTITION = "aws"


@dataclass(frozen=True, slots=True)
class Records:
    """A simple record set; the values are as they were sent."""

    ttl: int
    values: tuple[str, ...]


Zone = Mapping[tuple[str, str], Records]


def hosted_zone(cloud: AwsCloud, name: str, *, private_vpc: str | None = None) -> str:
    """The id of a new zone, without `/hostedzone/`; private to a VPC if one is given."""
    client = cloud.route53()
    reference = str(uuid.uuid4())
    if private_vpc is None:
        made = client.create_hosted_zone(Name=name, CallerReference=reference)
    else:
        made = client.create_hosted_zone(
            Name=name,
            CallerReference=reference,
            VPC={"VPCRegion": REGION, "VPCId": private_vpc},  # type: ignore[typeddict-item]  # any region
            HostedZoneConfig={"PrivateZone": True},
        )
    return made["HostedZone"]["Id"].rpartition("/")[2]


def records(cloud: AwsCloud, zone_id: str) -> Zone:
    """The zone's simple record sets, by canonical name and type."""
    with cloud.at_rest():
        return _simple(_backend().get_hosted_zone(zone_id).rrsets)


def served(cloud: AwsCloud, zone_id: str) -> Zone:
    """The same as the zone's name servers have them: without what is PENDING."""
    with cloud.at_rest():
        return _simple(_changes().served(_backend().get_hosted_zone(zone_id)))


def propagate_after(cloud: AwsCloud, seconds: float) -> None:
    """Changes of records are PENDING for so long, those under way too; 0.2 s when a cloud begins."""
    with cloud.at_rest():
        _changes().propagate_after(seconds)


@contextmanager
def protected(cloud: AwsCloud, zone_id: str, name: str, type_: str, *, comment: str = "") -> Iterator[None]:
    """Inside, each batch that touches this name and type is refused."""
    from .overlay.route53_batches import protections

    key = names.canonical(name), type_
    with cloud.at_rest():
        kept = protections(_backend().get_hosted_zone(zone_id))
        kept[key] = comment
    try:
        yield
    finally:
        with cloud.at_rest():
            del kept[key]


def _simple(found: Iterable[Any]) -> Zone:
    return {
        (record.name, record.type): Records(int(record.ttl), tuple(record.records))
        for record in found
        if record.records and not record.set_identifier
    }


def _changes() -> Changes:
    from .overlay import route53_changes

    return route53_changes.of(_backend())


def _backend() -> Any:
    from moto.route53.models import route53_backends

    return route53_backends[ACCOUNT][_PARTITION]
