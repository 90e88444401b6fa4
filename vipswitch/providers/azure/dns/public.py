"""`azure-dns`: a DNS name in public zones of Azure DNS. All is in `provider`, for both kinds."""

from __future__ import annotations

from typing import ClassVar

from vipswitch.providers.azure.dns.kinds import PUBLIC, Kind
from vipswitch.providers.azure.dns.provider import ZoneRecords
from vipswitch.providers.azure.dns.settings import DnsSettings


class AzureDns(ZoneRecords):
    """Moves a VIP that is a name which the internet can look up."""

    kind: ClassVar[Kind] = PUBLIC
    Settings = DnsSettings
