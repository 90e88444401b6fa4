"""DNS names, as the config gives them and as Route 53 shows them.

Rules: a name in the config is one that clients look up, so it has letters, digits, hyphens and underscores,
which Route 53 and IAM write as they are; it is compared without regard to case and to a dot at its end. Names
that Route 53 shows may have any character, as a backslash and three octal digits; an escaped dot is part of
its label. Source: RFC 1035, section 2.3.4; Route 53 Developer Guide, "DNS domain name format".
"""

from __future__ import annotations

import re
from ipaddress import ip_address

from vipswitch.settings import text

_TEXT = "_vipswitch"
"""The label before a VIP's name under which a TXT record says who holds it or who has let go."""

_LONGEST = 253 - len(f"{_TEXT}.")
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_ESCAPED = re.compile(r"\\([0-7]{3})")


def dns_name(raw: object) -> str:
    """A name for clients to look up: lower case, without a dot at its end. Raises ValueError."""
    given = text(raw)
    name = given.lower().removesuffix(".")
    if "*" in name:
        raise ValueError(f"{given} is a wildcard, which answers for names that are nobody's: give one name")
    if _is_address(name):
        raise ValueError(f"{given} is an address: give the name that clients look up")
    if len(name) > _LONGEST:
        raise ValueError(f"{given} is longer than {_LONGEST} characters")
    if not all(_LABEL.fullmatch(label) for label in name.split(".")):
        raise ValueError(
            f"{given} is not a DNS name such as db.example.com: labels of 1 to 63 letters, digits, - and _"
            " (others are written as xn--...)"
        )
    return name


def text_of(name: str) -> str:
    """The name of the TXT record beside a VIP's name."""
    return f"{_TEXT}.{name}"


def same(shown: str, name: str) -> bool:
    """Whether Route 53 shows this name there."""
    return _labels(shown) == _labels(name)


def inside(name: str, zone: str) -> bool:
    """Whether a zone of that name is where the name belongs."""
    own, zones = _labels(name), _labels(zone)
    return own[-len(zones) :] == zones


def up_to(shown: str, name: str) -> bool:
    """Whether Route 53 lists a name that it shows so not after another one.

    It goes by labels from the last to the first, with a dot after each. Source: Route 53 API Reference,
    ListResourceRecordSets, "Sort order".
    """
    return _listed_by(shown) <= _listed_by(name)


def _listed_by(shown: str) -> str:
    return "".join(f"{label}." for label in reversed(shown.lower().removesuffix(".").split(".")))


def _labels(shown: str) -> list[str]:
    return [_ESCAPED.sub(_meant, label).lower() for label in shown.removesuffix(".").split(".")]


def _meant(escaped: re.Match[str]) -> str:
    return chr(int(escaped[1], 8))


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
