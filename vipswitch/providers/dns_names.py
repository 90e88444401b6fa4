"""DNS names as the config gives them, for the methods whose VIP is a name.

Rules: pure. A name in the config is one that clients look up, so it has letters, digits, hyphens and
underscores, which every cloud writes as they are; it is compared without regard to case and to a dot at its
end. Source: RFC 1035, section 2.3.4.
"""

from __future__ import annotations

import re
from ipaddress import ip_address

from vipswitch.settings import text

LONGEST = 253
"""Characters of a name, without a dot at its end."""

_TEXT = "_vipswitch"
"""The label before a VIP's name under which a TXT record says who holds it or who has let go."""

_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")


def dns_name(raw: object, *, longest: int = LONGEST) -> str:
    """A name for clients to look up: lower case, without a dot at its end. Raises ValueError."""
    given = text(raw)
    name = given.lower().removesuffix(".")
    if "*" in name:
        raise ValueError(f"{given} is a wildcard, which answers for names that are nobody's: give one name")
    if _is_address(name):
        raise ValueError(f"{given} is an address: give the name that clients look up")
    if len(name) > longest:
        raise ValueError(f"{given} is longer than {longest} characters")
    if not all(_LABEL.fullmatch(label) for label in name.split(".")):
        raise ValueError(
            f"{given} is not a DNS name such as db.example.com: labels of 1 to 63 letters, digits, - and _"
            " (others are written as xn--...)"
        )
    return name


def marked_name(raw: object) -> str:
    """A name for clients to look up, short enough for a text beside it. Raises ValueError."""
    return dns_name(raw, longest=LONGEST - len(f"{_TEXT}."))


def text_of(name: str) -> str:
    """The name of the TXT record beside a VIP's name."""
    return f"{_TEXT}.{name}"


def relative(name: str, zone: str) -> str | None:
    """The name as its zone calls it: `@` for the zone's own name; None outside the zone."""
    if name == zone:
        return "@"
    return name.removesuffix(f".{zone}") if name.endswith(f".{zone}") else None


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
