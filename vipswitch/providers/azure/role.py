"""The custom role of Azure RBAC: what `az role definition create` takes.

Rules: one role for all that is needed, because Azure limits their number; it is made available in resource
groups, the smallest scopes that a role can be made for, and assigned to each resource alone, which is what
makes it narrow: an action counts only where the role is assigned and there is such a resource.
Source: Azure docs, "Understand Azure role definitions", AssignableScopes; "Understand scope for Azure RBAC".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vipswitch.provider import Grant, PolicyForm
from vipswitch.providers.azure.ids import scope_of

_NAME = "vipswitch"


def document(grants: Iterable[Grant]) -> dict[str, object]:
    """The definition of the role."""
    wanted = list(grants)
    return {
        "Name": _NAME,
        "IsCustom": True,
        "Description": "What vipswitch needs to move virtual IPs, and no more",
        "Actions": sorted({action for grant in wanted for action in grant.actions}),
        "NotActions": [],
        "DataActions": [],
        "NotDataActions": [],
        "AssignableScopes": list(_once(scope_of(scope) for scope in _scopes(wanted))),
    }


def advice(grants: Iterable[Grant]) -> Iterator[str]:
    """Where the role has to be assigned."""
    for scope in _narrowest(_scopes(grants)):
        yield f"az role assignment create --role {_NAME} --assignee IDENTITY --scope {scope}"


def _scopes(grants: Iterable[Grant]) -> list[str]:
    return list(_once(scope for grant in grants for scope in grant.resources))


def _narrowest(scopes: list[str]) -> Iterator[str]:
    """All but those inside others, where the role counts as well."""
    for scope in scopes:
        if not any(scope.lower().startswith(f"{other.lower()}/") for other in scopes):
            yield scope


def _once(texts: Iterable[str]) -> Iterator[str]:
    """The first spelling of each: ARM compares without regard to case."""
    first: dict[str, str] = {}
    for text in texts:
        first.setdefault(text.lower(), text)
    yield from first.values()


ROLE = PolicyForm(document, advice)
