"""The config keys of `gcp-cloud-dns`.

Rules: a zone is called by the name that its project has for it, not by its domain; one of another project by
`PROJECT/ZONE` or `projects/PROJECT/managedZones/ZONE`, as Google writes it. Source: Cloud DNS API,
managedZones.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from vipswitch.providers import dns_keys
from vipswitch.providers.dns_names import marked_name
from vipswitch.providers.gcp.ids import Name
from vipswitch.providers.gcp.settings import PROJECT, Account
from vipswitch.settings import key, text

_ZONE = re.compile(
    r"(?:(?:https://[^/]+/dns/[^/]+/)?projects/(?P<owner>OWNER)/managedZones/|(?P<project>OWNER)/)?"
    r"(?P<name>[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?)".replace("OWNER", PROJECT)
)


@dataclass(frozen=True, slots=True)
class ZoneId:
    """A managed zone: its project, and its name there."""

    project: str
    name: str

    def __str__(self) -> str:
        return f"projects/{self.project}/managedZones/{self.name}"


def zone(raw: object) -> Name:
    """A managed zone: its name, with its project's or without. Raises ValueError."""
    given = text(raw)
    found = _ZONE.fullmatch(given)
    if found is None:
        hint = "; its domain belongs into `name`" if "." in given and "/" not in given else ""
        raise ValueError(f"{given} is not the name of a managed zone such as example-zone{hint}")
    return Name(found["name"], project=found["owner"] or found["project"])


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudDnsSettings(Account):
    """Which DNS name, in which managed zones, and what it says."""

    name: str = key(marked_name, help="the DNS name that clients look up, such as db.example.com")
    zones: tuple[Name, ...] = key(
        zone,
        many=True,
        help="the managed zones that have the name: zone, project/zone, or projects/P/managedZones/Z",
        metavar="ZONE",
    )
    types: tuple[str, ...] = dns_keys.types()
    ttl: int = dns_keys.ttl()
    publish: str = dns_keys.publish(default="private")
