"""Operations: when they end, what is in them, and that one request is one operation."""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.gcp.client import Plain, failed, reason
from tests.gcp.place import ALIAS, ROUTED, Place, furnish
from vipswitch.testing.gcp import GcpCloud
from vipswitch.testing.wire import Answer

NIC = {"networkInterface": "nic0"}


def _path(operation: dict[str, Any]) -> str:
    return "/compute/v1/" + str(operation["selfLink"]).split("/v1/")[1]


@pytest.mark.parametrize("gets", [0, 1, 3])
def test_an_operation_ends_after_so_many_looks(gets: int) -> None:
    """At it, or at what it is on."""
    for look in ("operation", "resource", "list"):
        place = furnish(GcpCloud(operation_gets=gets))
        operation = place.ask.done(
            "PATCH", place.path(0, "updateNetworkInterface"), place.alias(ALIAS), **NIC
        )
        paths = {
            "operation": _path(operation),
            "resource": place.path(),
            "list": f"zones/{place.nodes[0].zone}/instances",
        }
        for _ in range(gets):
            place.ask.json(paths[look])
        assert place.aliases() == []
        place.ask.json(paths[look])
        assert place.aliases() == [ALIAS]


def test_an_operation_may_end_by_the_clock() -> None:
    """And nothing else ends it."""
    now = [0.0]
    place = furnish(GcpCloud(now=lambda: now[0], operation_s=5.0))
    operation = place.ask.done("POST", "global/routes", place.route())
    assert operation["insertTime"] == "2025-12-31T17:00:00.000-07:00"
    for now[0], status in ((4.9, "RUNNING"), (5.0, "DONE")):
        assert place.ask.json(_path(operation))["status"] == status
    assert place.cloud.next_hops(ROUTED) == [place.nodes[0].path]


def test_an_operation_ends_while_nobody_asks() -> None:
    """In a cloud that serves a network."""
    ended = threading.Event()
    with GcpCloud(operation_s=0.01) as cloud:
        place = furnish(cloud)
        cloud.subscribe(lambda path: path.endswith("/routes/vip") and ended.set())
        place.ask.done("POST", "global/routes", place.route())
        assert ended.wait(5)


@pytest.mark.parametrize("place_of", ["global", "zone"])
def test_waiting_ends_with_the_operation(place_of: str, place: Place, ask: Plain) -> None:
    """`wait` answers with the operation at its end."""
    if place_of == "global":
        operation = ask.done("POST", "global/routes", place.route())
    else:
        operation = ask.done("PATCH", place.path(0, "updateNetworkInterface"), place.alias(ALIAS), **NIC)
    assert ask.done("POST", f"{_path(operation)}/wait")["status"] == "DONE"


def test_who_waits_keeps_nobody_else_waiting() -> None:
    """The wait goes on beside other requests, until the clock ends the operation."""
    now = [0.0]
    place = furnish(GcpCloud(now=lambda: now[0], operation_s=5.0))
    operation = place.ask.done("POST", "global/routes", place.route())
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(place.ask.done, "POST", f"{_path(operation)}/wait")
        assert place.ask.json(_path(operation))["status"] == "RUNNING"
        assert not waiting.done()
        now[0] = 5.0
        assert waiting.result(5)["status"] == "DONE"


def test_a_request_that_is_repeated_is_one_operation(place: Place, ask: Plain) -> None:
    """By its requestId, of the same client; without one the name is taken."""
    asked = {"requestId": str(uuid.uuid4())}
    first = ask.done("POST", "global/routes", place.route(), **asked)
    again = ask.done("POST", "global/routes", place.route(), **asked)
    assert (again["name"], again["status"]) == (first["name"], "RUNNING")
    place.cloud.finish()
    assert ask.done("POST", "global/routes", place.route(), **asked)["status"] == "DONE"
    assert reason(ask("POST", "global/routes", place.route())) == (409, "alreadyExists")
    stranger = Plain(place.cloud, "stranger")
    assert reason(stranger("POST", "global/routes", place.route(), **asked)) == (409, "alreadyExists")


@pytest.mark.parametrize("id_", ["x", "00000000-0000-0000-0000-000000000000"])
def test_a_request_id_is_a_uuid(id_: str, place: Place, ask: Plain) -> None:
    """And not the one of all zeros."""
    assert reason(ask("POST", "global/routes", place.route(), requestId=id_)) == (400, "invalid")


def test_operations_of_one_resource_end_in_their_order(place: Place, ask: Plain) -> None:
    """Looking at the later one ends the earlier one first."""
    place.cloud.rules.second_write = "queued"
    path = place.path(0, "updateNetworkInterface")
    first = ask.done("PATCH", path, place.alias(ALIAS), **NIC)
    second = ask.done("PATCH", path, place.alias("10.0.1.51/32"), **NIC)
    for _ in range(2):
        told = ask.json(_path(second))
    assert failed(ask.json(_path(first))) is None
    assert failed(told) == "CONDITION_NOT_MET"
    assert place.aliases() == [ALIAS]


def test_an_unknown_operation_is_not_found(ask: Plain) -> None:
    """In all scopes, and for who waits."""
    for scope in ("global", "zones/europe-west1-b", "regions/europe-west1"):
        assert reason(ask("GET", f"{scope}/operations/none")) == (404, "notFound")
        assert reason(ask("POST", f"{scope}/operations/none/wait")) == (404, "notFound")


def test_writers_at_once_share_no_address(place: Place) -> None:
    """Forty threads ask for one alias on two NICs."""

    def take(number: int) -> Answer:
        node = number % 2
        body = place.alias(ALIAS, node=node)
        answer = place.ask("PATCH", place.path(node, "updateNetworkInterface"), body, **NIC)
        place.cloud.finish()
        return answer

    with ThreadPoolExecutor(8) as threads:
        assert {answer.status for answer in threads.map(take, range(40))} <= {200, 400, 412}
    assert sorted([place.aliases(0), place.aliases(1)]) == [[], [ALIAS]]
