"""What `vipswitch check` says for every Google Cloud method: as whom its APIs are asked, and what we may do.

Source: Resource Manager API reference, "projects.testIamPermissions".
"""

from __future__ import annotations

from collections.abc import Sequence

from vipswitch.deadline import Deadline
from vipswitch.errors import VipswitchError
from vipswitch.provider import Finding, Level
from vipswitch.providers.asked import Asked
from vipswitch.providers.gcp.api.client import Clients
from vipswitch.providers.looked_at import trouble

_SUBJECT = "Google Cloud credentials"


def caller(clients: Clients, deadline: Deadline) -> Finding:
    """Who the requests are made as."""
    try:
        return Finding(Level.OK, _SUBJECT, clients.signed_in(deadline))
    except VipswitchError as wrong:
        return trouble(_SUBJECT, wrong)


def permitted(clients: Clients, project: str, permissions: Sequence[str], deadline: Deadline) -> Finding:
    """Which of the permissions our account has not in a project."""
    subject = f"permissions in {project}"
    asked = Asked("resourcemanager.projects.testIamPermissions", subject, deadline, f"projects/{project}")
    try:
        with clients.projects(asked) as api:
            path = f"projects/{project}:testIamPermissions"
            granted = api.post(path, {"permissions": list(permissions)}).get("permissions", [])
    except VipswitchError as wrong:
        return Finding(Level.WARNING, subject, f"not looked at: {wrong.message}", wrong.hint)
    missing = [each for each in permissions if each not in granted]
    if not missing:
        return Finding(Level.OK, subject, "all that a failover needs")
    fix = "grant the role that `vipswitch iam` prints"
    return Finding(Level.ERROR, subject, f"permission denied for {', '.join(missing)}", fix)
