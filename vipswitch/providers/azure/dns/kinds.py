"""The two kinds of zones that Azure has."""

from __future__ import annotations

from dataclasses import dataclass

from vipswitch.providers.azure.dns.settings import PRIVATE_ZONES, PUBLIC_ZONES


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: the type of its zones, what people call one, and what else differs.

    `zone` is what the SDK calls a zone's name.
    """

    type: str
    noun: str
    zone: str
    private: bool

    def action(self, what: str) -> str:
        """An action in the words of RBAC: `A/write` becomes `Microsoft.Network/dnsZones/A/write`."""
        return f"{self.type}/{what}"


PUBLIC = Kind(PUBLIC_ZONES, "DNS zone", "zone_name", private=False)
PRIVATE = Kind(PRIVATE_ZONES, "private DNS zone", "private_zone_name", private=True)
