"""What `vipswitch check` says for every Google Cloud method: as whom its APIs are asked, and what we may do.

Source: Resource Manager API reference, "projects.testIamPermissions".
"""

from __future__ import annotations

from vipswitch.deadline import Deadline
from vipswitch.errors import VipswitchError
from vipswitch.provider import Finding, Level
from vipswitch.providers.gcp.api.client import Clients
from vipswitch.providers.looked_at import trouble

_SUBJECT = "Google Cloud credentials"


def caller(clients: Clients, deadline: Deadline) -> Finding:
    """Who the requests are made as."""
    try:
        return Finding(Level.OK, _SUBJECT, clients.signed_in(deadline))
    except VipswitchError as wrong:
        return trouble(_SUBJECT, wrong)
