"""Domain names as Route 53 stores and shows them.

Lower case, fully qualified, and every character but a-z, 0-9, hyphen and underscore as a backslash and three
octal digits: `*.Example.com` is `\\052.example.com.`. A name may be given in either form.
Source: Route 53 Developer Guide, "DNS domain name format"; Route 53 API Reference, ListResourceRecordSets
(the order).
"""

from __future__ import annotations

import re

_CHARACTER = re.compile(r"\\[0-7]{3}|.")
_PLAIN = re.compile(r"[a-z0-9_-]")


def canonical(name: str) -> str:
    """The name as Route 53 shows it, with its dot at the end."""
    return ".".join(map(_shown, labels(name))) + "."


def inside(name: str, zone: str) -> bool:
    """Whether a zone of this name is where the name belongs."""
    own, zones = labels(name), labels(zone)
    return own[-len(zones) :] == zones


def sort_key(name: str) -> str:
    """Orders names as ListResourceRecordSets does: label by label from the right, with the dot at the end."""
    return ".".join(reversed(labels(name))) + "."


def labels(name: str) -> list[str]:
    """The labels without escapes, lower case."""
    found = [""]
    for character in _CHARACTER.findall(name.removesuffix(".")):
        if character == ".":
            found.append("")
        else:
            found[-1] += _meant(character)
    return found


def _meant(character: str) -> str:
    return (chr(int(character[1:], 8)) if len(character) > 1 else character).lower()


def _shown(label: str) -> str:
    return "".join(c if _PLAIN.match(c) else f"\\{ord(c):03o}" for c in label)
