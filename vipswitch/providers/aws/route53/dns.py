"""DNS names, as Route 53 shows them, and the name of the text beside a VIP's name.

Rules: names that Route 53 shows may have any character, as a backslash and three octal digits; an escaped dot
is part of its label. Source: Route 53 Developer Guide, "DNS domain name format".
"""

from __future__ import annotations

import re

from vipswitch.providers import dns_names

_TEXT = "_vipswitch"
"""The label before a VIP's name under which a TXT record says who holds it or who has let go."""

_LONGEST = dns_names.LONGEST - len(f"{_TEXT}.")
_ESCAPED = re.compile(r"\\([0-7]{3})")


def dns_name(raw: object) -> str:
    """A name for clients to look up, short enough for a text beside it. Raises ValueError."""
    return dns_names.dns_name(raw, longest=_LONGEST)


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
