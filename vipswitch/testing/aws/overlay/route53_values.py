"""Which values Route 53 refuses to store in a record set, and how it says so.

Only the types that matter for a virtual IP and its marks are looked at: A, AAAA and TXT.
Sources: Route 53 Developer Guide, "Supported DNS record types"; the texts as quoted in
github.com/gomodules/dns/issues/7 and github.com/ministryofjustice/cloud-platform-environments/pull/7302.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from ipaddress import IPv4Address, IPv6Address

_QUOTED = re.compile(r'"(?:[^"\\]|\\.){0,255}"(?:\s+"(?:[^"\\]|\\.){0,255}")*')


def refusals(type_: str, values: Sequence[str]) -> Iterator[str]:
    """One text for each value that cannot be stored, or is there twice."""
    code, problem, is_valid = _RULES.get(type_, _ANY)
    for number, value in enumerate(values):
        if not is_valid(value):
            yield f"Invalid Resource Record: 'FATAL problem: {code} ({problem}) encountered with '{value}''"
        if value in values[:number]:
            yield f"Duplicate Resource Record: '{value}'"


def _is_address(family: type[IPv4Address] | type[IPv6Address]) -> Callable[[str], bool]:
    def is_address(value: str) -> bool:
        try:
            family(value)
        except ValueError:
            return False
        return "%" not in value

    return is_address


def _is_quoted(value: str) -> bool:
    return _QUOTED.fullmatch(value) is not None


_RULES = {
    "A": ("ARRDATAIllegalIPv4Address", "Value is not a valid IPv4 address", _is_address(IPv4Address)),
    "AAAA": ("AAAARRDATAIllegalIPv6Address", "Value is not a valid IPv6 address", _is_address(IPv6Address)),
    "TXT": ("InvalidCharacterString", "Value should be enclosed in quotation marks", _is_quoted),
}
_ANY = ("", "", bool)
