"""What `vipswitch check` says for every Azure method: as whom ARM is asked."""

from __future__ import annotations

from vipswitch.deadline import Deadline
from vipswitch.errors import VipswitchError
from vipswitch.provider import Finding, Level
from vipswitch.providers.azure.api.client import Clients
from vipswitch.providers.looked_at import trouble


def caller(clients: Clients, deadline: Deadline) -> Finding:
    """Who the requests are made as."""
    try:
        return Finding(Level.OK, "Azure credentials", clients.signed_in(deadline))
    except VipswitchError as wrong:
        return trouble("Azure credentials", wrong)
