"""The config keys of `aws-route53`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NewType

from vipswitch.providers import dns_keys
from vipswitch.providers.aws.settings import Account, url_of, yes_or_no
from vipswitch.providers.dns_names import marked_name
from vipswitch.providers.parsers import like
from vipswitch.settings import key

ZoneId = NewType("ZoneId", str)

_zone = like(r"(/?hostedzone/)?[A-Z0-9]{4,32}", "a hosted zone's id such as Z0123456789ABCDEFGHIJ")


def zone_id(raw: object) -> ZoneId:
    """A hosted zone's id, as the console shows it or as `aws route53 list-hosted-zones` prints it."""
    return ZoneId(_zone(raw).rpartition("/")[2])


@dataclass(frozen=True, slots=True, kw_only=True)
class Route53Settings(Account):
    """Which DNS name, in which zones, and what it says."""

    name: str = key(marked_name, help="the DNS name that clients look up, such as db.example.com")
    zones: tuple[ZoneId, ...] = key(
        zone_id, many=True, help="the hosted zones that have the name: ids", metavar="ZONE"
    )
    types: tuple[str, ...] = dns_keys.types()
    ttl: int = dns_keys.ttl()
    publish: str = dns_keys.publish(default="private")
    txt: bool = key(
        yes_or_no, default=False, help="true: also keep a TXT record at _vipswitch.NAME with the holder"
    )
    route53_endpoint_url: str | None = url_of("Route 53")
