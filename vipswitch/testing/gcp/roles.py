"""Who may do what: custom roles, given to clients in projects.

Rules: a client that no role was given to may do everything, so that tests that are not about permissions need
none. A method needs its own permissions on what its path names, and more on what its body names: a route on
its network and its next hop, an access config on the address and the subnetwork, an alias on the subnetwork.
Sources: "IAM permissions" of each method in the API reference; "Understanding IAM custom roles".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from .errors import forbidden

_LISTED = re.compile(r"^\s*-\s*[\"']?([a-zA-Z.]+)[\"']?\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Role:
    """Permissions, and the projects where they were given; none: all."""

    permissions: frozenset[str]
    projects: frozenset[str]


class Roles:
    """The roles of one cloud; a client of None is everyone."""

    def __init__(self) -> None:
        self._given: dict[str | None, list[Role]] = {}

    def give(
        self, role: str | Iterable[str], *, client: str | None = None, projects: Iterable[str] = ()
    ) -> None:
        """Gives permissions, by their names or as the YAML of `gcloud iam roles create --file`."""
        permissions = _LISTED.findall(role) if isinstance(role, str) else role
        given = Role(frozenset(permissions), frozenset(projects))
        self._given.setdefault(client, []).append(given)

    def clear(self) -> None:
        self._given.clear()

    def check(self, client: str, permission: str, path: str) -> None:
        """Raises GcpError for what no role of the client allows there."""
        if not self.allowed(client, [permission], path):
            raise forbidden(permission, path)

    def allowed(self, client: str, permissions: Iterable[str], path: str) -> list[str]:
        """Those of the permissions that the client has there."""
        mine = [*self._given.get(client, ()), *self._given.get(None, ())]
        if not mine:
            return list(permissions)
        project = _project(path)
        here: list[Collection[str]] = [
            one.permissions for one in mine if not one.projects or project in one.projects
        ]
        return [one for one in permissions if any(one in each for each in here)]


def _project(path: str) -> str:
    return path.removeprefix("projects/").partition("/")[0]
