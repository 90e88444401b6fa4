"""How long an operation goes on, and what is so meanwhile."""

from __future__ import annotations

import json

import pytest

from tests.azure.client import Plain
from tests.azure.place import Place, furnish, route
from vipswitch.testing.azure import AzureCloud
from vipswitch.testing.wire import Answer


def _status(ask: Plain, answer: Answer, kind: str = "Azure-AsyncOperation") -> Answer:
    return ask("GET", "/" + answer.headers[kind].split("/", 3)[3].partition("?")[0])


@pytest.mark.parametrize("gets", [0, 1, 3])
def test_an_operation_ends_after_it_was_looked_at_so_often(gets: int) -> None:
    """The looks before see it running; the next one finds it at its end."""
    place = furnish(AzureCloud(operation_gets=gets))
    ask = Plain(place.cloud)
    answer = ask("PUT", place.route, route("10.0.1.4"))
    seen = [json.loads(_status(ask, answer).body)["status"] for _ in range(gets + 1)]
    assert seen == ["InProgress"] * gets + ["Succeeded"]


@pytest.mark.parametrize("read", ["table", "route", "list"])
def test_a_look_at_the_resource_counts_as_one(read: str, place: Place, ask: Plain) -> None:
    """Whoever reads the table, its route or all tables sees it go on."""
    ask("PUT", place.route, route("10.0.1.4"))
    paths = {"table": place.table, "route": place.route, "list": place.table.rpartition("/")[0]}
    for _ in range(2):
        ask.json(paths[read])
    assert place.cloud.get(place.table)["properties"]["provisioningState"] == "Succeeded"


def test_a_look_past_the_api_does_not_count(place: Place, ask: Plain) -> None:
    """A test that looks for the truth changes nothing."""
    ask("PUT", place.route, route("10.0.1.4"))
    for _ in range(5):
        assert place.cloud.get(place.table)["properties"]["provisioningState"] == "Updating"
    assert ask.json(place.table)["properties"]["provisioningState"] == "Updating"


def test_a_write_is_seen_at_once_and_in_effect_when_it_is_carried_out(place: Place, ask: Plain) -> None:
    """What is read tells what was asked; packets follow what was done."""
    ended: list[str] = []
    place.cloud.subscribe(ended.append)
    ask("PUT", place.route, route("10.0.1.4"))
    asked, effect = place.cloud.get(place.table), place.cloud.in_effect(place.table)
    assert effect is not None
    assert (len(asked["properties"]["routes"]), len(effect["properties"]["routes"])) == (1, 0)
    place.cloud.finish()
    effect = place.cloud.in_effect(place.table)
    assert effect is not None
    assert effect["properties"]["routes"][0]["properties"]["nextHopIpAddress"] == "10.0.1.4"
    assert ended == [place.table]


def test_a_listener_hears_of_one_end_at_a_time() -> None:
    """Also where it looks at the cloud, when the time of several operations is over."""
    now = [0.0]
    place = furnish(AzureCloud(now=lambda: now[0], operation_s=1.0))
    tables = [place.table, place.nodes[0].subnet.table_id]
    for table in tables:
        Plain(place.cloud)("PUT", f"{table}/routes/vip", route("10.0.1.4"))
    heard: list[tuple[str, str]] = []

    def listen(ended: str) -> None:
        heard.append(("begins", ended))
        for table in tables:
            place.cloud.in_effect(table)
        heard.append(("ends", ended))

    place.cloud.subscribe(listen)
    now[0] = 2.0
    place.cloud.settle()
    assert heard == [(moment, table) for table in tables for moment in ("begins", "ends")]


def test_all_of_a_table_is_updating_while_one_route_is(place: Place, ask: Plain) -> None:
    """One etag and one operation for the table and its routes."""
    place.cloud.put(f"{place.table}/routes/other", route("10.0.1.9", "10.9.0.51/32"))
    ask("PUT", place.route, route("10.0.1.4"))
    table = place.cloud.get(place.table)
    states = {one["properties"]["provisioningState"] for one in table["properties"]["routes"]}
    etags = {one["etag"] for one in table["properties"]["routes"]}
    assert (states, etags) == ({"Updating"}, {table["etag"]})


def test_another_routes_write_makes_a_tables_etag_old(place: Place, ask: Plain) -> None:
    """412 with one's own route unchanged: a reason to read again, not to give up."""
    place.cloud.put(place.route, route("10.0.1.4"))
    etag = place.cloud.get(place.table)["etag"]
    ask("PUT", f"{place.table}/routes/other", route("10.0.1.9", "10.9.0.51/32"))
    place.cloud.finish()
    assert ask("PUT", place.route, route("10.0.1.5"), if_match=etag).status == 412


def test_a_whole_table_is_replaced_under_its_etag(place: Place, ask: Plain) -> None:
    """The way in which a route is created only if nobody changed the table."""
    table = place.cloud.get(place.table)
    table["properties"]["routes"] = [{"name": "vip", **route("10.0.1.4")}]
    assert ask("PUT", place.table, table, if_match=table["etag"]).status == 200
    assert ask("PUT", place.table, table, if_match=table["etag"]).status == 412


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        (route("10.0.1.4", "10.9.0.50"), 201),
        (route("10.0.1.4", "10.9.0.0/33"), 400),
        (route("nowhere"), 400),
        (route("fd00::4", "fd00:9::50/128"), 201),
        (
            {
                "properties": {
                    "addressPrefix": "10.9.0.0/24",
                    "nextHopType": "None",
                    "nextHopIpAddress": "10.0.1.4",
                }
            },
            400,
        ),
        ({"properties": {"addressPrefix": "10.9.0.0/24", "nextHopType": "Elsewhere"}}, 400),
        ({"properties": {"nextHopType": "Internet"}}, 400),
        ({"properties": {"addressPrefix": "10.9.0.0/24", "nextHopType": "Internet"}}, 201),
    ],
)
def test_a_route_must_make_sense(body: dict[str, object], refusal: int, place: Place, ask: Plain) -> None:
    """A prefix, a type, and a next hop for an appliance only."""
    assert ask("PUT", place.route, body).status == refusal


def test_one_prefix_has_one_route(place: Place, ask: Plain) -> None:
    """Whatever its name."""
    place.cloud.put(place.route, route("10.0.1.4"))
    assert ask("PUT", f"{place.table}/routes/second", route("10.0.1.5")).status == 400


def test_a_table_holds_400_routes(place: Place, ask: Plain) -> None:
    """The limit of the platform."""
    table = place.cloud.get(place.table)
    table["properties"]["routes"] = [
        {"name": f"r{n}", **route("10.0.1.4", f"10.{n // 200}.{n % 200}.0/24")} for n in range(400)
    ]
    place.cloud.put(place.table, table)
    assert ask("PUT", place.route, route("10.0.1.4")).status == 400


def test_a_deletion_is_seen_until_it_is_carried_out(place: Place, ask: Plain) -> None:
    """Deleting, and then gone; its result is asked for at the Location."""
    place.cloud.put(place.route, route("10.0.1.4"))
    answer = ask("DELETE", place.route)
    assert place.cloud.get(place.route)["properties"]["provisioningState"] == "Deleting"
    assert [_status(ask, answer, "Location").status for _ in range(2)] == [202, 204]
    assert ask("GET", place.route).status == 404


def test_a_deletion_that_fails_leaves_the_route(place: Place, ask: Plain) -> None:
    """With its table Failed."""
    place.cloud.put(place.route, route("10.0.1.4"))
    place.cloud.faults.fail_operation("InternalServerError")
    ask("DELETE", place.route)
    place.cloud.finish()
    assert place.cloud.get(place.route)["properties"]["provisioningState"] == "Failed"


def test_a_table_in_use_is_not_deleted(place: Place, ask: Plain) -> None:
    """A subnet's traffic hangs on it, which the table also tells."""
    assert ask.json(place.table)["properties"]["subnets"] == [{"id": place.topology.clients[0].id}]
    assert ask("DELETE", place.table).status == 400


def test_an_unknown_operation_is_not_found(place: Place, ask: Plain) -> None:
    """404, as any other thing that is not there."""
    path = f"/subscriptions/{place.cloud.subscription}/providers/Microsoft.Network/locations/x/operations/y"
    assert ask("GET", path).status == 404
