"""Paths, the journal, the topology, and what tests rely on besides."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address

import pytest

from tests.azure import client
from tests.azure.client import Plain, code
from tests.azure.place import VIP, Place, furnish, route
from vipswitch.testing.azure import ArmError, AzureCloud, build


@pytest.mark.parametrize("spell", [str.lower, str.upper])
def test_paths_compare_without_regard_to_case(spell: object, place: Place, ask: Plain) -> None:
    """And ids are answered as they were first written."""
    assert callable(spell)
    place.cloud.put(place.route, route("10.0.1.4"))
    found = ask.json("/subscriptions" + spell(place.route.removeprefix("/subscriptions")))
    assert found["id"] == place.route
    assert ask("GET", spell(place.nodes[0].nic_id)).status == 200


@pytest.mark.parametrize(
    ("path", "query", "refusal"),
    [
        ("{table}", "api-version=tomorrow", "InvalidApiVersionParameter"),
        ("{table}", "other=1", "MissingApiVersionParameter"),
        ("/subscriptions/another/providers/x/y", client.VERSION, "SubscriptionNotFound"),
        ("{elsewhere}", client.VERSION, "ResourceGroupNotFound"),
        ("/subscriptions/{subscription}/resourceGroups", client.VERSION, "InvalidResourceType"),
        ("/subscriptions/{subscription}/nothing", client.VERSION, "InvalidResourceType"),
        ("{table}/routes/none", client.VERSION, "NotFound"),
        ("{table}none/routes/vip", client.VERSION, "ResourceNotFound"),
        ("{zone}/A/none", client.VERSION, "NotFound"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_refused(path: str, query: str, refusal: str, place: Place, ask: Plain) -> None:
    """By what is missing, from the subscription down."""
    asked = path.format(
        table=place.table,
        zone=place.zone,
        subscription=place.cloud.subscription,
        elsewhere=place.table.replace(place.cloud.group, "none"),
    )
    assert code(ask("GET", asked, query=query)) == refusal


def test_a_body_that_is_no_object_is_refused(place: Place, ask: Plain) -> None:
    """Text, a list, or nothing at all."""
    for body in ("text", ["list"], None):
        assert code(ask("PUT", place.route, body)) == "InvalidRequestContent"


def test_nics_are_listed_by_group_with_their_tags(place: Place, ask: Plain) -> None:
    """So that peers can be found by a tag."""
    place.cloud.add_group("other")
    listed = ask.json(place.nodes[0].nic_id.rpartition("/")[0])["value"]
    assert [(nic["name"], nic["tags"]) for nic in listed] == [
        ("nic-node1", {"node": "node1"}),
        ("nic-node2", {"node": "node2"}),
    ]
    elsewhere = place.nodes[0].nic_id.rpartition("/")[0].replace(place.cloud.group, "other")
    assert ask.json(elsewhere)["value"] == []


def test_the_journal_tells_of_each_call(place: Place, ask: Plain) -> None:
    """Writes that were accepted in the order of their commits, all calls in that of their arrival."""
    place.cloud.journal.clear()
    heard: list[str] = []
    end = place.cloud.journal.subscribe(lambda call: heard.append(call.action))
    ask("GET", place.table)
    ask("PUT", place.route, route("10.0.1.4"))
    ask("PUT", place.route, route("10.0.1.5"), if_match="old")
    end()
    (write,) = place.cloud.journal.writes()
    calls = place.cloud.journal.calls()
    assert [call.status for call in calls] == [200, 201, 412]
    assert [call.error for call in calls] == [None, None, "PreconditionFailed"]
    assert (write.method, write.path, write.resource) == ("PUT", place.route, place.route)
    assert write.committed is not None
    assert write.received <= write.committed
    assert heard == [write.action] == ["Microsoft.Network/routeTables/routes/write"]
    assert write.client is not None
    assert "bearer" not in write.client


def test_seeds_are_in_no_journal(place: Place) -> None:
    """What a test does past the API is not a call."""
    assert place.cloud.journal.calls() == ()


def test_a_seed_is_refused_as_the_service_would(place: Place) -> None:
    """A test cannot build what could not be."""
    with pytest.raises(ArmError, match="PrivateIPAddressInReservedRange"):
        place.cloud.put(place.nodes[0].nic_id, place.with_vip(0, privateIPAddress="10.0.1.1"))
    with pytest.raises(ArmError, match="ResourceNotFound"):
        place.cloud.get(f"{place.nodes[0].nic_id}0")


def test_a_seed_supersedes_what_runs(place: Place, ask: Plain) -> None:
    """A foreign writer who asks nobody."""
    ask("PUT", place.route, route("10.0.1.4"))
    place.cloud.put(place.route, route("10.0.1.5"))
    assert place.cloud.get(place.route)["properties"]["provisioningState"] == "Succeeded"
    place.cloud.delete(place.route)
    assert place.cloud.get(place.table)["properties"]["routes"] == []


def test_each_cloud_begins_the_same() -> None:
    """Ids, guids and etags, so that a test that fails fails again."""
    one, other = furnish(AzureCloud()), furnish(AzureCloud())
    assert one.nic(0) == other.nic(0)
    assert one.cloud.get(one.table) == other.cloud.get(other.table)


@pytest.mark.parametrize("together", [True, False])
def test_the_topology_is_as_it_says(together: bool) -> None:
    """Each node's address is in its subnet, whose table is the nodes'."""
    cloud = AzureCloud()
    topology = build(cloud, nodes=3, clients=2, together=together, ipv6=True)
    assert topology.tables == ("rt-client1", "rt-client2", "rt-nodes")
    assert len({node.subnet.id for node in topology.nodes}) == (1 if together else 3)
    for node in topology.nodes:
        entries = cloud.get(node.nic_id)["properties"]["ipConfigurations"]
        addresses = [ip_address(entry["properties"]["privateIPAddress"]) for entry in entries]
        assert addresses == [node.private_ip, node.ipv6]
        assert node.private_ip in node.subnet.cidr
        assert node.ipv6 in node.subnet.ipv6_cidr
        assert cloud.get(node.subnet.id)["properties"]["routeTable"]["id"] == node.subnet.table_id


def test_a_machine_may_have_several_nics(place: Place) -> None:
    """One for each network that the node is in; the first is the primary one."""
    second = place.cloud.id("Microsoft.Network/networkInterfaces", "nic-second")
    body = {"location": place.cloud.location, "properties": {"ipConfigurations": [place.configuration()]}}
    place.cloud.put(second, body)
    machine = place.cloud.add_machine("node9", [second, place.nodes[0].nic_id])
    primaries = [place.cloud.get(id_)["properties"]["primary"] for id_ in (second, place.nodes[0].nic_id)]
    assert primaries == [True, False]
    assert len(place.cloud.get(machine)["properties"]["networkProfile"]["networkInterfaces"]) == 2


def test_writers_at_once_lose_no_write_and_share_no_address(place: Place) -> None:
    """Forty threads ask for one address on two NICs, under the etags that they have read."""
    place.cloud.rules.second_write = "supersede"

    def take(number: int) -> int:
        ask, node = Plain(place.cloud), number % 2
        nic = json.loads(ask("GET", place.nodes[node].nic_id).body)
        nic["properties"]["ipConfigurations"] = [
            *nic["properties"]["ipConfigurations"][:1],
            place.configuration(),
        ]
        return ask("PUT", place.nodes[node].nic_id, nic, if_match=nic["etag"]).status

    with ThreadPoolExecutor(8) as threads:
        statuses = list(threads.map(take, range(40)))
    assert set(statuses) <= {200, 400, 412}
    assert place.has_vip(0) is not place.has_vip(1)


def test_thousands_of_schedules_can_be_explored() -> None:
    """A cloud, two SDK calls and their answers in this process take a few milliseconds."""
    began = time.process_time()
    for _ in range(20):
        place = furnish(AzureCloud())
        network = client.network(place.cloud)
        nic = network.network_interfaces.get(place.cloud.group, "nic-node1")
        network.network_interfaces.begin_create_or_update(place.cloud.group, "nic-node1", nic, polling=False)
    assert (time.process_time() - began) / 20 < 0.2


def test_auto_registered_records_cannot_be_written(place: Place, ask: Plain) -> None:
    """They belong to a machine."""
    path = f"{place.private_zone}/A/node1"
    body = {"properties": {"ttl": 10, "aRecords": [{"ipv4Address": VIP}]}}
    place.cloud.put(path, body)
    place.cloud.auto_register(path)
    assert [ask("PUT", path, body).status, ask("DELETE", path).status] == [400, 400]


@pytest.mark.parametrize(
    "properties",
    [
        {"TTL": 0, "ARecords": [{"ipv4Address": VIP}]},
        {"ARecords": [{"ipv4Address": VIP}]},
        {"TTL": 20, "ARecords": [{"ipv4Address": "nowhere"}]},
        {"TTL": 20, "ARecords": [{}]},
    ],
)
def test_a_record_set_must_make_sense(properties: dict[str, object], place: Place, ask: Plain) -> None:
    """A TTL and addresses; the refusal is flat."""
    answer = ask("PUT", f"{place.zone}/A/www", {"properties": properties})
    assert (answer.status, json.loads(answer.body)["code"]) == (400, "BadRequest")


def test_a_record_set_is_deleted_under_its_etag(place: Place, ask: Plain) -> None:
    """One that is absent is no mistake, unless a certain one was meant."""
    path = f"{place.zone}/A/www"
    ask("PUT", path, {"properties": {"TTL": 20, "ARecords": [{"ipv4Address": VIP}]}})
    etag = ask.json(path)["etag"]
    statuses = [ask("DELETE", path, if_match=sent).status for sent in ("old", etag, etag)]
    assert [*statuses, ask("DELETE", path).status] == [412, 200, 412, 204]


def test_record_metadata_is_kept_and_replaced_with_the_set(place: Place, ask: Plain) -> None:
    """A mark of ours is there until the next write leaves it out."""
    path, records = f"{place.zone}/A/www", [{"ipv4Address": VIP}]
    for metadata in ({"mark": "node1"}, None):
        body = {
            "properties": {"TTL": 20, "ARecords": records, **({"metadata": metadata} if metadata else {})}
        }
        ask("PUT", path, body)
        assert ask.json(path)["properties"].get("metadata") == metadata
    effect = place.cloud.in_effect(path)
    assert effect is not None
    assert effect["properties"]["ARecords"] == records
