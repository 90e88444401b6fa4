"""The cloud refuses in the words that Azure is documented to use."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.azure.client import Plain
from tests.azure.place import Place, route
from tests.azure.replay import FOLDER, Words
from vipswitch.testing.wire import Answer

DOCUMENTED: dict[str, Any] = json.loads((FOLDER / "refusals.json").read_text())

Provoke = Callable[[Place, Plain], Answer]


def _put_nic(place: Place, ask: Plain, nic: dict[str, Any], node: int = 0, **headers: str) -> Answer:
    return ask("PUT", place.nodes[node].nic_id, nic, **headers)


def _address_taken(place: Place, ask: Plain) -> Answer:
    place.cloud.put(place.nodes[0].nic_id, place.with_vip(0))
    return _put_nic(place, ask, place.with_vip(1), 1)


def _outside(place: Place, ask: Plain) -> Answer:
    _one_prefix(place)
    return _put_nic(place, ask, place.with_vip(0, privateIPAddress="10.0.9.9"))


def _reserved(place: Place, ask: Plain) -> Answer:
    return _put_nic(place, ask, place.with_vip(0, privateIPAddress="10.0.1.3"))


def _two_subnets(place: Place, ask: Plain) -> Answer:
    subnet = place.topology.clients[0].id
    return _put_nic(place, ask, place.with_vip(0, privateIPAddress="10.0.100.9", subnet={"id": subnet}))


def _no_subnet(place: Place, ask: Plain) -> Answer:
    return _put_nic(place, ask, place.with_vip(0, subnet=None))


def _no_primary(place: Place, ask: Plain) -> Answer:
    nic = place.with_vip(0)
    nic["properties"]["ipConfigurations"][0]["properties"]["primary"] = False
    return _put_nic(place, ask, nic)


def _public_ip_taken(place: Place, ask: Plain) -> Answer:
    public = {"id": place.public_ip}
    place.cloud.put(place.nodes[0].nic_id, place.with_vip(0, publicIPAddress=public))
    other = place.with_vip(1, privateIPAddress="10.0.1.51", publicIPAddress=public)
    return _put_nic(place, ask, other, 1)


def _old_etag(place: Place, ask: Plain) -> Answer:
    nic = place.nic(0)
    place.cloud.put(place.nodes[0].nic_id, nic)
    return _put_nic(place, ask, nic, if_match=nic["etag"])


def _retryable(place: Place, ask: Plain) -> Answer:
    ask("PUT", place.route, route("10.0.1.4"))
    return ask("PUT", place.route, route("10.0.1.5"))


def _another(place: Place, ask: Plain) -> Answer:
    place.cloud.rules.second_write = "conflict"
    return _retryable(place, ask)


def _not_provisioned(place: Place, ask: Plain) -> Answer:
    vnet = place.topology.vnet_id
    ask("PUT", vnet, place.cloud.get(vnet))
    return _put_nic(place, ask, place.with_vip(0))


def _superseded(place: Place, ask: Plain) -> Answer:
    place.cloud.rules.second_write = "supersede"
    first = ask("PUT", place.route, route("10.0.1.4"))
    ask("PUT", place.route, route("10.0.1.5"))
    url = first.headers["Azure-AsyncOperation"]
    return ask("GET", "/" + url.split("/", 3)[3].partition("?")[0])


def _not_allowed(place: Place, ask: Plain) -> Answer:
    _give(place, "Microsoft.Network/*/read")
    return _put_nic(place, ask, place.nic(0))


def _not_joined(place: Place, ask: Plain) -> Answer:
    _give(place, "Microsoft.Network/networkInterfaces/*")
    return _put_nic(place, ask, place.nic(0))


def _token_ended(place: Place, _: Plain) -> Answer:
    token = place.cloud.token()
    place.cloud.arm.tokens.expire()
    return Plain(place.cloud, token)("GET", place.table)


def _no_version(place: Place, ask: Plain) -> Answer:
    return ask("GET", place.table, query="")


def _no_resource(place: Place, ask: Plain) -> Answer:
    return ask("GET", place.nodes[0].nic_id.replace("node1", "node9"))


def _no_zone(place: Place, ask: Plain) -> Answer:
    path = f"{place.zone}x/A/www"
    return ask("PUT", path, {"properties": {"TTL": 60, "ARecords": [{"ipv4Address": "10.0.0.1"}]}})


def _one_prefix(place: Place) -> None:
    vnet = place.cloud.get(place.topology.vnet_id)
    for subnet in vnet["properties"]["subnets"]:
        subnet["properties"]["addressPrefixes"] = subnet["properties"]["addressPrefixes"][:1]
    place.cloud.put(place.topology.vnet_id, vnet)


def _give(place: Place, action: str) -> None:
    scope = f"/subscriptions/{place.cloud.subscription}"
    place.cloud.roles.give({"Actions": [action], "AssignableScopes": [scope]}, client=None)


PROVOKED: dict[str, Provoke] = {
    "address taken": _address_taken,
    "address outside the subnet": _outside,
    "address reserved": _reserved,
    "two subnets": _two_subnets,
    "no subnet": _no_subnet,
    "no primary": _no_primary,
    "public ip taken": _public_ip_taken,
    "old etag": _old_etag,
    "another operation, retryable": _retryable,
    "another operation": _another,
    "reference not provisioned": _not_provisioned,
    "superseded": _superseded,
    "not allowed": _not_allowed,
    "not allowed to join": _not_joined,
    "token ended": _token_ended,
    "no api-version": _no_version,
    "no such resource": _no_resource,
    "no such zone": _no_zone,
}


def test_every_documented_refusal_is_provoked() -> None:
    """A new entry in the file is not forgotten here, and each has its source."""
    assert set(PROVOKED) == set(DOCUMENTED)
    assert all(refusal["source"] for refusal in DOCUMENTED.values())


@pytest.mark.parametrize("name", DOCUMENTED)
def test_refusals_are_worded_as_documented(name: str, place: Place, ask: Plain) -> None:
    """Status, code, text and details are those that are documented."""
    documented, answer = DOCUMENTED[name], PROVOKED[name](place, ask)
    words = Words({"group": place.cloud.group})
    differences = words.differences(documented["body"], json.loads(answer.body), frozenset())
    assert (answer.status, list(differences)) == (documented["status"], [])


def test_the_address_that_is_taken_is_said_by_whom(place: Place, ask: Plain) -> None:
    """Who has to give way can be read from the refusal."""
    message = json.loads(_address_taken(place, ask).body)["error"]["message"]
    assert f"allocated to resource {place.nodes[0].nic_id}/ipConfigurations/vip" in message
