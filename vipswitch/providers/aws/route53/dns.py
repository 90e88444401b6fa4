"""DNS names, as Route 53 shows them.

Rules: names that Route 53 shows may have any character, as a backslash and three octal digits; an escaped dot
is part of its label. Source: Route 53 Developer Guide, "DNS domain name format".
"""

from __future__ import annotations

import re

_ESCAPED = re.compile(r"\\([0-7]{3})")


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
