"""`azure-private-dns`: a DNS name in private zones of Azure DNS. All is in `provider`, for both kinds."""

from __future__ import annotations

from typing import ClassVar

from vipswitch.providers.azure.dns.kinds import PRIVATE, Kind
from vipswitch.providers.azure.dns.provider import ZoneRecords
from vipswitch.providers.azure.dns.settings import PrivateDnsSettings


class AzurePrivateDns(ZoneRecords):
    """Moves a VIP that is a name which virtual networks can look up."""

    kind: ClassVar[Kind] = PRIVATE
    Settings = PrivateDnsSettings
