"""Who may do what: role definitions, given to clients at scopes.

Rules: a client that no role was given to may do everything, so that tests that are not about permissions need
none. Actions match with `*` and without regard to case; `NotActions` take away. A NIC write needs, besides
its own action, the join action of each thing the NIC refers to. Texts: public issue reports of
AuthorizationFailed and LinkedAuthorizationFailed. Source: "Understand Azure role definitions".
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from .answers import Json
from .errors import ArmError

_JOINS = {
    "subnet": "Microsoft.Network/virtualNetworks/subnets/join/action",
    "publicIPAddress": "Microsoft.Network/publicIPAddresses/join/action",
    "applicationSecurityGroups": "Microsoft.Network/applicationSecurityGroups/joinIpConfiguration/action",
    "loadBalancerBackendAddressPools": "Microsoft.Network/loadBalancers/backendAddressPools/join/action",
    "loadBalancerInboundNatRules": "Microsoft.Network/loadBalancers/inboundNatRules/join/action",
    "networkSecurityGroup": "Microsoft.Network/networkSecurityGroups/join/action",
}


@dataclass(frozen=True, slots=True)
class Assignment:
    """A role at the scopes where it was given."""

    actions: Sequence[str]
    not_actions: Sequence[str]
    scopes: Sequence[str]

    def allows(self, action: str, scope: str) -> bool:
        inside = any(_within(scope, one) for one in self.scopes)
        return inside and _matches(self.actions, action) and not _matches(self.not_actions, action)


class Roles:
    """The roles of one cloud; a client of None is everyone."""

    def __init__(self) -> None:
        self._given: dict[str | None, list[Assignment]] = {}

    def give(
        self, definition: str | Mapping[str, Any], *, client: str | None, scopes: Sequence[str] = ()
    ) -> None:
        """Gives a custom role, in the JSON of `az role definition create`, at its own scopes unless others
        are named."""
        found = json.loads(definition) if isinstance(definition, str) else definition
        role = {name.lower(): value for name, value in found.items()}
        at = tuple(scopes) or tuple(role.get("assignablescopes", ()))
        assignment = Assignment(tuple(role["actions"]), tuple(role.get("notactions", ())), at)
        self._given.setdefault(client, []).append(assignment)

    def clear(self) -> None:
        self._given.clear()

    def check(self, client: str, action: str, scope: str) -> None:
        """Raises ArmError for what no role of the client allows."""
        if not self._allowed(client, action, scope):
            raise refused(client, action, scope)

    def check_joins(self, client: str, action: str, scope: str, nic: Json) -> None:
        """Raises ArmError for what the NIC refers to and the client may not join."""
        for join, linked in joins(nic):
            if not self._allowed(client, join, linked):
                raise refused_join(client, action, scope, join, linked)

    def _allowed(self, client: str, action: str, scope: str) -> bool:
        mine = [*self._given.get(client, ()), *self._given.get(None, ())]
        return not mine or any(one.allows(action, scope) for one in mine)


def refused(client: str, action: str, scope: str) -> ArmError:
    text = (
        f"The client '{client}' with object id '{client}' does not have authorization to perform action"
        f" '{action}' over scope '{scope}' or the scope is invalid. If access was recently granted, please"
        " refresh your credentials."
    )
    return ArmError(403, "AuthorizationFailed", text)


def refused_join(client: str, action: str, scope: str, join: str, linked: str) -> ArmError:
    text = (
        f"The client '{client}' with object id '{client}' has permission to perform action '{action}' on"
        f" scope '{scope}'; however, it does not have permission to perform action(s) '{join}' on the linked"
        f" scope(s) '{linked}' or the linked scope(s) are invalid."
    )
    return ArmError(403, "LinkedAuthorizationFailed", text)


def joins(nic: Json) -> Iterator[tuple[str, str]]:
    """The join actions that a NIC's body needs, each with the id of what is joined."""
    properties = nic.get("properties") or {}
    entries = [one.get("properties") or {} for one in properties.get("ipConfigurations") or ()]
    for holder in (properties, *entries):
        for name, action in _JOINS.items():
            found = holder.get(name) or []
            yield from ((action, one["id"]) for one in (found if isinstance(found, list) else [found]))


def _within(scope: str, outer: str) -> bool:
    one, other = scope.lower().rstrip("/") + "/", outer.lower().rstrip("/") + "/"
    return one.startswith(other)


def _matches(patterns: Sequence[str], action: str) -> bool:
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns)
