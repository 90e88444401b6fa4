"""Who may do what."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.azure.client import Plain, code
from tests.azure.place import Place, route

READ = "Microsoft.Network/routeTables/read"
WRITE = "Microsoft.Network/routeTables/routes/write"


def _role(actions: list[str], scope: str, without: tuple[str, ...] = ()) -> dict[str, Any]:
    """As `az role definition create` takes it."""
    return {"Name": "vipswitch", "Actions": actions, "NotActions": list(without), "AssignableScopes": [scope]}


def test_everything_is_allowed_until_a_role_is_given(place: Place, ask: Plain) -> None:
    """Tests that are not about permissions need none."""
    assert ask("PUT", place.route, route("10.0.1.4")).status == 201


@pytest.mark.parametrize(
    ("actions", "without", "allowed"),
    [
        ([WRITE], (), True),
        (["microsoft.network/ROUTETABLES/routes/write"], (), True),
        (["Microsoft.Network/*"], (), True),
        (["*"], (WRITE,), False),
        ([READ], (), False),
        (["Microsoft.Network/routeTables/write"], (), False),
    ],
)
def test_a_role_allows_its_actions_and_no_others(
    actions: list[str], without: tuple[str, ...], allowed: bool, place: Place, ask: Plain
) -> None:
    """With `*`, whatever the case, and without the NotActions."""
    place.cloud.roles.give(_role(actions, place.table, without), client=None)
    assert ask("PUT", place.route, route("10.0.1.4")).status == (201 if allowed else 403)


def test_a_role_ends_at_its_scope(place: Place, ask: Plain) -> None:
    """At one table, and not at one whose name begins alike."""
    place.cloud.roles.give(json.dumps(_role(["*"], place.table)), client=None)
    other = f"{place.table}0"
    place.cloud.put(other, {"location": place.cloud.location})
    assert (ask("GET", place.table).status, ask("GET", other).status) == (200, 403)


def test_each_client_has_its_own_roles(place: Place) -> None:
    """A node's identity is judged by what it was given, another by nothing."""
    place.cloud.roles.give(_role([READ], place.table), client="node1")
    asks = [Plain(place.cloud, place.cloud.token(client)) for client in ("node1", "admin")]
    assert [ask("PUT", place.route, route("10.0.1.4")).status for ask in asks] == [403, 201]
    place.cloud.roles.clear()
    place.cloud.finish()
    assert asks[0]("PUT", place.route, route("10.0.1.4")).status == 200


def test_a_refusal_is_not_a_look(place: Place, ask: Plain) -> None:
    """Who may not read learns nothing, and no operation goes on for it."""
    ask("PUT", place.route, route("10.0.1.4"))
    place.cloud.roles.give(_role([WRITE], place.table), client=None)
    for _ in range(3):
        assert ask("GET", place.table).status == 403
    assert place.cloud.get(place.table)["properties"]["provisioningState"] == "Updating"


@pytest.mark.parametrize(
    ("refers", "action"),
    [
        ("publicIPAddress", "Microsoft.Network/publicIPAddresses/join/action"),
        ("networkSecurityGroup", "Microsoft.Network/networkSecurityGroups/join/action"),
        (
            "applicationSecurityGroups",
            "Microsoft.Network/applicationSecurityGroups/joinIpConfiguration/action",
        ),
        (
            "loadBalancerBackendAddressPools",
            "Microsoft.Network/loadBalancers/backendAddressPools/join/action",
        ),
    ],
)
def test_each_thing_that_a_nic_refers_to_needs_its_join_action(
    refers: str, action: str, place: Place, ask: Plain
) -> None:
    """Also what the write does not change."""
    nic, subnet = place.nic(0), "Microsoft.Network/virtualNetworks/subnets/join/action"
    holder = nic["properties"]
    if refers != "networkSecurityGroup":
        holder = holder["ipConfigurations"][0]["properties"]
    reference = {"id": place.public_ip}
    holder[refers] = [reference] if refers.endswith("s") and refers != "publicIPAddress" else reference
    scope = f"/subscriptions/{place.cloud.subscription}"
    allowed = ["Microsoft.Network/networkInterfaces/*", subnet]
    place.cloud.roles.give(_role(allowed, scope), client=None)
    refusal = ask("PUT", place.nodes[0].nic_id, nic)
    assert (refusal.status, code(refusal)) == (403, "LinkedAuthorizationFailed")
    assert f"action(s) '{action}' on the linked scope(s) '{place.public_ip}'" in refusal.body.decode()
    place.cloud.roles.give(_role([action], scope), client=None)
    assert ask("PUT", place.nodes[0].nic_id, nic).status == 200
